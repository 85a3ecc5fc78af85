//! Mails: written here, queued as plain values, rendered and delivered by the worker.
//!
//! A [`Mailer`] dispatches, a [`Transport`] delivers; the routing decides whether a queue lies in
//! between.

mod body_renderer;
mod composer;
mod email;
mod file_transport;
#[expect(clippy::module_inception, reason = "the mailer itself")]
mod mailer;
mod smtp;
mod transport;

pub use body_renderer::{BodyRenderer, RenderedBody};
pub use composer::{Composer, ComposerSettings, RenderedEmail};
#[cfg(feature = "developer")]
pub(crate) use composer::{LOGO, LOGO_ID};
pub use email::Email;
pub use mailer::Mailer;
pub use transport::{DeliveryError, Transport};
