//! Takes uploaded photos in: looks at each, makes its preview, stores its row and its message.
//!
//! Nothing is left behind when something goes wrong: no file without a row, no row without its
//! message. Where nobody knows whether it went wrong, the files stay: a sweep takes them if they
//! belong to nobody. Once all bytes have arrived the rest happens whether or not the client waits for it.

mod allowance;
mod prepare;
mod store;

use std::collections::HashSet;

use actix_web::http::header::HeaderMap;
use actix_web::{HttpRequest, rt, web};
use uuid::Uuid;

use self::store::Stored;
use super::viewer::Viewer;
use super::{App, AppError, viewer};
use crate::entity::Photo;
use crate::http::catalogue::UploadRefusal;
use crate::http::client::Client;
use crate::http::upload::{self, RefusedUpload, UploadedFile};
use crate::repository::photos;
use crate::watched;

/// How long an `Idempotency-Key` may be.
const LONGEST_KEY: usize = 200;

/// What was made of the photos of a request, in their order.
pub(super) struct Taken {
    pub(super) photos: Vec<Photo>,
    /// How many of them were in the gallery already, and were not stored again.
    pub(super) duplicates: usize,
}

/// What to do with a photo that its owner has uploaded before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Duplicates {
    /// It becomes one more photo.
    Keep,
    /// It is not stored; the existing one is returned.
    Skip,
}

/// Why photos were not taken.
pub(super) enum NotTaken {
    /// The reason is in the request; `file` is the one in question.
    Refused(RefusedUpload),
    /// The reason is here.
    Failed(AppError),
}

impl<E: Into<AppError>> From<E> for NotTaken {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl From<RefusedUpload> for NotTaken {
    fn from(refused: RefusedUpload) -> Self {
        Self::Refused(refused)
    }
}

impl From<UploadRefusal> for NotTaken {
    fn from(refusal: UploadRefusal) -> Self {
        Self::Refused(refusal.into())
    }
}

/// Takes the photos of a request for this viewer. A request with an `Idempotency-Key` that was
/// seen before gives the photos that were new then. What will not be kept is read, but not stored.
pub(super) async fn take(
    app: &App,
    viewer: &Viewer,
    request: &HttpRequest,
    payload: web::Payload,
    duplicates: Duplicates,
) -> Result<Taken, NotTaken> {
    if !viewer.may_upload(app) {
        return Err(UploadRefusal::SignedOut.into());
    }
    let (headers, uploader) = (request.headers(), Uploader::new(app, viewer, request));
    let keys = idempotency_keys(headers, app.limits.files)?;
    let known = find_known(app, uploader.owner, &keys).await?;
    if !known.is_empty() {
        upload::skip(headers, payload, &app.limits).await?;
        return Ok(Taken { photos: known, duplicates: 0 });
    }
    if let Err(refused) = allowance::check(app, &uploader, duplicates).await {
        upload::skip(headers, payload, &app.limits).await?;
        return Err(refused);
    }
    let files = upload::receive(headers, payload, &app.photos, &app.limits).await?;
    let app = app.clone();
    let taking = async move { take_in(&app, &uploader, &files, &keys, duplicates).await };
    let stored = rt::spawn(watched::carry(taking));
    stored.await.map_err(|error| AppError::Internal(error.into()))?
}

/// The keys of the single files of a request: `KEY#00`, `KEY#01`, …; none without a key.
fn idempotency_keys(headers: &HeaderMap, files: usize) -> Result<Vec<String>, AppError> {
    let Some(key) = headers.get("Idempotency-Key") else { return Ok(Vec::new()) };
    let key = key.to_str().map_err(|_malformed| AppError::BadRequest)?.trim();
    if key.is_empty() || key.len() > LONGEST_KEY {
        return Err(AppError::BadRequest);
    }
    Ok((0..files).map(|number| format!("{key}#{number:02}")).collect())
}

async fn find_known(app: &App, owner: Uuid, keys: &[String]) -> Result<Vec<Photo>, AppError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let keys = keys.to_vec();
    let known = app
        .database
        .run(move |connection| photos::find_by_idempotency_keys(connection, owner, &keys));
    Ok(known.await?)
}

/// Whose photos they will be.
#[derive(Debug)]
struct Uploader {
    owner: Uuid,
    /// Where somebody without an account is, who may be somebody new with every request; `None` for
    /// an account.
    guest_at: Option<Client>,
}

impl Uploader {
    fn new(app: &App, viewer: &Viewer, request: &HttpRequest) -> Self {
        let guest_at = viewer.account.is_none().then(|| viewer::client(app, request));
        Self { owner: viewer.owner, guest_at }
    }
}

/// What became of one file.
enum Arrival {
    New(Photo),
    Known(Photo),
}

async fn take_in(
    app: &App,
    uploader: &Uploader,
    files: &[UploadedFile],
    keys: &[String],
    duplicates: Duplicates,
) -> Result<Taken, NotTaken> {
    let error = match store(app, uploader, files, keys, duplicates).await {
        Ok(stored) => return Ok(finish(app, files, stored).await),
        Err(error) => error,
    };
    let is_unknown = matches!(&error, NotTaken::Failed(AppError::OutcomeUnknown(_)));
    if !is_unknown {
        discard(app, files).await;
    }
    // The same request may have been faster on another connection.
    match find_known(app, uploader.owner, keys).await {
        Ok(known) if !known.is_empty() => Ok(Taken { photos: known, duplicates: 0 }),
        _ => Err(error),
    }
}

async fn store(
    app: &App,
    uploader: &Uploader,
    files: &[UploadedFile],
    keys: &[String],
    duplicates: Duplicates,
) -> Result<Vec<Stored>, NotTaken> {
    let owner = uploader.owner;
    let mut known = Vec::with_capacity(files.len());
    for file in files {
        known.push(match duplicates {
            Duplicates::Keep => None,
            Duplicates::Skip => find_same(app, owner, file).await?,
        });
    }
    allowance::take(app, uploader, count_new(files, &known, duplicates)).await?;
    let mut arrivals = Vec::with_capacity(files.len());
    for (number, (file, known)) in files.iter().zip(known).enumerate() {
        arrivals.push(match known {
            Some(photo) => Arrival::Known(photo),
            None => Arrival::New(prepare::photo(app, owner, file, keys.get(number)).await?),
        });
    }
    store::insert(app, uploader, arrivals, duplicates).await
}

async fn find_same(app: &App, owner: Uuid, file: &UploadedFile) -> Result<Option<Photo>, AppError> {
    let hash = file.content_hash.clone();
    let same =
        app.database.run(move |connection| photos::find_by_content(connection, owner, &hash));
    Ok(same.await?)
}

/// How many of these files become photos.
fn count_new(files: &[UploadedFile], known: &[Option<Photo>], duplicates: Duplicates) -> usize {
    let new = files.iter().zip(known).filter(|(_, known)| known.is_none());
    match duplicates {
        Duplicates::Keep => new.count(),
        Duplicates::Skip => new.map(|(file, _)| &file.content_hash).collect::<HashSet<_>>().len(),
    }
}

/// Removes the files of photos that were there already.
async fn finish(app: &App, files: &[UploadedFile], stored: Vec<Stored>) -> Taken {
    let mut taken = Taken { photos: Vec::with_capacity(stored.len()), duplicates: 0 };
    for (file, stored) in files.iter().zip(stored) {
        if stored.is_duplicate {
            discard(app, std::slice::from_ref(file)).await;
            taken.duplicates += 1;
        }
        taken.photos.push(stored.photo);
    }
    taken
}

/// Removes everything that was stored of these files. What cannot be removed is swept later.
async fn discard(app: &App, files: &[UploadedFile]) {
    for file in files {
        if let Err(error) = app.photos.delete_photo(file.stored.id).await {
            tracing::warn!(%error, "Could not remove an upload that was not taken: {error}");
        }
    }
}
