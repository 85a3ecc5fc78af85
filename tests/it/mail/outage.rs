//! The server is down for ten minutes, and nothing is lost.

use std::time::Duration;

use super::{app, send, welcome_to, work_for};
use crate::support::smtp::{SmtpServerThatIsDown, message_ids};
use crate::support::{TestDatabase, on_both_databases};

const MAILS: usize = 100;
/// How often the worker looks; retries are minutes apart by then.
const STEP: Duration = Duration::from_secs(3);

on_both_databases!(rel_08_ten_minutes_without_a_server_lose_no_mail);

async fn rel_08_ten_minutes_without_a_server_lose_no_mail(database: TestDatabase) {
    let down = SmtpServerThatIsDown::new();
    let app = app(database, &down.dsn()).await;
    for number in 0..MAILS {
        send(&app, welcome_to(&format!("vera{number}@example.org"))).await.unwrap();
    }
    work_for(&app, Duration::from_secs(600), STEP).await;
    assert_eq!((app.queue("default").len(), app.queue("failed").len()), (MAILS, 0));

    let server = down.start();
    work_for(&app, Duration::from_secs(330), STEP).await;
    let mails = server.mails();
    assert_eq!((mails.len(), message_ids(&mails).len()), (MAILS, MAILS));
    assert_eq!(app.queued(), 0, "nothing waits and nothing was given up");
}
