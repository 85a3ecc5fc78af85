//! The first program of the README: a queue in a file, and the worker that empties it.

use messenger::{HandlerError, Message, worker::*};
use messenger_doctrine::Database;

#[derive(Debug, serde::Serialize, serde::Deserialize, Message)]
struct Greet {
    name: String,
}

async fn greet(greet: &Greet) -> Result<(), HandlerError> {
    println!("Hello, {}", greet.name);
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let messenger = messenger_doctrine::builder(&Database::open("sqlite://queue.sqlite")?)
        .handler(greet)
        .transport_dsn("async", "doctrine://default")
        .route::<Greet>(&["async"])
        .build()?;
    messenger.dispatch(Greet { name: "Vera".into() }).await?; // now it is a row
    let worker = Worker::new(messenger, &["async"], WorkerOptions::default())?;
    worker.run(async { tokio::signal::ctrl_c().await.unwrap_or_default() }).await;
    Ok(())
}
