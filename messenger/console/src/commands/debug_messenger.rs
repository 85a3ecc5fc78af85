//! `debug:messenger`: buses, their middleware, their messages and handlers.

use clap::Args;
use messenger::{BusName, HandlerDescription, Messenger, Scope};
use owo_colors::Style;

use crate::application::{Application, Bus as _};
use crate::error::CommandError;
use crate::terminal::Terminal;

/// List the messages that can be dispatched on each bus, with their handlers
#[derive(Args)]
#[command(after_help = "Example: console debug:messenger command.bus")]
pub(super) struct DebugMessenger {
    /// Only this bus
    bus: Option<String>,
}

impl DebugMessenger {
    /// Prints one bus after the other.
    pub(super) async fn run<A: Application>(
        self,
        app: &A,
        terminal: &Terminal,
    ) -> Result<(), CommandError> {
        let assembled = app.assemble().await?;
        let messenger = assembled.messenger();
        let buses: Vec<BusName> = match &self.bus {
            Some(name) => {
                messenger.handlers(&BusName::from(name.as_str()))?;
                vec![BusName::from(name.as_str())]
            }
            None => messenger.buses().cloned().collect(),
        };
        terminal.out.title("Messenger");
        for bus in &buses {
            show(terminal, messenger, bus)?;
        }
        Ok(())
    }
}

fn show<S: Scope>(
    terminal: &Terminal,
    messenger: &Messenger<S>,
    bus: &BusName,
) -> Result<(), CommandError> {
    terminal.out.section(bus.as_str());
    let middleware = messenger.middleware(bus)?;
    terminal.out.line(format!(" Middleware: {}\n", middleware.join(" → ")));
    let handlers = messenger.handlers(bus)?;
    if handlers.is_empty() {
        terminal.out.warning(&format!("No handled message found in bus \"{bus}\"."));
        return Ok(());
    }
    terminal.out.line(" The following messages can be dispatched:\n");
    let mut messages: Vec<&str> = Vec::new();
    for handler in &handlers {
        if !messages.contains(&handler.handles.as_str()) {
            messages.push(&handler.handles);
        }
    }
    for message in messages {
        terminal.out.line(format!("  {}", terminal.out.paint(message, Style::new().cyan())));
        for handler in handlers.iter().filter(|handler| handler.handles == message) {
            terminal.out.line(format!("      handled by {}{}", handler.name, options(handler)));
        }
        terminal.out.line("");
    }
    Ok(())
}

fn options(handler: &HandlerDescription) -> String {
    let priority = (handler.priority != 0).then(|| format!("priority={}", handler.priority));
    let from = handler.from_transport.as_ref().map(|name| format!("from_transport={name}"));
    let options: Vec<String> = priority.into_iter().chain(from).collect();
    if options.is_empty() { String::new() } else { format!(" (when {})", options.join(", ")) }
}
