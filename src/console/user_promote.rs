//! `user:promote`: make somebody an operator.

use anyhow::ensure;
use clap::Args;

use super::app::{App, Usage};
use crate::entity::Role;
use crate::mail_address::EmailAddress;
use crate::repository::users;

/// Let the account with this address operate the gallery, or no longer
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
    /// Changes the role.
    pub(super) async fn run(self, app: &App) -> anyhow::Result<()> {
        let email = EmailAddress::parse(&self.email).map_err(|error| Usage(error.to_string()))?;
        let kernel = app.current_kernel().await?;
        let role = if self.revoke { Role::User } else { Role::Admin };
        let wanted = email.clone();
        let changed = kernel
            .database
            .run(move |connection| users::set_role(connection, wanted.as_str(), role));
        ensure!(
            changed.await?,
            "There is no account with the address {email}. Register it first, on the page /register."
        );
        let now = if self.revoke {
            "is an ordinary account again"
        } else {
            "may operate the gallery now"
        };
        app.out.success(&format!("{email} {now}."));
        Ok(())
    }
}
