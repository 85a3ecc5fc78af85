//! A web service with its worker in the same process: a request is answered when its message is
//! stored, and handled behind it.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use messenger::worker::{Worker, WorkerOptions};
use messenger::{Message, Messenger};
use messenger_doctrine::{Database, UnitOfWork};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

#[derive(Debug, Serialize, Deserialize, Message)]
struct Greet {
    name: String,
}

async fn greet(greet: &Greet) {
    println!("Hello, {}", greet.name);
}

async fn take(
    State(messenger): State<Messenger<UnitOfWork>>,
    Path(name): Path<String>,
) -> StatusCode {
    match messenger.dispatch(Greet { name }).await {
        Ok(_) => StatusCode::ACCEPTED,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

async fn interrupted() {
    tokio::signal::ctrl_c().await.unwrap_or_default();
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let messenger = messenger_doctrine::builder(&Database::open("sqlite://service.sqlite")?)
        .handler(greet)
        .transport_dsn("async", "doctrine://default")
        .route::<Greet>(&["async"])
        .build()?;
    let worker = Worker::new(messenger.clone(), &["async"], WorkerOptions::default())?;
    let worker = tokio::spawn(async move { worker.run(interrupted()).await });

    let router = Router::new().route("/greet/{name}", post(take)).with_state(messenger);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, router).with_graceful_shutdown(interrupted()).await?;
    worker.await?; // what it has in hand is finished, the rest stays in the queue
    println!("stopped");
    Ok(())
}
