//! Makes a whole mail of a message: checked addresses, headers, parts.

use anyhow::{Context as _, ensure};
use lettre::address::{Address, Envelope};
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{
    Attachment, Mailbox as Header, Message, MessageBuilder, MultiPart, SinglePart,
};
use messenger::clock::Clock;
use uuid::Uuid;

use super::{BodyRenderer, DeliveryError, RenderedBody};
use crate::config::{Config, mail_domain};
use crate::mail_address::{DisplayName, EmailAddress, Mailbox};
use crate::message::command::{EmailAttachment, SendEmailMessage, UncheckedMailbox};

/// Ponka's head, which stands at the top of a mail.
pub(crate) const LOGO: &[u8] = include_bytes!("ponka.png");
pub(crate) const LOGO_ID: &str = "ponka@ponka";
/// Keeps machines from answering that somebody is on holiday.
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");

/// What all mails have in common.
#[derive(Debug, Clone)]
pub struct ComposerSettings {
    /// Who sends them, unless they say so themselves.
    pub from: Mailbox,
    /// The one address that gets every mail, whoever it is meant for.
    pub redirect_to: Option<EmailAddress>,
    /// What stands after the `@` of a `Message-ID`.
    pub domain: String,
}

/// A mail as it is delivered: every byte is decided.
#[derive(Debug, Clone)]
pub struct RenderedEmail {
    /// The mail's own id.
    pub id: Uuid,
    /// What it is about.
    pub subject: String,
    /// Who sends it, and who really gets it.
    pub envelope: Envelope,
    /// Headers and body, lines ended with CR LF.
    pub message: Vec<u8>,
}

/// Turns a message into a mail that can be sent as it is.
#[derive(Clone)]
pub struct Composer {
    bodies: BodyRenderer,
    settings: ComposerSettings,
    clock: Clock,
}

impl ComposerSettings {
    /// As the environment says.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        Self {
            from: config.mailer_from.clone(),
            redirect_to: config.mailer_redirect_to.clone(),
            domain: mail_domain(&config.http.default_uri),
        }
    }
}

impl RenderedEmail {
    /// The addresses that get it, for people.
    #[must_use]
    pub fn recipients(&self) -> String {
        let addresses: Vec<_> = self.envelope.to().iter().map(ToString::to_string).collect();
        addresses.join(", ")
    }
}

impl Composer {
    /// Makes mails with these templates; their date is the clock's.
    #[must_use]
    pub fn new(bodies: BodyRenderer, settings: ComposerSettings, clock: Clock) -> Self {
        Self { bodies, settings, clock }
    }

    #[cfg(feature = "developer")]
    pub(crate) fn bodies(&self) -> &BodyRenderer {
        &self.bodies
    }

    /// Makes a whole mail. Nothing in a message has been checked before: it may come from anybody
    /// who can write into the queue.
    ///
    /// # Errors
    /// A permanent one: an address or a name cannot be used, or the template cannot be rendered.
    pub fn compose(&self, message: &SendEmailMessage) -> Result<RenderedEmail, DeliveryError> {
        self.try_compose(message).map_err(DeliveryError::Permanent)
    }

    fn try_compose(&self, message: &SendEmailMessage) -> anyhow::Result<RenderedEmail> {
        let from = match &message.from {
            Some(from) => checked(from).context("the sender cannot be used")?,
            None => self.settings.from.clone(),
        };
        let all = |mailboxes: &[UncheckedMailbox], what: &'static str| {
            let checked: Result<Vec<_>, _> = mailboxes.iter().map(checked).collect();
            checked.context(what)
        };
        let to = all(&message.to, "a recipient cannot be used")?;
        let cc = all(&message.cc, "a recipient of a copy cannot be used")?;
        let bcc = all(&message.bcc, "a recipient of a blind copy cannot be used")?;
        let reply_to = all(&message.reply_to, "the address for answers cannot be used")?;
        let recipients = self.recipients([&to, &cc, &bcc])?;
        let body = self.bodies.render(&message.template, &message.context)?;

        let mut builder = Message::builder()
            .message_id(Some(format!("<{}@{}>", message.id, self.settings.domain)))
            .date(self.clock.now().into())
            .from(header(&from))
            .raw_header(HeaderValue::new(AUTO_SUBMITTED, "auto-generated".to_owned()))
            .subject(&body.subject);
        builder = to.iter().map(header).fold(builder, MessageBuilder::to);
        builder = cc.iter().map(header).fold(builder, MessageBuilder::cc);
        builder = reply_to.iter().map(header).fold(builder, MessageBuilder::reply_to);
        let envelope = Envelope::new(Some(address(&from.address)), recipients)
            .context("the mail has no recipient")?;
        let subject = body.subject.clone();
        let composed = builder
            .envelope(envelope.clone())
            .multipart(parts(body, &message.attachments)?)
            .context("the mail cannot be put together")?;
        Ok(RenderedEmail { id: message.id, subject, envelope, message: composed.formatted() })
    }

    /// Who really gets it; each address once.
    fn recipients(&self, lists: [&[Mailbox]; 3]) -> anyhow::Result<Vec<Address>> {
        let mut recipients: Vec<Address> = Vec::new();
        for mailbox in lists.into_iter().flatten() {
            let address = address(&mailbox.address);
            if !recipients.contains(&address) {
                recipients.push(address);
            }
        }
        ensure!(!recipients.is_empty(), "the mail has no recipient");
        match &self.settings.redirect_to {
            Some(redirect_to) => Ok(vec![address(redirect_to)]),
            None => Ok(recipients),
        }
    }
}

/// The text or the HTML with its picture, whichever is shown, and then the files.
fn parts(body: RenderedBody, attachments: &[EmailAttachment]) -> anyhow::Result<MultiPart> {
    let png = "image/png".parse::<ContentType>().context("image/png is a type")?;
    let logo = Attachment::new_inline_with_name(LOGO_ID.to_owned(), "ponka.png".to_owned());
    let related = MultiPart::related()
        .singlepart(SinglePart::html(body.html))
        .singlepart(logo.body(LOGO.to_vec(), png));
    let readable =
        MultiPart::alternative().singlepart(SinglePart::plain(body.text)).multipart(related);
    if attachments.is_empty() {
        return Ok(readable);
    }
    let mut mixed = MultiPart::mixed().multipart(readable);
    for attachment in attachments {
        let (name, kind) = (&attachment.filename, &attachment.content_type);
        ensure!(
            !name.is_empty() && !name.contains(char::is_control),
            "{name:?} cannot be the name of an attachment"
        );
        let kind = kind.parse::<ContentType>();
        let kind = kind.with_context(|| {
            format!("{:?} is not a type for the attachment {name:?}", attachment.content_type)
        })?;
        mixed = mixed.singlepart(Attachment::new(name.clone()).body(attachment.body.clone(), kind));
    }
    Ok(mixed)
}

fn checked(mailbox: &UncheckedMailbox) -> anyhow::Result<Mailbox> {
    let UncheckedMailbox { address, name } = mailbox;
    let checked = EmailAddress::parse(address).with_context(|| format!("{address:?}"))?;
    if name.is_empty() {
        return Ok(Mailbox::from(checked));
    }
    let name = DisplayName::parse(name).with_context(|| format!("{name:?} <{address}>"))?;
    Ok(Mailbox::new(name, checked))
}

fn header(mailbox: &Mailbox) -> Header {
    let name = mailbox.name.as_ref().map(ToString::to_string);
    Header::new(name, address(&mailbox.address))
}

fn address(address: &EmailAddress) -> Address {
    Address::new_dangerous(address.local_part(), address.domain())
}
