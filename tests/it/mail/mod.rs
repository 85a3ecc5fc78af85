//! Mails from the dispatch to the server that takes them, and everything that goes wrong between.

mod addresses;
mod attachments;
mod connections;
mod failing;
mod hostile;
mod outage;
mod places;
mod sending;
mod wording;

use std::time::Duration;

use mail_parser::{Message, MessageParser};
use messenger::{DispatchError, Envelope};
use ponka::mailer::{Email, Mailer};
use ponka::message::COMMAND_BUS;

use crate::support::smtp::Received;
use crate::support::{TestApp, TestDatabase};

/// Where the links of these tests lead.
const HOME: &str = "https://ponka.example/gallery";

/// The gallery whose mails go there, with the address of its links.
async fn app(database: TestDatabase, dsn: &str) -> TestApp {
    TestApp::builder(database).var("MAILER_DSN", dsn).var("DEFAULT_URI", HOME).start().await
}

/// The same, but mails wait for nobody.
async fn unrouted(database: TestDatabase, dsn: &str) -> TestApp {
    let builder = TestApp::builder(database).var("MAILER_DSN", dsn).var("DEFAULT_URI", HOME);
    builder.replace("SendEmailMessage = [\"async\"]", "").start().await
}

/// A welcome to Vera.
fn welcome() -> Email {
    welcome_to("Vera Example <vera@example.org>")
}

fn welcome_to(mailbox: &str) -> Email {
    Email::new("welcome").to(mailbox.parse().unwrap()).context("name", "Vera Example")
}

async fn send(app: &TestApp, email: impl Into<Envelope>) -> Result<(), DispatchError> {
    let mut cx = app.kernel.messenger.context(COMMAND_BUS);
    Mailer.send(&mut cx, email).await
}

/// Works on for so long by the app's clock, which is moved in steps.
async fn work_for(app: &TestApp, time: Duration, step: Duration) {
    let end = app.clock.now() + time;
    while app.clock.now() < end {
        app.work().await;
        app.clock.advance(step);
    }
    app.work().await;
}

/// Works on for a few seconds by the app's clock.
async fn work_on(app: &TestApp) {
    work_for(app, Duration::from_secs(10), Duration::from_secs(1)).await;
}

fn parsed(mail: &Received) -> Message<'_> {
    MessageParser::default().parse(&mail.message).expect("a mail can be read")
}

/// The error of the only message in the failure transport.
fn error_of_failed(app: &TestApp) -> String {
    let headers = app
        .database
        .values("SELECT headers AS value FROM messenger_messages WHERE queue_name = 'failed'");
    assert_eq!(headers.len(), 1, "{headers:#?}");
    let headers: serde_json::Value = serde_json::from_str(&headers[0]).unwrap();
    let details = r"X-Message-Stamp-Symfony\Component\Messenger\Stamp\ErrorDetailsStamp";
    let details: serde_json::Value =
        serde_json::from_str(headers[details].as_str().unwrap()).unwrap();
    details.as_array().unwrap().last().unwrap()["exceptionMessage"].as_str().unwrap().to_owned()
}
