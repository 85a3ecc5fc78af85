//! Tiles of the gallery alone, for a page that puts them where they belong.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

use super::answer::html;
use super::viewer::Viewer;
use super::{App, AppError, gallery, view};
use crate::entity::Photo;
use crate::http::pages::TileFragment;
use crate::repository::photos;

/// The query: which photos.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    ids: String,
}

/// `GET /tiles?ids=ID,ID…`: the tiles of those photos that the viewer may see, in this order.
pub(super) async fn show(
    app: web::Data<App>,
    viewer: Viewer,
    wanted: web::Query<Wanted>,
) -> Result<HttpResponse, AppError> {
    let mut ids: Vec<Uuid> = Vec::new();
    for id in wanted.ids.split(',').filter_map(|id| Uuid::try_parse(id.trim()).ok()) {
        if !ids.contains(&id) {
            ids.push(id);
        }
        if ids.len() > gallery::PAGE {
            return Err(AppError::BadRequest);
        }
    }
    let (asked, owner) = (ids.clone(), viewer.owner);
    let found =
        app.database.run(move |connection| photos::find_all_owned(connection, &asked, owner));
    let found = found.await?.into_iter().map(|photo| (photo.id, photo));
    let found: HashMap<Uuid, Photo> = found.collect();
    let mut tiles = String::new();
    for photo in ids.iter().filter_map(|id| found.get(id)) {
        let tile = TileFragment { now: app.clock.now(), photo: view::page_view(photo) };
        tiles.push_str(&app.page(&viewer, "_tile.html", tile)?);
    }
    html(StatusCode::OK, tiles)
}
