//! What goes wrong while a request is answered, and which status that is.
//!
//! The answer itself has no body: a step around the routes fills in a page, or a problem document
//! under `/api`, so that both say the same.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, ResponseError};
use messenger::DispatchError;
use messenger_doctrine::DatabaseError;
use uuid::Uuid;

use super::answer::see_other;
use crate::http::catalogue::UploadRefusal;
use crate::http::error_page::{INCIDENT, Sentence};
use crate::http::problem::Problem;
use crate::password::TooBusy;
use crate::photo_storage::StorageError;

/// How soon to come back when we are busy, in seconds.
const BUSY_SECONDS: u64 = 5;
/// What is said of a change of which nobody knows whether it was made.
const UNKNOWN: Sentence = Sentence(
    "We don't know yet whether that was done: our database stopped answering in the middle of it. \
     Look again in a moment before you repeat it.",
);

/// A request could not be answered as asked.
#[derive(Debug)]
pub enum AppError {
    /// There is no such thing, or it is not yours: nobody can tell the two apart.
    NotFound,
    /// The request makes no sense.
    BadRequest,
    /// The body is longer than that of any form.
    TooLarge,
    /// The body did not come, or too slowly.
    TooSlow,
    /// Only somebody signed in may do that: a person is asked to sign in.
    SignedOut,
    /// The page that asks was made for somebody who is not signed in here any more.
    OtherViewer,
    /// Something that we need is not there at the moment.
    Unavailable(anyhow::Error),
    /// Others are at work already on what this would take; no fault of anybody's.
    Busy,
    /// Nobody knows whether what was asked for is done: the answer to a commit was lost, and the
    /// database could not be asked.
    OutcomeUnknown(anyhow::Error),
    /// The disk of the database or of the photos is full.
    NoSpace(anyhow::Error),
    /// A fault of ours.
    Internal(anyhow::Error),
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("not found"),
            Self::BadRequest => f.write_str("bad request"),
            Self::TooLarge => f.write_str("too large"),
            Self::TooSlow => f.write_str("too slow"),
            Self::SignedOut => f.write_str("signed out"),
            Self::OtherViewer => f.write_str("made for somebody who has signed out"),
            Self::Busy => f.write_str("busy"),
            Self::Unavailable(source)
            | Self::OutcomeUnknown(source)
            | Self::NoSpace(source)
            | Self::Internal(source) => write!(f, "{source:#}"),
        }
    }
}

impl ResponseError for AppError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::SignedOut => StatusCode::SEE_OTHER,
            Self::OtherViewer => StatusCode::UNAUTHORIZED,
            Self::Unavailable(_) | Self::OutcomeUnknown(_) | Self::Busy => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::NoSpace(_) => StatusCode::INSUFFICIENT_STORAGE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::SignedOut => see_other("/login?next=/account"),
            Self::OtherViewer => Problem::from_refusal(&UploadRefusal::SignedOut, None).response(),
            Self::Unavailable(_)
            | Self::OutcomeUnknown(_)
            | Self::NoSpace(_)
            | Self::Internal(_) => {
                let incident = Uuid::new_v4();
                tracing::error!(%incident, "Could not answer a request (incident {incident}): {self}");
                let mut answer = HttpResponse::build(self.status_code());
                let mut answer = answer.insert_header((INCIDENT, incident.to_string())).finish();
                if matches!(self, Self::OutcomeUnknown(_)) {
                    answer.extensions_mut().insert(UNKNOWN);
                }
                answer
            }
            Self::Busy => HttpResponse::build(self.status_code())
                .insert_header((RETRY_AFTER, BUSY_SECONDS))
                .finish(),
            _ => HttpResponse::new(self.status_code()),
        }
    }
}

impl AppError {
    /// What came of hashing or checking a password.
    pub(super) fn of_hashing(error: anyhow::Error) -> Self {
        if error.is::<TooBusy>() { Self::Busy } else { Self::Internal(error) }
    }

    /// Which fault it is: that of a database that is away, full, or lost in the middle, or ours.
    pub(super) fn of(error: anyhow::Error) -> Self {
        match DatabaseError::find_in(error.as_ref()) {
            Some(cause) if cause.is_outcome_unknown() => Self::OutcomeUnknown(error),
            Some(cause) if cause.is_disk_full() => Self::NoSpace(error),
            Some(cause) if cause.is_unavailable() => Self::Unavailable(error),
            _ => Self::Internal(error),
        }
    }
}

/// Whether what was asked for is done, and only what follows it has failed.
pub(super) fn is_delayed(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(DispatchError::Delayed(_)))
}

impl From<DatabaseError> for AppError {
    fn from(error: DatabaseError) -> Self {
        Self::of(error.into())
    }
}

impl From<DispatchError> for AppError {
    fn from(error: DispatchError) -> Self {
        Self::of(error.into())
    }
}

impl From<StorageError> for AppError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::NotFound { .. } => Self::NotFound,
            full @ StorageError::NoSpace(_) => Self::NoSpace(full.into()),
            error => Self::Unavailable(error.into()),
        }
    }
}

impl From<minijinja::Error> for AppError {
    fn from(error: minijinja::Error) -> Self {
        Self::Internal(error.into())
    }
}
