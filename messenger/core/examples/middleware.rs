//! A middleware: a step through which every message of a bus goes, on its way to the queue and once
//! more in the worker.

use messenger::stamp::ReceivedStamp;
use messenger::worker::{Worker, WorkerOptions};
use messenger::{
    Context, DispatchError, Envelope, Message, Messenger, Middleware, Next, Scope, async_trait,
};
use serde::{Deserialize, Serialize};

/// Says what comes by and what became of it.
struct Audit;

#[async_trait]
impl<S: Scope> Middleware<S> for Audit {
    async fn handle(
        &self,
        envelope: Envelope,
        cx: &mut Context<S>,
        next: Next<S>,
    ) -> Result<Envelope, DispatchError> {
        let (name, received) = (envelope.name().to_owned(), envelope.has::<ReceivedStamp>());
        let result = next.run(envelope, cx).await;
        match (received, result.is_ok()) {
            (false, true) => println!("{name} was dispatched"),
            (true, true) => println!("{name} was handled by a worker"),
            (_, false) => println!("{name} failed"),
        }
        result
    }

    fn name(&self) -> &'static str {
        "audit"
    }
}

#[derive(Debug, Serialize, Deserialize, Message)]
struct Greet {
    name: String,
}

async fn greet(greet: &Greet) {
    println!("Hello, {}", greet.name);
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let messenger = Messenger::builder(|| ())
        .bus("bus", |bus| bus.middleware(Audit).handler(greet))
        .transport_dsn("async", "in-memory://")
        .route::<Greet>(&["async"])
        .build()?;

    messenger.dispatch(Greet { name: "Vera".to_owned() }).await?;
    Worker::new(messenger, &["async"], WorkerOptions::default())?.run_once().await;
    Ok(())
}
