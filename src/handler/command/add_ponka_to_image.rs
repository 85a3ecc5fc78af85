//! Draws Ponka on a photo.
//!
//! Delivered twice, it changes nothing: it reads the untouched original, draws the same cat for the
//! same id, and stores the result under a name made from its bytes.

use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use messenger::clock::Clock;
use messenger::doctrine::UnitOfWork;
use messenger::{Handler, HandlerError};
use tracing::{error, info};
use uuid::Uuid;

use crate::darkroom::{Darkroom, DarkroomError};
use crate::entity::{ImagePost, PhotoStatus};
use crate::fault::FaultPoint;
use crate::handler::Cx;
use crate::message::command::AddPonkaToImage;
use crate::photo::{self, PhotoProblem, Ponkaficator, Rendition, TILE_LONG_SIDE};
use crate::photo_storage::{MediaName, PhotoStorage, StorageError, original_key};
use crate::repository::image_posts;

/// Draws Ponka on a photo.
pub struct AddPonkaToImageHandler {
    /// Where the photos are.
    pub photos: PhotoStorage,
    /// Draws.
    pub ponkaficator: Ponkaficator,
    /// Where photos are decoded.
    pub darkroom: Darkroom,
    /// What time it is.
    pub clock: Clock,
    /// Fails on purpose.
    pub fault: FaultPoint,
    /// How much longer it takes on purpose.
    pub sleep: Duration,
}

impl Handler<AddPonkaToImage, UnitOfWork> for AddPonkaToImageHandler {
    type Output = ();

    async fn handle(&self, message: &AddPonkaToImage, cx: &mut Cx) -> Result<(), HandlerError> {
        let id = message.image_post_id;
        let Some(post) = cx.db(move |connection| image_posts::find(connection, id)).await? else {
            // Trying again cannot bring the photo back, so the message is done.
            error!(image_post.id = %id, "ALERT: Image post {id} was missing!");
            return Ok(());
        };
        if post.status == PhotoStatus::Done {
            info!(image_post.id = %id, "Ponka has visited photo {id} already");
            self.forget_original(&post).await?;
            return Ok(());
        }
        set_status(cx, id, PhotoStatus::Processing, None).await?;
        let visited = self.visit(cx, id, &post).await;
        if let Err(error) = &visited {
            let problem = error.source().downcast_ref::<PhotoProblem>();
            let (status, reason) = match problem {
                Some(problem) => (PhotoStatus::Failed, Some(problem.code())),
                None => (PhotoStatus::Queued, None),
            };
            set_status(cx, id, status, reason).await?;
        }
        visited
    }

    fn name(&self) -> &'static str {
        "AddPonkaToImageHandler"
    }
}

impl AddPonkaToImageHandler {
    async fn visit(&self, cx: &mut Cx, id: Uuid, post: &ImagePost) -> Result<(), HandlerError> {
        tokio::time::sleep(self.sleep).await;
        self.fault.check()?;
        let file = Uuid::try_parse(&post.filename).context("the photo has no usable file name")?;
        let drawn = match self.draw(file, id).await {
            // What is wrong with a photo stays wrong.
            Ok(drawn) => drawn.map_err(HandlerError::unrecoverable)?,
            Err(DarkroomError::Storage(error)) => {
                return self.without_original(cx, id, error).await;
            }
            Err(error) => return Err(error.into()),
        };
        let (media, tile) = self.publish(file, drawn).await?;
        let (shown, small, now) = (media.to_string(), tile.to_string(), self.clock.now());
        let marked = cx
            .db(move |connection| {
                image_posts::mark_ponka_added(connection, id, &shown, &small, now)
            })
            .await?;
        if !marked {
            // Deleted meanwhile: what was just written must not stay behind.
            info!(image_post.id = %id, "Photo {id} was deleted while Ponka was at work");
            // The rest is for DeletePhotoFile, which would miss it.
            for name in [&media, &tile] {
                let removed = self.photos.delete_if_present(&name.key()).await;
                removed.context("could not clean up")?;
            }
            return Ok(());
        }
        self.tidy_up(file, post, &[media, tile]).await;
        Ok(())
    }

    /// A delivery that was interrupted after its work may have left the original, with the place
    /// where it was taken.
    async fn forget_original(&self, post: &ImagePost) -> Result<(), HandlerError> {
        let file = Uuid::try_parse(&post.filename).context("the photo has no usable file name")?;
        let removed = self.photos.delete_if_present(&original_key(file)).await;
        removed.context("could not remove the original")?;
        Ok(())
    }

    /// Another delivery may have been faster, and removed the original when it was done.
    async fn without_original(
        &self,
        cx: &mut Cx,
        id: Uuid,
        error: StorageError,
    ) -> Result<(), HandlerError> {
        let post = cx.db(move |connection| image_posts::find(connection, id)).await?;
        match post {
            Some(post) if post.status != PhotoStatus::Done => {
                Err(anyhow::Error::new(error).context("could not read the photo").into())
            }
            _ => Ok(()),
        }
    }

    async fn draw(&self, file: Uuid, id: Uuid) -> Result<DrawnOrNot, DarkroomError> {
        let ponkaficator = self.ponkaficator;
        let draw = move |original: Bytes| {
            let bytes = ponkaficator.ponkafy(&original, id)?;
            let tile = photo::thumbnail(&bytes, TILE_LONG_SIDE)?;
            let format = photo::inspect(&original)?.format;
            Ok(Drawn { bytes, format, tile })
        };
        self.darkroom.develop(&self.photos, original_key(file), draw).await
    }

    async fn publish(
        &self,
        file: Uuid,
        drawn: Drawn,
    ) -> Result<(MediaName, MediaName), HandlerError> {
        let Drawn { bytes, format, tile } = drawn;
        let media = self.photos.publish(file, bytes.into(), format).await;
        let media = media.context("could not store the photo")?;
        let tile = self.photos.publish(file, tile.bytes.into(), tile.format).await;
        Ok((media, tile.context("could not store the tile")?))
    }

    /// The original has served its purpose, and so has the preview. What cannot be removed now is
    /// removed with the photo.
    async fn tidy_up(&self, file: Uuid, post: &ImagePost, kept: &[MediaName]) {
        let replaced = [Some(&post.media), post.thumbnail.as_ref()];
        let replaced = replaced.into_iter().flatten().filter_map(|name| name.parse().ok());
        let old = replaced.filter(|name| !kept.contains(name)).map(|name: MediaName| name.key());
        for key in std::iter::once(original_key(file)).chain(old) {
            if let Err(error) = self.photos.delete_if_present(&key).await {
                tracing::warn!(%error, "Could not remove {key}, which is no longer needed: {error}");
            }
        }
    }
}

/// A photo with Ponka on it, or what is wrong with it.
type DrawnOrNot = Result<Drawn, PhotoProblem>;

/// A photo with Ponka on it.
struct Drawn {
    bytes: Vec<u8>,
    format: photo::PhotoFormat,
    tile: Rendition,
}

async fn set_status(
    cx: &mut Cx,
    id: Uuid,
    status: PhotoStatus,
    reason: Option<&'static str>,
) -> Result<(), HandlerError> {
    cx.db(move |connection| image_posts::set_status(connection, id, status, reason)).await?;
    Ok(())
}
