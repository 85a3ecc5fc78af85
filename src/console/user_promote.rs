//! `user:promote`: make somebody an operator.

use anyhow::{Context as _, ensure};
use clap::Args;
use messenger_console::CommandError;

use super::app::App;
use crate::entity::Role;
use crate::mail_address::EmailAddress;
use crate::repository::users;

/// Let the account with this address operate the gallery, or take that back
#[derive(Args)]
#[command(after_help = "Example: console user:promote vera@example.com")]
pub(super) struct UserPromote {
    /// The address that the account was registered with
    email: String,
    /// Make it an ordinary account again
    #[arg(long)]
    revoke: bool,
}

impl UserPromote {
    pub(super) async fn run(self, app: &App) -> anyhow::Result<()> {
        let email = EmailAddress::parse(&self.email)
            .map_err(|error| CommandError::Usage(error.to_string()))?;
        let kernel = app.current_kernel().await?;
        let role = if self.revoke { Role::User } else { Role::Admin };
        let address = email.clone();
        let find = move |connection: &mut _| users::find_by_email(connection, address.as_str());
        let user = kernel.database.run(find).await?.with_context(|| {
            format!("There is no account with the address {email}. Register it first, on the page /register.")
        })?;
        let since = user.created_at.format("%Y-%m-%d %H:%M");
        app.terminal.err.line(format!("{}, registered on {since} UTC.", user.name));
        let wanted = email.clone();
        let changed = kernel
            .database
            .transaction(move |connection| users::set_role(connection, wanted.as_str(), role));
        ensure!(changed.await?, "The account {email} was deleted a moment ago.");
        let now = if self.revoke {
            "is an ordinary account again"
        } else {
            "may operate the gallery now"
        };
        app.terminal.out.success(&format!("{email} {now}."));
        Ok(())
    }
}
