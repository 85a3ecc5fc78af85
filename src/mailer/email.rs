//! A mail as somebody writes it who wants to send one.

use messenger::stamp::Stamp;
use messenger::{Envelope, Message};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::mail_address::Mailbox;
use crate::message::command::{EmailAttachment, SendEmailMessage, UncheckedMailbox};

/// A mail: a template, what it needs to know, and whom it is for.
///
/// ```
/// use ponka::mailer::Email;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let email = Email::new("welcome")
///     .to("Vera Example <vera@example.org>".parse()?)
///     .context("name", "Vera Example");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Email(SendEmailMessage);

impl Email {
    /// A mail made from a folder of `templates/email/`, to nobody yet.
    pub fn new(template: &str) -> Self {
        Self(SendEmailMessage {
            id: Uuid::now_v7(),
            template: template.to_owned(),
            context: Map::new(),
            to: Vec::new(),
            cc: Vec::new(),
            bcc: Vec::new(),
            reply_to: Vec::new(),
            from: None,
            attachments: Vec::new(),
        })
    }

    /// Makes it the one mail of this template that `cause` has sent, for example an account that is
    /// welcomed: it has the same `Message-ID` each time. A handler may run twice, because its worker
    /// stopped in between; whoever gets both mails then sees them as one.
    pub fn once_for(mut self, cause: Uuid) -> Self {
        let template = self.0.template.as_bytes();
        self.0.id = SendEmailMessage::id_from(&[template, cause.as_bytes()].concat());
        self
    }

    /// Tells the template something. Plain values only: the worker may render the mail much later.
    pub fn context(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.context.insert(name.to_owned(), value.into());
        self
    }

    /// Adds somebody whom it is for.
    pub fn to(mut self, mailbox: Mailbox) -> Self {
        self.0.to.push(mailbox.into());
        self
    }

    /// Adds somebody who gets a copy.
    pub fn cc(mut self, mailbox: Mailbox) -> Self {
        self.0.cc.push(mailbox.into());
        self
    }

    /// Adds somebody who gets a copy without the others knowing.
    pub fn bcc(mut self, mailbox: Mailbox) -> Self {
        self.0.bcc.push(mailbox.into());
        self
    }

    /// Adds somebody who is answered instead of the sender.
    pub fn reply_to(mut self, mailbox: Mailbox) -> Self {
        self.0.reply_to.push(mailbox.into());
        self
    }

    /// Says who sends it; otherwise it is the gallery (`MAILER_FROM`).
    pub fn from(mut self, mailbox: Mailbox) -> Self {
        self.0.from = Some(UncheckedMailbox::from(mailbox));
        self
    }

    /// Attaches a file.
    pub fn attach(mut self, filename: &str, content_type: &str, body: Vec<u8>) -> Self {
        let (filename, content_type) = (filename.to_owned(), content_type.to_owned());
        self.0.attachments.push(EmailAttachment { filename, content_type, body });
        self
    }

    /// The message that is dispatched.
    #[must_use]
    pub fn into_message(self) -> SendEmailMessage {
        self.0
    }

    /// Puts the mail in an envelope with a stamp, for [`Mailer::send`](super::Mailer::send).
    pub fn with(self, stamp: impl Stamp) -> Envelope {
        self.0.with(stamp)
    }
}

impl From<Email> for Envelope {
    fn from(email: Email) -> Self {
        Self::new(email.0)
    }
}
