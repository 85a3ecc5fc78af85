//! The bytes of a photo, for its owner.

use actix_web::{HttpRequest, HttpResponse, web};

use super::viewer::Viewer;
use super::{App, AppError};
use crate::http::media;
use crate::photo_storage::MediaName;
use crate::repository::photos;

/// `GET /media/{name}`
pub(super) async fn show(
    app: web::Data<App>,
    viewer: Viewer,
    request: HttpRequest,
    name: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let media: MediaName = name.parse().map_err(|_malformed| AppError::NotFound)?;
    let photo = media.photo();
    let owner = viewer.owner;
    let owned = app.database.run(move |connection| photos::owns_file(connection, photo, owner));
    if !owned.await? {
        return Err(AppError::NotFound);
    }
    Ok(media::serve(&request, &app.photos, &name).await?)
}
