//! Why a mail was not delivered, and whether it makes sense to try again.

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
