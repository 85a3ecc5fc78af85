//! Profiles made by hand: dispatches on a small messenger, recorded as those of a request are.

use messenger::transport::{InMemoryTransport, SyncTransport};
use messenger::{BusName, Context, Envelope, Handler, HandlerError, Message, Messenger};
use ponka::developer::profiler::{self, Answer, Profiler, Request};
use ponka::middleware::Audit;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::support::TestApp;

pub(super) const BUS: BusName = BusName::new("default.bus");

/// A message with any body.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct SendEmailMessage(pub(super) Value);

impl Message for SendEmailMessage {
    const NAME: &'static str = r"App\Mailer\SendEmailMessage";
}

/// Another one, which a handler refuses if it says so.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Anything(pub(super) Value);

impl Message for Anything {
    const NAME: &'static str = r"App\Message\Anything";
}

struct Accept;

impl Handler<SendEmailMessage, ()> for Accept {
    type Output = ();

    async fn handle(&self, _: &SendEmailMessage, _: &mut Context<()>) -> Result<(), HandlerError> {
        Ok(())
    }
}

impl Handler<Anything, ()> for Accept {
    type Output = ();

    async fn handle(&self, message: &Anything, _: &mut Context<()>) -> Result<(), HandlerError> {
        match message.0["refuse"].as_str() {
            Some(reason) => Err(anyhow::anyhow!("{reason}").into()),
            None => Ok(()),
        }
    }
}

/// A messenger whose mails go to `queue` (kept in memory), `now` (handled at once), or nowhere.
pub(super) fn messenger(app: &TestApp, mails: &[&str]) -> Messenger<()> {
    Messenger::builder(|| ())
        .clock(app.kernel.clock.clone())
        .dispatch_listener(profiler::Messages)
        .bus(BUS, |bus| {
            bus.middleware(Audit).handler::<SendEmailMessage>(Accept).handler::<Anything>(Accept)
        })
        .transport("queue", InMemoryTransport::new(app.kernel.clock.clone(), None))
        .transport("now", SyncTransport)
        .route::<SendEmailMessage>(mails)
        .build()
        .expect("the messenger can be built")
}

pub(super) fn profiler(app: &TestApp) -> &Profiler {
    &app.kernel.developer.as_ref().expect("a profiler in dev").profiler
}

/// Dispatches these as a request would; gives the token.
pub(super) async fn record(
    app: &TestApp,
    messenger: &Messenger<()>,
    messages: impl IntoIterator<Item = Envelope>,
) -> String {
    let recording = profiler(app).begin(Request::default(), None);
    profiler::record(recording.clone(), async {
        for message in messages {
            // What fails is what the test looks for.
            let _ = messenger.dispatch_on(BUS, message).await;
        }
    })
    .await;
    recording.finish(Answer { status: 200, ..Answer::default() });
    profiler(app).keep(recording.clone());
    recording.token().to_owned()
}
