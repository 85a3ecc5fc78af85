//! Takes uploaded photos in: looks at each, makes its preview, stores its row and its message.
//!
//! Nothing is left behind when something goes wrong: no file without a row, no row without its
//! message. Once all bytes have arrived the rest happens whether or not the client waits for it.

use actix_web::http::header::HeaderMap;
use actix_web::{rt, web};
use bytes::Bytes;
use messenger::doctrine::DatabaseError;
use messenger::stamp::DispatchAfterCurrentBusStamp;
use messenger::{DispatchError, Message};
use uuid::Uuid;

use super::viewer::Viewer;
use super::{App, AppError, view};
use crate::entity::{ImagePost, PhotoStatus};
use crate::http::catalogue::UploadRefusal;
use crate::http::upload::{self, RefusedUpload, UploadedFile};
use crate::message::COMMAND_BUS;
use crate::message::command::AddPonkaToImage;
use crate::photo::{self, PhotoProblem, Rendition, TILE_LONG_SIDE};
use crate::photo_storage::{MediaName, StorageError, original_key};
use crate::profiler;
use crate::repository::{image_posts, users};

/// How long an `Idempotency-Key` may be.
const LONGEST_KEY: usize = 200;

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

/// Takes the photos of a request for this viewer. A request with an `Idempotency-Key` that was
/// seen before gives the photos of the first time.
pub(super) async fn take(
    app: &App,
    viewer: &Viewer,
    headers: &HeaderMap,
    payload: web::Payload,
) -> Result<Vec<ImagePost>, NotTaken> {
    let owner = viewer.owner;
    if !viewer.may_upload(app) {
        return Err(RefusedUpload::from(UploadRefusal::SignedOut).into());
    }
    let keys = idempotency_keys(headers, app.limits.files)?;
    let known = find_known(app, owner, &keys).await?;
    let files = upload::receive(headers, payload, &app.photos, &app.limits).await?;
    if !known.is_empty() {
        discard(app, &files).await;
        return Ok(known);
    }
    let app = app.clone();
    let viewer = viewer.clone();
    let storing = async move { store(&app, &viewer, &files, &keys).await };
    let stored = rt::spawn(profiler::carry(storing));
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

async fn find_known(app: &App, owner: Uuid, keys: &[String]) -> Result<Vec<ImagePost>, AppError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let keys = keys.to_vec();
    let known = app
        .database
        .run(move |connection| image_posts::find_by_idempotency_keys(connection, owner, &keys));
    Ok(known.await?)
}

async fn store(
    app: &App,
    viewer: &Viewer,
    files: &[UploadedFile],
    keys: &[String],
) -> Result<Vec<ImagePost>, NotTaken> {
    let owner = viewer.owner;
    let stored = async {
        let mut posts = Vec::with_capacity(files.len());
        for (number, file) in files.iter().enumerate() {
            let prepared = prepare(app, file).await?;
            posts.push(new_post(app, owner, file, prepared, keys.get(number)));
        }
        insert(app, viewer, &posts).await?;
        Ok::<_, NotTaken>(posts)
    };
    let error = match stored.await {
        Ok(posts) => return Ok(posts),
        Err(error) => error,
    };
    discard(app, files).await;
    // The same request may have been faster on another connection.
    match find_known(app, owner, keys).await {
        Ok(known) if !known.is_empty() => Ok(known),
        _ => Err(error),
    }
}

/// What is known of a photo once its preview is made.
struct Prepared {
    media: MediaName,
    tile: MediaName,
    width: u32,
    height: u32,
}

async fn prepare(app: &App, file: &UploadedFile) -> Result<Prepared, NotTaken> {
    let refused = |problem: &PhotoProblem| RefusedUpload {
        refusal: view::refusal(problem),
        file: Some(file.original_filename.clone()),
    };
    let look = |original: Bytes| {
        let info = photo::inspect(&original)?;
        let preview = photo::preview(&original)?;
        let tile = photo::thumbnail(&preview.bytes, TILE_LONG_SIDE)?;
        Ok::<_, PhotoProblem>((info, preview, tile))
    };
    let original = original_key(file.stored.id);
    let looked_at = app.darkroom.develop(&app.photos, original, look).await;
    let looked_at = looked_at.map_err(|error| AppError::Internal(error.into()))?;
    let (info, preview, tile) = looked_at.map_err(|problem| refused(&problem))?;
    let media = publish(app, file, preview).await?;
    let tile = publish(app, file, tile).await?;
    Ok(Prepared { media, tile, width: info.width, height: info.height })
}

async fn publish(
    app: &App,
    file: &UploadedFile,
    rendition: Rendition,
) -> Result<MediaName, NotTaken> {
    let published = app.photos.publish(file.stored.id, rendition.bytes.into(), rendition.format);
    match published.await {
        Err(StorageError::NoSpace(_)) => Err(RefusedUpload::from(UploadRefusal::NoSpace).into()),
        published => Ok(published?),
    }
}

fn new_post(
    app: &App,
    owner: Uuid,
    file: &UploadedFile,
    prepared: Prepared,
    key: Option<&String>,
) -> ImagePost {
    let side = |pixels: u32| i32::try_from(pixels).unwrap_or(i32::MAX);
    ImagePost {
        id: Uuid::now_v7().to_string(),
        owner_id: owner.to_string(),
        filename: file.stored.id.to_string(),
        original_filename: file.original_filename.as_str().to_owned(),
        status: PhotoStatus::Queued,
        width: side(prepared.width),
        height: side(prepared.height),
        media: prepared.media.to_string(),
        thumbnail: Some(prepared.tile.to_string()),
        failure: None,
        ponka_added_at: None,
        created_at: app.clock.now().naive_utc(),
        idempotency_key: key.cloned(),
    }
}

/// The rows and their messages, together or not at all.
async fn insert(app: &App, viewer: &Viewer, posts: &[ImagePost]) -> Result<(), NotTaken> {
    let posts = posts.to_vec();
    let account = viewer.account.as_ref().map(|account| account.id);
    let mut cx = app.messenger.context(COMMAND_BUS);
    cx.transaction(async move |cx| {
        // It may have been deleted while the photos came in.
        if let Some(account) = account
            && !cx.db(move |connection| users::hold(connection, account)).await?
        {
            return Err(NotStored::SignedOut);
        }
        for post in posts {
            let image_post_id = Uuid::try_parse(&post.id).unwrap_or_default();
            cx.db(move |connection| image_posts::insert(connection, &post)).await?;
            let ponka = AddPonkaToImage { image_post_id };
            cx.dispatch(COMMAND_BUS, ponka.with(DispatchAfterCurrentBusStamp)).await?;
        }
        Ok::<_, NotStored>(())
    })
    .await
    .or_else(|error| match error {
        // The rows are there; without a queue, Ponka was to come at once, and did not.
        NotStored::Dispatch(DispatchError::Delayed(delayed)) => {
            tracing::error!("A photo is stored, but Ponka could not visit it: {delayed}");
            Ok(())
        }
        error => Err(error),
    })
    .map_err(|error| match AppError::from(error) {
        AppError::SignedOut => RefusedUpload::from(UploadRefusal::SignedOut).into(),
        full if full.is_disk_full() => {
            tracing::error!("The disk of the database is full: {full}");
            RefusedUpload::from(UploadRefusal::NoSpace).into()
        }
        error => NotTaken::Failed(error),
    })
}

/// Why rows and messages were not stored.
enum NotStored {
    SignedOut,
    Database(DatabaseError),
    Dispatch(DispatchError),
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
            NotStored::SignedOut => Self::SignedOut,
            NotStored::Database(error) => error.into(),
            NotStored::Dispatch(error) => error.into(),
        }
    }
}

/// Removes everything that was stored of these files. What cannot be removed is swept later.
async fn discard(app: &App, files: &[UploadedFile]) {
    for file in files {
        if let Err(error) = app.photos.delete_photo(file.stored.id).await {
            tracing::warn!(%error, "Could not remove an upload that was not taken: {error}");
        }
    }
}
