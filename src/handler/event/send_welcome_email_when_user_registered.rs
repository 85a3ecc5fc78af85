//! Welcomes whoever has registered.

use messenger::{Handler, HandlerError};
use messenger_doctrine::UnitOfWork;

use super::registered;
use crate::handler::{Cx, mailbox};
use crate::mailer::{Email, Mailer};
use crate::message::event::UserRegistered;

/// Welcomes whoever has registered, by the name that the account has now, unless the address has had
/// all the mails that strangers can cause.
pub struct SendWelcomeEmailWhenUserRegistered {
    /// Sends the mail, or has it sent.
    pub mailer: Mailer,
}

impl Handler<UserRegistered, UnitOfWork> for SendWelcomeEmailWhenUserRegistered {
    type Output = ();

    async fn handle(&self, event: &UserRegistered, cx: &mut Cx) -> Result<(), HandlerError> {
        let user = registered(event, cx).await?;
        if !event.welcome {
            return Ok(());
        }
        let email = Email::new("welcome").once_for(event.uuid);
        let email = email.to(mailbox(&user)?).context("name", user.name);
        self.mailer.send(cx, email).await?;
        Ok(())
    }

    fn name(&self) -> &'static str {
        "SendWelcomeEmailWhenUserRegistered"
    }
}
