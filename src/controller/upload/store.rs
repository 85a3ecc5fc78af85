//! Stores the rows of photos and their messages, together or not at all.

use messenger::stamp::DispatchAfterCurrentBusStamp;
use messenger::{Context, DispatchError, Message};
use messenger_doctrine::{DatabaseContext as _, DatabaseError, UnitOfWork};
use uuid::Uuid;

use super::{Arrival, Duplicates, NotTaken, Uploader};
use crate::controller::{App, AppError};
use crate::entity::Photo;
use crate::http::catalogue::UploadRefusal;
use crate::message::COMMAND_BUS;
use crate::message::command::AddPonkaToImage;
use crate::repository::{photo_events, photos, users};

/// A photo that is there now.
pub(super) struct Stored {
    pub(super) photo: Photo,
    /// Whether it was there before.
    pub(super) is_duplicate: bool,
    /// Whether it was read again after the commit.
    is_found: bool,
}

/// The rows and their messages, together or not at all.
pub(super) async fn insert(
    app: &App,
    uploader: &Uploader,
    arrivals: Vec<Arrival>,
    duplicates: Duplicates,
) -> Result<Vec<Stored>, NotTaken> {
    let (max, owner, has_account) =
        (app.allowance.photos, uploader.owner, uploader.guest_at.is_none());
    let mut cx = app.messenger.context(COMMAND_BUS);
    let mut stored = Vec::with_capacity(arrivals.len());
    let inserted = cx.transaction(async |cx| {
        // The account may have been deleted while the photos came in.
        if has_account && !cx.db(move |connection| users::hold(connection, owner)).await? {
            return Err(NotStored::SignedOut);
        }
        for arrival in arrivals {
            stored.push(insert_one(cx, owner, arrival, duplicates).await?);
        }
        let Some(max) = max else { return Ok(()) };
        // Of requests at the same time each was within the quota.
        let used = cx.db(move |connection| photos::count_of(connection, owner)).await?;
        if used > max { Err(NotStored::Quota { max }) } else { Ok(()) }
    });
    let inserted = inserted.await.or_else(|error| match error {
        // The rows are there; without a queue, Ponka was to come at once, and did not.
        NotStored::Dispatch(DispatchError::Delayed(delayed)) => {
            tracing::error!("A photo is stored, but Ponka could not visit it: {delayed}");
            Ok(())
        }
        error => Err(error),
    });
    match inserted {
        Ok(()) => Ok(as_it_is_now(app, owner, stored).await),
        Err(NotStored::SignedOut) => Err(UploadRefusal::SignedOut.into()),
        Err(NotStored::Quota { max }) => Err(UploadRefusal::Quota { used: max, max }.into()),
        Err(error) => match AppError::from(error) {
            AppError::NoSpace(full) => {
                tracing::error!("The disk of the database is full: {full:#}");
                Err(UploadRefusal::NoSpace.into())
            }
            // It was asked at once; perhaps it answers by now.
            AppError::OutcomeUnknown(error) => {
                let stored = as_it_is_now(app, owner, stored).await;
                match stored.iter().all(|one| one.is_found) {
                    true => Ok(stored),
                    false => Err(NotTaken::Failed(AppError::OutcomeUnknown(error))),
                }
            }
            error => Err(NotTaken::Failed(error)),
        },
    }
}

/// Without a queue Ponka has come and gone since the rows were written. They are there, whether or
/// not they can be read again.
async fn as_it_is_now(app: &App, owner: Uuid, mut stored: Vec<Stored>) -> Vec<Stored> {
    let ids: Vec<Uuid> = stored.iter().map(|one| one.photo.id).collect();
    let reading = move |connection: &mut _| photos::find_all_owned(connection, &ids, owner);
    let read = app.database.run(reading).await.unwrap_or_else(|error| {
        tracing::warn!("Photos are stored, but could not be read again: {error}");
        Vec::new()
    });
    for photo in read {
        for one in stored.iter_mut().filter(|one| one.photo.id == photo.id) {
            one.photo = photo.clone();
            one.is_found = true;
        }
    }
    stored
}

async fn insert_one(
    cx: &mut Context<UnitOfWork>,
    owner: Uuid,
    arrival: Arrival,
    duplicates: Duplicates,
) -> Result<Stored, NotStored> {
    let photo = match arrival {
        Arrival::New(photo) => photo,
        Arrival::Known(photo) => return still_there(cx, photo).await,
    };
    let new = photo.clone();
    let same = cx.db(move |connection| {
        if duplicates == Duplicates::Skip {
            // From here on nobody else adds a photo of this owner.
            photo_events::lock(connection, owner)?;
            let hash = new.content_hash.as_deref().unwrap_or_default();
            if let Some(same) = photos::find_by_content(connection, owner, hash)? {
                return Ok(Some(same));
            }
        }
        photos::insert(connection, &new).map(|()| None)
    });
    if let Some(same) = same.await? {
        return Ok(Stored { photo: same, is_duplicate: true, is_found: false });
    }
    let ponka = AddPonkaToImage { image_post_id: photo.id };
    cx.dispatch_on(COMMAND_BUS, ponka.with(DispatchAfterCurrentBusStamp)).await?;
    Ok(Stored { photo, is_duplicate: false, is_found: false })
}

/// The photo that makes this one a duplicate, unless it was deleted while the others were looked at.
async fn still_there(cx: &mut Context<UnitOfWork>, known: Photo) -> Result<Stored, NotStored> {
    let photo = cx.db(move |connection| photos::find(connection, known.id)).await?;
    let stored = photo.map(|photo| Stored { photo, is_duplicate: true, is_found: false });
    stored.ok_or(NotStored::DuplicateGone)
}

/// Why rows and messages were not stored.
enum NotStored {
    Database(DatabaseError),
    Dispatch(DispatchError),
    DuplicateGone,
    Quota { max: u64 },
    SignedOut,
}

impl From<DatabaseError> for NotStored {
    fn from(error: DatabaseError) -> Self {
        Self::Database(error)
    }
}

impl From<DispatchError> for NotStored {
    fn from(error: DispatchError) -> Self {
        Self::Dispatch(error)
    }
}

impl From<NotStored> for AppError {
    fn from(error: NotStored) -> Self {
        match error {
            NotStored::Database(error) => error.into(),
            NotStored::Dispatch(error) => error.into(),
            NotStored::SignedOut => Self::SignedOut,
            // Once more, and it is a new photo.
            NotStored::DuplicateGone => {
                Self::Unavailable(anyhow::anyhow!("the photo that was there has been deleted"))
            }
            NotStored::Quota { max } => Self::Internal(anyhow::anyhow!("more than {max} photos")),
        }
    }
}
