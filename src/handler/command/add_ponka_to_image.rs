//! Draws Ponka on a photo.
//!
//! Delivered twice, it changes nothing: it reads the untouched original, draws the same cat for the
//! same id, and stores the result under a name made from its bytes.

use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use diesel::QueryResult;
use messenger::clock::Clock;
use messenger::{Handler, HandlerError};
use messenger_doctrine::{DatabaseContext as _, DbConnection, UnitOfWork};
use tracing::{error, info};
use uuid::Uuid;

use crate::darkroom::{Darkroom, DarkroomError};
use crate::entity::{Photo, PhotoStatus, Renditions};
use crate::fault::FaultPoint;
use crate::handler::{Cx, storage_is_there};
use crate::message::command::AddPonkaToImage;
use crate::photo::{Copies, PhotoProblem, Ponkaficator, Rendition};
use crate::photo_storage::{MediaName, PhotoStorage, StorageError, original_key};
use crate::repository::photos;

/// Draws Ponka on a photo.
pub struct AddPonkaToImageHandler {
    /// Where the photos are.
    pub photos: PhotoStorage,
    /// Draws the cat.
    pub ponkaficator: Ponkaficator,
    /// Where photos are decoded.
    pub darkroom: Darkroom,
    /// What time it is.
    pub clock: Clock,
    /// Fails on purpose, for the tutorial.
    pub fault: FaultPoint,
    /// How much longer it takes on purpose.
    pub sleep: Duration,
}

impl Handler<AddPonkaToImage, UnitOfWork> for AddPonkaToImageHandler {
    type Output = ();

    async fn handle(&self, message: &AddPonkaToImage, cx: &mut Cx) -> Result<(), HandlerError> {
        let id = message.image_post_id;
        let Some(photo) = cx.db(move |connection| photos::find(connection, id)).await? else {
            // Trying again cannot bring the photo back, so the message is done.
            error!(image_post.id = %id, "ALERT: Image post {id} was missing!");
            return Ok(());
        };
        storage_is_there(&self.photos).await?;
        if photo.status == PhotoStatus::Done {
            info!(image_post.id = %id, "Ponka has visited photo {id} already");
            self.forget_original(&photo).await?;
            return Ok(());
        }
        set_status(cx, id, PhotoStatus::Processing, None).await?;
        let visited = self.visit(cx, id, &photo).await;
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
    async fn visit(&self, cx: &mut Cx, id: Uuid, photo: &Photo) -> Result<(), HandlerError> {
        tokio::time::sleep(self.sleep).await;
        self.fault.check()?;
        let file = photo.filename;
        let drawn = match self.draw(file, id).await {
            // What is wrong with a photo stays wrong.
            Ok(drawn) => drawn.map_err(HandlerError::unrecoverable)?,
            Err(DarkroomError::Storage(error)) => {
                return self.without_original(cx, id, error).await;
            }
            Err(error) => return Err(error.into()),
        };
        let shown = self.publish(file, drawn).await?;
        let (new, now) = (shown.clone(), self.clock.now());
        let marked =
            change(cx, move |connection| photos::mark_ponka_added(connection, id, &new, now));
        if !marked.await? {
            // Deleted meanwhile: what was just written must not stay behind.
            info!(image_post.id = %id, "Photo {id} was deleted while Ponka was at work");
            // The rest is for DeletePhotoFile, which would miss it.
            for name in shown.names().filter_map(media_name) {
                let removed = self.photos.delete_if_present(&name.key()).await;
                removed.context("could not clean up")?;
            }
            return Ok(());
        }
        self.tidy_up(file, photo, &shown).await;
        Ok(())
    }

    /// A delivery that was interrupted after its work may have left the original, with the place
    /// where it was taken.
    async fn forget_original(&self, photo: &Photo) -> Result<(), HandlerError> {
        let removed = self.photos.delete_if_present(&original_key(photo.filename)).await;
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
        let photo = cx.db(move |connection| photos::find(connection, id)).await?;
        match photo {
            Some(photo) if photo.status != PhotoStatus::Done => {
                Err(anyhow::Error::new(error).context("could not read the photo").into())
            }
            _ => Ok(()),
        }
    }

    async fn draw(&self, file: Uuid, id: Uuid) -> Result<DrawnOrNot, DarkroomError> {
        let ponkaficator = self.ponkaficator;
        let draw = move |original: Bytes| ponkaficator.ponkafy_with_copies(&original, id);
        self.darkroom.develop(&self.photos, original_key(file), draw).await
    }

    async fn publish(
        &self,
        file: Uuid,
        (photo, copies): (Rendition, Copies),
    ) -> Result<Renditions, HandlerError> {
        let publish = async |rendition: Rendition| {
            let bytes = rendition.bytes.into();
            let published = self.photos.publish(file, bytes, rendition.format).await;
            published.map(|name| name.to_string()).context("could not store the photo")
        };
        let publish_if_any = async |copy: Option<Rendition>| match copy {
            Some(copy) => publish(copy).await.map(Some),
            None => Ok(None),
        };
        Ok(Renditions {
            media: publish(photo).await?,
            thumbnail: Some(publish(copies.tile).await?),
            small: publish_if_any(copies.small).await?,
            large: publish_if_any(copies.large).await?,
            placeholder: Some(copies.placeholder),
        })
    }

    /// The original has served its purpose, and so have the renditions until now. What cannot be
    /// removed now is removed with the photo.
    async fn tidy_up(&self, file: Uuid, photo: &Photo, kept: &Renditions) {
        let kept: Vec<&str> = kept.names().collect();
        let old = photo.renditions();
        let old = old.names().filter(|name| !kept.contains(name)).filter_map(media_name);
        for key in std::iter::once(original_key(file)).chain(old.map(|name| name.key())) {
            if let Err(error) = self.photos.delete_if_present(&key).await {
                tracing::warn!(%error, "Could not remove {key}, which is no longer needed: {error}");
            }
        }
    }
}

/// A photo with Ponka on it and its copies, or what is wrong with it.
type DrawnOrNot = Result<(Rendition, Copies), PhotoProblem>;

fn media_name(name: &str) -> Option<MediaName> {
    name.parse().ok()
}

/// A short transaction of its own: nothing may wait for Ponka.
async fn change<T: Send + 'static>(
    cx: &mut Cx,
    work: impl FnOnce(&mut DbConnection) -> QueryResult<T> + Send + 'static,
) -> Result<T, HandlerError> {
    cx.transaction(async move |cx| Ok(cx.db(work).await?)).await
}

async fn set_status(
    cx: &mut Cx,
    id: Uuid,
    status: PhotoStatus,
    reason: Option<&'static str>,
) -> Result<(), HandlerError> {
    change(cx, move |connection| photos::set_status(connection, id, status, reason)).await
}
