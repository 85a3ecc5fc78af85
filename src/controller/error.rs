//! What goes wrong while a request is answered, and which status that is.
//!
//! The answer itself has no body: a step around the routes fills in a page, or a problem document
//! under `/api`, so that both say the same.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use messenger::doctrine::DatabaseError;
use messenger::{DispatchError, TransportError};
use uuid::Uuid;

use super::answer::see_other;
use crate::http::catalogue::UploadRefusal;
use crate::http::error_page::INCIDENT;
use crate::http::problem::Problem;
use crate::password::TooBusy;
use crate::photo_storage::StorageError;

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
            Self::Unavailable(source) | Self::Internal(source) => write!(f, "{source:#}"),
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
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        if matches!(self, Self::Unavailable(_) | Self::Internal(_)) {
            let incident = Uuid::new_v4();
            tracing::error!(%incident, "Could not answer a request (incident {incident}): {self}");
            return HttpResponse::build(self.status_code())
                .insert_header((INCIDENT, incident.to_string()))
                .finish();
        }
        if matches!(self, Self::SignedOut) {
            return see_other("/login?next=/account");
        }
        if matches!(self, Self::OtherViewer) {
            return Problem::from_refusal(&UploadRefusal::SignedOut, None).response();
        }
        HttpResponse::new(self.status_code())
    }
}

impl AppError {
    /// What came of hashing or checking a password.
    pub(super) fn of_hashing(error: anyhow::Error) -> Self {
        if error.is::<TooBusy>() { Self::Unavailable(error) } else { Self::Internal(error) }
    }

    /// Whether the disk of the database is full: in SQLite's words, or in PostgreSQL's. Neither
    /// gives a code for it through diesel.
    pub(super) fn is_disk_full(&self) -> bool {
        let (Self::Unavailable(source) | Self::Internal(source)) = self else { return false };
        let said = format!("{source:#}");
        ["database or disk is full", "No space left on device"]
            .iter()
            .any(|words| said.contains(words))
    }
}

impl From<DatabaseError> for AppError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::NoConnection(_)
            | DatabaseError::Connect { .. }
            | DatabaseError::TransactionLost
            | DatabaseError::OutcomeUnknown { .. } => Self::Unavailable(error.into()),
            _ => Self::Internal(error.into()),
        }
    }
}

impl From<DispatchError> for AppError {
    fn from(error: DispatchError) -> Self {
        let unavailable = match &error {
            DispatchError::Scope(scope) => is_connection_lost(&scope.source),
            DispatchError::Transport(TransportError::Storage { source, .. }) => {
                is_connection_lost(source)
            }
            _ => false,
        };
        if unavailable { Self::Unavailable(error.into()) } else { Self::Internal(error.into()) }
    }
}

fn is_connection_lost(source: &anyhow::Error) -> bool {
    source.chain().any(|cause| {
        matches!(
            cause.downcast_ref(),
            Some(
                DatabaseError::NoConnection(_)
                    | DatabaseError::Connect { .. }
                    | DatabaseError::TransactionLost
                    | DatabaseError::OutcomeUnknown { .. }
            )
        )
    })
}

impl From<StorageError> for AppError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::NotFound { .. } => Self::NotFound,
            error => Self::Unavailable(error.into()),
        }
    }
}

impl From<minijinja::Error> for AppError {
    fn from(error: minijinja::Error) -> Self {
        Self::Internal(error.into())
    }
}
