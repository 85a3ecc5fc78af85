//! A message and the function that handles it, at once and in this program.

use messenger::{Message, Messenger};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Message)]
struct Greet {
    name: String,
}

async fn greet(greet: &Greet) {
    println!("Hello, {}", greet.name);
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let messenger = Messenger::builder(|| ()).handler(greet).build()?;
    messenger.dispatch(Greet { name: "Vera".to_owned() }).await?;
    Ok(())
}
