//! `debug:messenger`: buses, their middleware, their messages and handlers.

use clap::Args;
use messenger::{BusName, HandlerDescription};
use owo_colors::Style;

use super::app::App;
use crate::kernel::Kernel;

/// List the messages that can be dispatched on each bus, with their handlers
#[derive(Args)]
#[command(after_help = "Example: console debug:messenger command.bus")]
pub(super) struct DebugMessenger {
    /// Only this bus
    bus: Option<String>,
}

impl DebugMessenger {
    /// Prints one bus after the other.
    pub(super) fn run(self, app: &App) -> anyhow::Result<()> {
        let kernel = app.kernel()?;
        let buses: Vec<BusName> = match &self.bus {
            Some(name) => {
                kernel.messenger.handlers(&BusName::from(name.as_str()))?;
                vec![BusName::from(name.as_str())]
            }
            None => kernel.messenger.buses().cloned().collect(),
        };
        app.out.title("Messenger");
        for bus in &buses {
            show(app, &kernel, bus)?;
        }
        Ok(())
    }
}

fn show(app: &App, kernel: &Kernel, bus: &BusName) -> anyhow::Result<()> {
    app.out.section(bus.as_str());
    let middleware = kernel.messenger.middleware(bus)?;
    app.out.line(format!(" Middleware: {}\n", middleware.join(" → ")));
    let handlers = kernel.messenger.handlers(bus)?;
    if handlers.is_empty() {
        app.out.warning(&format!("No handled message found in bus \"{bus}\"."));
        return Ok(());
    }
    app.out.line(" The following messages can be dispatched:\n");
    let mut messages: Vec<&str> = Vec::new();
    for handler in &handlers {
        if !messages.contains(&handler.handles.as_str()) {
            messages.push(&handler.handles);
        }
    }
    for message in messages {
        app.out.line(format!("  {}", app.out.paint(message, Style::new().cyan())));
        for handler in handlers.iter().filter(|handler| handler.handles == message) {
            app.out.line(format!("      handled by {}{}", handler.name, options(handler)));
        }
        app.out.line("");
    }
    Ok(())
}

fn options(handler: &HandlerDescription) -> String {
    let priority = (handler.priority != 0).then(|| format!("priority={}", handler.priority));
    let from = handler.from_transport.as_ref().map(|name| format!("from_transport={name}"));
    let options: Vec<String> = priority.into_iter().chain(from).collect();
    if options.is_empty() { String::new() } else { format!(" (when {})", options.join(", ")) }
}
