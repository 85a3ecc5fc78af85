//! Delivers mails: to a server, into a folder, nowhere, or into memory.

use std::sync::{Arc, Mutex, PoisonError};

use messenger::clock::Clock;

use super::RenderedEmail;
use super::file_transport::FileTransport;
use super::smtp::SmtpTransport;
use crate::config::MailerDsn;

/// Why a mail was not delivered.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// It will not be delivered however often it is tried: nobody has the address, a header would
    /// be two.
    #[error("{0:#}")]
    Permanent(anyhow::Error),
    /// It may pass: the server is down, busy, or wants to be asked again later.
    #[error("{0:#}")]
    Temporary(anyhow::Error),
}

/// Delivers mails. A clone is cheap.
#[derive(Clone)]
pub struct Transport(Kind);

#[derive(Clone)]
enum Kind {
    Smtp(Arc<SmtpTransport>),
    Files(FileTransport),
    Null,
    InMemory(Arc<Mutex<Vec<RenderedEmail>>>),
}

impl DeliveryError {
    /// An error that stays.
    pub fn permanent(source: impl Into<anyhow::Error>) -> Self {
        Self::Permanent(source.into())
    }

    /// An error that may pass.
    pub fn temporary(source: impl Into<anyhow::Error>) -> Self {
        Self::Temporary(source.into())
    }

    /// The same error, with what was being done.
    #[must_use]
    pub fn context(self, context: String) -> Self {
        match self {
            Self::Permanent(source) => Self::Permanent(source.context(context)),
            Self::Temporary(source) => Self::Temporary(source.context(context)),
        }
    }
}

impl Transport {
    /// The transport that `MAILER_DSN` names. Nothing is connected yet.
    #[must_use]
    pub fn new(dsn: &MailerDsn, clock: &Clock) -> Self {
        Self(match dsn {
            MailerDsn::Files(folder) => Kind::Files(FileTransport::new(folder.clone())),
            MailerDsn::Smtp(server) => {
                Kind::Smtp(Arc::new(SmtpTransport::new(server.clone(), clock.clone())))
            }
            MailerDsn::Null => Kind::Null,
            MailerDsn::InMemory => Kind::InMemory(Arc::default()),
        })
    }

    /// Delivers a mail: it is in the hands of the server, in the folder, or gone.
    ///
    /// # Errors
    /// Why it is not, and whether it makes sense to try again.
    pub async fn send(&self, email: &RenderedEmail) -> Result<(), DeliveryError> {
        match &self.0 {
            Kind::Smtp(smtp) => smtp.send(email).await,
            Kind::Files(files) => files.send(email).await.map_err(DeliveryError::Temporary),
            Kind::Null => Ok(()),
            Kind::InMemory(sent) => {
                sent.lock().unwrap_or_else(PoisonError::into_inner).push(email.clone());
                Ok(())
            }
        }
    }

    /// Asks whether mails could be delivered, without delivering one; says what was found.
    ///
    /// # Errors
    /// Why they could not.
    pub async fn check(&self) -> Result<String, DeliveryError> {
        match &self.0 {
            Kind::Smtp(smtp) => smtp.check().await,
            _ => Ok(format!("mails go {self}")),
        }
    }

    /// What an `in-memory://` transport was given, in order; nothing for the others.
    #[must_use]
    pub fn sent(&self) -> Vec<RenderedEmail> {
        match &self.0 {
            Kind::InMemory(sent) => sent.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            _ => Vec::new(),
        }
    }
}

/// Where mails go, in words: `to smtp://localhost:25`, `into the folder var/mail`.
impl std::fmt::Display for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Kind::Smtp(smtp) => write!(f, "to {}", smtp.server()),
            Kind::Files(files) => write!(f, "into the folder {}", files.folder().display()),
            Kind::Null => f.write_str("nowhere (null://null)"),
            Kind::InMemory(_) => f.write_str("into memory (in-memory://)"),
        }
    }
}
