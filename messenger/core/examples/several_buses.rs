//! A command has one handler and an event any number of them: each kind has a bus of its own. A
//! query is a message that is answered.

use std::sync::atomic::{AtomicUsize, Ordering};

use messenger::stamp::DispatchAfterCurrentBusStamp;
use messenger::{BusName, Context, Data, DispatchError, HandlerOptions, Message, Messenger};
use serde::{Deserialize, Serialize};

const COMMANDS: BusName = BusName::new("command.bus");
const EVENTS: BusName = BusName::new("event.bus");

#[derive(Debug, Serialize, Deserialize, Message)]
struct Register {
    name: String,
}

#[derive(Debug, Serialize, Deserialize, Message)]
struct Registered {
    name: String,
}

#[derive(Debug, Serialize, Deserialize, Message)]
struct CountUsers;

/// What the handlers share. A real application has a database here.
#[derive(Default)]
struct Users(AtomicUsize);

async fn register(
    command: &Register,
    users: Data<Users>,
    cx: &mut Context<()>,
) -> Result<(), DispatchError> {
    let event = Registered { name: command.name.clone() };
    // Not before the command has succeeded: nobody is welcomed who is not stored.
    cx.dispatch_on(EVENTS, event.with(DispatchAfterCurrentBusStamp)).await?;
    users.0.fetch_add(1, Ordering::Relaxed);
    println!("stored {}", command.name);
    Ok(())
}

async fn welcome(event: &Registered) {
    println!("welcome, {}", event.name);
}

async fn note(event: &Registered) {
    println!("noted {}", event.name);
}

async fn count(_: &CountUsers, users: Data<Users>) -> Result<usize, DispatchError> {
    Ok(users.0.load(Ordering::Relaxed))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let messenger = Messenger::builder(|| ())
        .data(Users::default())
        .bus(COMMANDS, |bus| bus.handler(register).handler(count))
        .bus(EVENTS, |bus| {
            let first = HandlerOptions::default().priority(10);
            bus.allow_no_handlers().handler(welcome).handler_with(note, first)
        })
        .build()?;

    // The first bus is the default one.
    messenger.dispatch(Register { name: "Vera".to_owned() }).await?;
    println!("{} user", messenger.ask::<usize>(CountUsers).await?);
    Ok(())
}
