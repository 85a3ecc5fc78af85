//! `mailer:test`: hand over one mail, past every queue.

use anyhow::Context as _;
use clap::Args;

use super::app::App;
use crate::mail_address::Mailbox;
use crate::mailer::Email;

/// Send one mail at once, without a queue
#[derive(Args)]
#[command(after_help = "Example: console mailer:test vera@example.org --subject='Do you hear me?'")]
pub(super) struct MailerTest {
    /// The recipient: vera@example.org or 'Vera Example <vera@example.org>'
    to: Mailbox,
    #[arg(long, value_name = "ADDRESS", help = "The sender [default: MAILER_FROM]")]
    from: Option<Mailbox>,
    /// The subject
    #[arg(long, value_name = "TEXT", default_value = "Testing transport")]
    subject: String,
    /// The text
    #[arg(long, value_name = "TEXT", default_value = "Testing body")]
    body: String,
}

impl MailerTest {
    /// Makes the mail, hands it over and says what happened.
    pub(super) async fn run(self, app: &App) -> anyhow::Result<()> {
        let kernel = app.kernel()?;
        let email = Email::new("test").to(self.to);
        let email = email.context("subject", self.subject).context("body", self.body);
        let email = match self.from {
            Some(from) => email.from(from),
            None => email,
        };
        let mail = kernel.mail_composer.compose(&email.into_message())?;
        let (subject, to, transport) = (&mail.subject, mail.recipients(), &kernel.mail_transport);
        let sent = transport.send(&mail).await;
        sent.with_context(|| format!("The mail was not accepted; MAILER_DSN leads {transport}"))?;
        app.terminal.out.success(&format!("\"{subject}\" for {to} went {transport}."));
        let id = mail.id;
        app.terminal.out.line(format!(" Its Message-ID begins with <{id}. Whether it arrives is up to the server that has it now."));
        Ok(())
    }
}
