//! The console inside one's own binary: `order 7` beside `messenger:consume` and the others.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use messenger::{HandlerError, Message, Messenger, async_trait};
use messenger_console::{Application, BoxError, CommandError, Commands, Terminal, TerminalOptions};
use messenger_doctrine::{Database, UnitOfWork};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Message)]
struct Pack {
    order: u32,
}

async fn pack(pack: &Pack) -> Result<(), HandlerError> {
    println!("Order {} is packed.", pack.order);
    Ok(())
}

struct Shop;

#[async_trait]
impl Application for Shop {
    type Scope = UnitOfWork;
    type Bus = Messenger<UnitOfWork>;

    async fn assemble(&self) -> Result<Messenger<UnitOfWork>, BoxError> {
        Ok(messenger_doctrine::builder(&Database::open("sqlite://shop.sqlite")?)
            .handler(pack)
            .transport_dsn("orders", "doctrine://default")
            .route::<Pack>(&["orders"])
            .build()?)
    }
}

#[derive(Parser)]
#[command(name = "shop")]
struct Cli {
    #[command(flatten)]
    terminal: TerminalOptions,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    #[command(flatten)]
    Messenger(Commands),
    /// Have an order packed
    Order { number: u32 },
}

async fn run(cli: Cli) -> Result<ExitCode, CommandError> {
    match cli.command {
        Command::Messenger(command) => command.run(&Shop, &Terminal::new(&cli.terminal)).await,
        Command::Order { number } => {
            Shop.assemble().await?.dispatch(Pack { order: number }).await?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli: Cli = messenger_console::parse();
    run(cli).await.unwrap_or_else(|error| messenger_console::fail(&error))
}
