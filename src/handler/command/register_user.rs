//! Makes an account, and greets whoever asked for it once that is certain.

use messenger::clock::Clock;
use messenger::stamp::DispatchAfterCurrentBusStamp;
use messenger::{Handler, HandlerError, Message};
use messenger_doctrine::{DatabaseContext as _, UnitOfWork};

use crate::entity::{Role, User};
use crate::handler::{Cx, mail_budget, mailbox};
use crate::mailer::{Email, Mailer};
use crate::message::EVENT_BUS;
use crate::message::command::RegisterUser;
use crate::message::event::UserRegistered;
use crate::repository::users;

/// Makes an account, and says so once that is certain. If the address has an account already, its
/// owner gets a mail, and whoever asked learns nothing. Called twice, it changes nothing the second
/// time.
pub struct RegisterUserHandler {
    /// Sends the mail, or has it sent.
    pub mailer: Mailer,
    /// What time it is.
    pub clock: Clock,
}

impl Handler<RegisterUser, UnitOfWork> for RegisterUserHandler {
    type Output = ();

    async fn handle(&self, message: &RegisterUser, cx: &mut Cx) -> Result<(), HandlerError> {
        let user = self.user(message);
        // Counted for everybody, so that the work is the same.
        let now = self.clock.now().naive_utc();
        let may_write = mail_budget::take(&message.email, now, cx).await?;
        let is_new = cx.db(move |connection| users::insert_unless_taken(connection, &user)).await?;
        if is_new {
            let registered = UserRegistered { uuid: message.uuid, welcome: may_write };
            cx.dispatch_on(EVENT_BUS, registered.with(DispatchAfterCurrentBusStamp)).await?;
            return Ok(());
        }
        if may_write { self.remind(message, cx).await } else { Ok(()) }
    }

    fn name(&self) -> &'static str {
        "RegisterUserHandler"
    }
}

impl RegisterUserHandler {
    fn user(&self, message: &RegisterUser) -> User {
        User {
            id: message.uuid,
            email: message.email.clone(),
            name: message.name.clone(),
            password_hash: message.password_hash.clone(),
            role: Role::User,
            visitor_id: message.visitor_id,
            created_at: self.clock.now().naive_utc(),
        }
    }

    /// Tells the owner of the account that there is one.
    async fn remind(&self, message: &RegisterUser, cx: &mut Cx) -> Result<(), HandlerError> {
        let address = message.email.clone();
        let owner = cx.db(move |connection| users::find_by_email(connection, &address)).await?;
        let Some(owner) = owner.filter(|owner| owner.id != message.uuid) else {
            return Ok(()); // delivered a second time
        };
        let email = Email::new("already_registered").to(mailbox(&owner)?);
        let email = email.context("name", owner.name).with(DispatchAfterCurrentBusStamp);
        Ok(self.mailer.send(cx, email).await?)
    }
}
