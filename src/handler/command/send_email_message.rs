//! Renders a mail and hands it over.
//!
//! Delivered twice, the mail has the same `Message-ID`, by which mail programs know it again. Its
//! subject and recipients are part of every error, so that whoever looks at it knows which it is.

use messenger::{Handler, HandlerError};
use messenger_doctrine::UnitOfWork;
use tracing::info;

use crate::fault::FaultPoint;
use crate::handler::Cx;
use crate::mailer::{Composer, DeliveryError, Transport};
use crate::message::command::SendEmailMessage;

/// Renders a mail and hands it over.
pub struct SendEmailMessageHandler {
    /// Renders the mail and puts it together.
    pub composer: Composer,
    /// Takes it to the SMTP server, or into a file.
    pub transport: Transport,
    /// Fails on purpose, for the tutorial.
    pub fault: FaultPoint,
}

impl Handler<SendEmailMessage, UnitOfWork> for SendEmailMessageHandler {
    type Output = ();

    async fn handle(&self, message: &SendEmailMessage, _: &mut Cx) -> Result<(), HandlerError> {
        let result = self.deliver(message).await;
        result.map_err(|error| match error {
            DeliveryError::Permanent(source) => HandlerError::unrecoverable(source),
            DeliveryError::Temporary(source) => source.into(),
        })
    }

    fn name(&self) -> &'static str {
        "SendEmailMessageHandler"
    }
}

impl SendEmailMessageHandler {
    async fn deliver(&self, message: &SendEmailMessage) -> Result<(), DeliveryError> {
        let email = self.composer.compose(message)?;
        let (subject, recipients) = (email.subject.clone(), email.recipients());
        let sent = match self.fault.check() {
            Ok(()) => self.transport.send(&email).await,
            Err(fault) => {
                let fault = anyhow::Error::new(fault).context("SMTP is failing on purpose");
                Err(DeliveryError::Temporary(fault))
            }
        };
        let what = || format!("could not send \"{subject}\" to {recipients}");
        sent.map_err(|error| error.context(what()))?;
        info!(email.id = %email.id, "Sent \"{subject}\" to {recipients}");
        Ok(())
    }
}
