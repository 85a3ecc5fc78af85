//! Looks at an upload, and makes what is shown of it until Ponka has come.

use bytes::Bytes;
use uuid::Uuid;

use super::NotTaken;
use crate::controller::{App, AppError, view};
use crate::darkroom::DarkroomError;
use crate::entity::{Photo, PhotoStatus};
use crate::http::catalogue::UploadRefusal;
use crate::http::upload::{RefusedUpload, UploadedFile};
use crate::photo::{self, PhotoProblem, Rendition};
use crate::photo_storage::{StorageError, original_key};

/// The row of a photo, with its renditions stored.
pub(super) async fn photo(
    app: &App,
    owner: Uuid,
    file: &UploadedFile,
    key: Option<&String>,
) -> Result<Photo, NotTaken> {
    let look = |original: Bytes| {
        let info = photo::inspect(&original)?;
        let (preview, copies) = photo::preview_with_copies(&original)?;
        Ok::<_, PhotoProblem>((info, preview, copies))
    };
    let original = original_key(file.stored.id);
    let looked_at = app.darkroom.develop(&app.photos, original, look).await;
    let looked_at = looked_at.map_err(|error| match error {
        // Also if it is not found: it has just arrived.
        DarkroomError::Storage(error) => AppError::Unavailable(error.into()),
        error => AppError::Internal(error.into()),
    })?;
    let (info, preview, copies) = looked_at.map_err(|problem| RefusedUpload {
        refusal: view::refusal(&problem),
        file: Some(file.original_filename.clone()),
    })?;
    let side = |pixels: u32| i32::try_from(pixels).unwrap_or(i32::MAX);
    Ok(Photo {
        id: Uuid::now_v7(),
        owner_id: owner,
        filename: file.stored.id,
        original_filename: file.original_filename.as_str().to_owned(),
        status: PhotoStatus::Queued,
        width: side(info.width),
        height: side(info.height),
        media: publish(app, file, preview).await?,
        thumbnail: Some(publish(app, file, copies.tile).await?),
        failure: None,
        ponka_added_at: None,
        created_at: app.clock.now().naive_utc(),
        idempotency_key: key.cloned(),
        small: match copies.small {
            Some(small) => Some(publish(app, file, small).await?),
            None => None,
        },
        // What is shown now is no larger.
        large: None,
        placeholder: Some(copies.placeholder),
        content_hash: Some(file.content_hash.clone()),
        alt: None,
    })
}

async fn publish(app: &App, file: &UploadedFile, rendition: Rendition) -> Result<String, NotTaken> {
    let published = app.photos.publish(file.stored.id, rendition.bytes.into(), rendition.format);
    match published.await {
        Err(StorageError::NoSpace(_)) => Err(UploadRefusal::NoSpace.into()),
        published => Ok(published?.to_string()),
    }
}
