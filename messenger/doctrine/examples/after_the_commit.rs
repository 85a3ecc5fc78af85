//! A row and a message in one transaction: the mail is queued if and only if the user is stored.
//! `DATABASE_URL` is a PostgreSQL (or `sqlite://` and a file).

use diesel::prelude::*;
use diesel::{sql_query, sql_types::Text};
use messenger::stamp::DispatchAfterCurrentBusStamp;
use messenger::worker::{Worker, WorkerOptions};
use messenger::{Context, HandlerError, Message, TransactionMiddleware};
use messenger_doctrine::{Database, DatabaseContext as _, UnitOfWork};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Message)]
struct Register {
    name: String,
}

#[derive(Debug, Serialize, Deserialize, Message)]
struct Welcome {
    name: String,
}

async fn register(command: &Register, cx: &mut Context<UnitOfWork>) -> Result<(), HandlerError> {
    // Written as the last step of the transaction: no crash can come between row and message.
    let mail = Welcome { name: command.name.clone() };
    cx.dispatch(mail.with(DispatchAfterCurrentBusStamp)).await?;
    let name = command.name.clone();
    cx.db(move |connection| {
        let insert = sql_query("INSERT INTO example_user VALUES ($1)");
        insert.bind::<Text, _>(name).execute(connection)
    })
    .await?;
    Ok(())
}

async fn welcome(mail: &Welcome) {
    println!("welcome, {}", mail.name);
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let database = Database::open(&std::env::var("DATABASE_URL")?)?;
    database
        .run(|connection| {
            let table = "CREATE TABLE IF NOT EXISTS example_user (name VARCHAR(80) PRIMARY KEY)";
            sql_query(table).execute(connection)
        })
        .await?;
    let messenger = messenger_doctrine::builder(&database)
        .bus("bus", |bus| {
            bus.middleware(TransactionMiddleware::default()).handler(register).handler(welcome)
        })
        .transport_dsn("mails", "doctrine://default?queue_name=example_mails")
        .route::<Welcome>(&["mails"])
        .build()?;
    let worker = Worker::new(messenger.clone(), &["mails"], WorkerOptions::default())?;

    messenger.dispatch(Register { name: "Vera".to_owned() }).await?;
    println!("{} mail", worker.run_once().await);

    // The name is taken: the row is refused, and the mail is undone with it.
    let refused = messenger.dispatch(Register { name: "Vera".to_owned() }).await;
    println!("refused: {}, {} mails", refused.is_err(), worker.run_once().await);
    Ok(())
}
