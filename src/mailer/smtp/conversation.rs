//! What is said to hand a mail over: MAIL, RCPT, DATA.

use std::time::Instant;

use anyhow::anyhow;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{Extension, MailBodyParameter, MailParameter};

use super::acceptance::Acceptance;
use super::connection::{CommandError, Connection, cause};
use crate::mailer::{DeliveryError, RenderedEmail};

/// The server is about to close the connection.
const CLOSING: u16 = 421;
/// We have to log in, or to encrypt, first: nothing is wrong with the mail.
const NOT_LOGGED_IN: [u16; 4] = [530, 534, 535, 538];

/// Why a mail was not handed over.
pub(super) enum Failed {
    /// The server does not want it; the connection is all right.
    Refused { permanent: bool, why: anyhow::Error },
    /// The connection is of no use any more.
    Broken { before_mail: bool, why: anyhow::Error },
}

impl From<Failed> for DeliveryError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Refused { permanent: true, why } => Self::Permanent(why),
            Failed::Refused { permanent: false, why } | Failed::Broken { why, .. } => {
                Self::Temporary(why)
            }
        }
    }
}

impl Connection {
    /// Hands a mail over.
    pub(super) async fn deliver(
        &mut self,
        email: &RenderedEmail,
        acceptance: &Acceptance,
    ) -> Result<(), Failed> {
        let options = self.options(email)?;
        let (from, to) = (email.envelope.from().cloned(), email.envelope.to());
        let begun = self.command(Mail::new(from, options)).await;
        begun.map_err(|error| self.failed("the sender", true, error))?;
        for address in to {
            let accepted = self.command(Rcpt::new(address.clone(), Vec::new())).await;
            accepted.map_err(|error| self.failed(address.as_ref(), false, error))?;
        }
        let ready = self.command(Data).await;
        ready.map_err(|error| self.failed("the mail", false, error))?;
        let began = Instant::now();
        let taken = self.message(&email.message, acceptance.patience()).await;
        acceptance.took(began.elapsed(), matches!(taken, Err(CommandError::Broken(_))));
        taken.map_err(|error| self.failed("the mail", false, error))?;
        Ok(())
    }

    /// What an address or a header beyond ASCII takes.
    fn options(&self, email: &RenderedEmail) -> Result<Vec<MailParameter>, Failed> {
        let mut addresses = email.envelope.to().iter().chain(email.envelope.from());
        let beyond_ascii = addresses.find(|address| !AsRef::<str>::as_ref(address).is_ascii());
        if beyond_ascii.is_none() && email.message.is_ascii() {
            return Ok(Vec::new());
        }
        if !self.supports(Extension::SmtpUtfEight) {
            let which = beyond_ascii.map_or_else(|| "in the mail".to_owned(), ToString::to_string);
            let why = anyhow!(
                "{} takes no addresses with letters beyond ASCII (it does not support SMTPUTF8): \
                 {which}",
                self.server
            );
            return Err(Failed::Refused { permanent: true, why });
        }
        let eight_bit = MailParameter::Body(MailBodyParameter::EightBitMime);
        Ok(vec![MailParameter::SmtpUtfEight, eight_bit])
    }

    fn failed(&self, what: &str, before_mail: bool, error: CommandError) -> Failed {
        let server = &self.server;
        let error = match error {
            CommandError::Refused(error) => error,
            CommandError::Broken(why) => {
                let why = why.context(format!("the connection to {server} broke"));
                return Failed::Broken { before_mail, why };
            }
        };
        let code = code(&error);
        let why = anyhow!("{server} refused {what}: {}", cause(&error));
        if code == CLOSING {
            return Failed::Broken { before_mail, why };
        }
        let permanent = error.is_permanent() && !NOT_LOGGED_IN.contains(&code);
        Failed::Refused { permanent, why }
    }
}

fn code(error: &Error) -> u16 {
    error.status().map_or(0, u16::from)
}
