//! Who operates the gallery.

use super::vera;
use crate::support::{TestApp, TestDatabase};

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_an_operator_by_default_and_nobody_sees_their_pages() {
    let app = TestApp::start(TestDatabase::sqlite()).await;
    let visitor = vera(&app).await;
    assert_eq!(app.database.values("SELECT role AS value FROM app_user"), ["user"]);
    for path in ["/ops", "/ops/failed", "/ops/workers", "/ops/messages/1"] {
        assert_eq!(visitor.get(path).await.status, 404, "{path}");
    }
}
