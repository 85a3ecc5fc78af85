//! Send a mail: what it is about and to whom. The worker renders it.

use messenger::{Interface, Message, interfaces};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use super::EmailAttachment;
use crate::mail_address::Mailbox;
use crate::message::LongRunning;

/// Send a mail. It holds plain values, never HTML: rendering is the worker's work, which may have a
/// newer template by then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", from = "Body")]
pub struct SendEmailMessage {
    /// The mail's own id; its `Message-ID` is made from it, so that a second delivery is known as
    /// such. Somebody who gives none gets one made from the rest.
    pub id: Uuid,
    /// Which folder of `templates/email/`.
    pub template: String,
    /// What the template needs to know.
    pub context: Map<String, Value>,
    /// Whom it is for.
    pub to: Vec<UncheckedMailbox>,
    /// Who gets a copy.
    pub cc: Vec<UncheckedMailbox>,
    /// Who gets a copy without the others knowing.
    pub bcc: Vec<UncheckedMailbox>,
    /// Whom an answer goes to, if not the sender.
    pub reply_to: Vec<UncheckedMailbox>,
    /// Who sends it; `None`: the gallery.
    pub from: Option<UncheckedMailbox>,
    /// Files that go with it.
    pub attachments: Vec<EmailAttachment>,
}

impl LongRunning for SendEmailMessage {}

impl Message for SendEmailMessage {
    const NAME: &'static str = r"App\Mailer\SendEmailMessage";
    const INTERFACES: &'static [Interface] = interfaces![Self: LongRunning];
}

/// An address and a name as somebody wrote them into a queue: nobody has looked at them yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UncheckedMailbox {
    /// The address, as somebody wrote it.
    pub address: String,
    /// The name; empty: there is none.
    #[serde(default)]
    pub name: String,
}

impl From<Mailbox> for UncheckedMailbox {
    fn from(mailbox: Mailbox) -> Self {
        let name = mailbox.name.map(|name| name.to_string()).unwrap_or_default();
        Self { address: mailbox.address.to_string(), name }
    }
}

/// The message as others may write it: almost everything may be left out.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    #[serde(default)]
    id: Option<Uuid>,
    template: String,
    #[serde(default)]
    context: Map<String, Value>,
    #[serde(default)]
    to: Vec<UncheckedMailbox>,
    #[serde(default)]
    cc: Vec<UncheckedMailbox>,
    #[serde(default)]
    bcc: Vec<UncheckedMailbox>,
    #[serde(default)]
    reply_to: Vec<UncheckedMailbox>,
    #[serde(default)]
    from: Option<UncheckedMailbox>,
    #[serde(default)]
    attachments: Vec<EmailAttachment>,
}

impl Body {
    /// The same id for the same mail, however often it is read.
    fn derived_id(&self) -> Uuid {
        SendEmailMessage::id_from(&serde_json::to_vec(self).expect("plain values can be written"))
    }
}

impl SendEmailMessage {
    /// The same id for the same bytes.
    pub(crate) fn id_from(bytes: &[u8]) -> Uuid {
        let mut id = [0; 16];
        id.copy_from_slice(&Sha256::digest(bytes)[..16]);
        Builder::from_custom_bytes(id).into_uuid()
    }
}

impl From<Body> for SendEmailMessage {
    fn from(body: Body) -> Self {
        let id = body.id.unwrap_or_else(|| body.derived_id());
        let Body { id: _, template, context, to, cc, bcc, reply_to, from, attachments } = body;
        Self { id, template, context, to, cc, bcc, reply_to, from, attachments }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_empty_and_what_is_unknown_is_passed_over() {
        let body = r#"{"template":"welcome","to":[{"address":"vera@example.org","x":1}],"y":2}"#;
        let message: SendEmailMessage = serde_json::from_str(body).unwrap();
        assert_eq!(
            message.to,
            [UncheckedMailbox { address: "vera@example.org".to_owned(), name: String::new() }]
        );
        assert!(message.cc.is_empty() && message.from.is_none() && message.context.is_empty());
        let again: SendEmailMessage = serde_json::from_str(body).unwrap();
        assert_eq!(again.id, message.id, "a second delivery is the same mail");
        let other: SendEmailMessage = serde_json::from_str(r#"{"template":"test"}"#).unwrap();
        assert_ne!(other.id, message.id);
    }

    #[test]
    fn bytes_travel_as_text() {
        let attachment = EmailAttachment {
            filename: "p.png".to_owned(),
            content_type: "image/png".to_owned(),
            body: vec![0, 0xff, b'\r', b'\n', 0x89],
        };
        let json = serde_json::to_string(&attachment).unwrap();
        assert!(json.ends_with(r#""contentType":"image/png","body":"AP8NCok="}"#), "{json}");
        assert_eq!(serde_json::from_str::<EmailAttachment>(&json).unwrap(), attachment);
    }
}
