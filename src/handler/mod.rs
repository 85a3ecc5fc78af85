//! Handlers: one file a message, named like it. What a handler needs are its fields.

pub mod command;
pub mod event;
mod mail_budget;
mod photo_given_up;
pub mod query;

use std::time::Duration;

use anyhow::Context as _;
use messenger::{Context, HandlerError};
use messenger_doctrine::UnitOfWork;

use crate::entity::User;
use crate::mail_address::{DisplayName, EmailAddress, Mailbox};
use crate::photo_storage::{PhotoStorage, StorageError};

pub use photo_given_up::PhotoGivenUp;

/// How long a message waits while the photo storage is away.
const UNTIL_IT_IS_BACK: Duration = Duration::from_secs(10);

/// What a handler is given: the unit of work, and the way to dispatch further messages in it.
pub type Cx = Context<UnitOfWork>;

/// Where an account gets its mail.
fn mailbox(user: &User) -> Result<Mailbox, HandlerError> {
    let parse =
        || Ok(Mailbox::new(DisplayName::parse(&user.name)?, EmailAddress::parse(&user.email)?));
    let mailbox: anyhow::Result<Mailbox> = parse();
    mailbox
        .with_context(|| format!("the account {} has no address that can be used", user.id))
        .map_err(HandlerError::unrecoverable)
}

/// Whether the photo storage is there. While it is away its messages wait, however long that takes.
async fn storage_is_there(photos: &PhotoStorage) -> Result<(), HandlerError> {
    photos.check().await.map_err(|error| match error {
        away @ StorageError::Away { .. } => HandlerError::recoverable(away, Some(UNTIL_IT_IS_BACK)),
        error => error.into(),
    })
}
