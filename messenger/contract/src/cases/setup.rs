//! Making what a transport needs.

use crate::fixture::Fixture;
use crate::message::{message, numbers};
use crate::subject::{Checked, Subject};

pub(super) async fn setting_up_twice_and_at_once_does_no_harm<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    let (ours, theirs) = tokio::join!(f.transport.setup(), f.rival.setup());
    assert_eq!(ours.expect("set up"), theirs.expect("set up"));
    f.send(message(1)).await;
    f.transport.setup().await.expect("set up again");
    f.other.setup().await.expect("set up");
    assert_eq!(numbers(&f.get(10).await), [1], "what waits is still there");
    Ok(())
}
