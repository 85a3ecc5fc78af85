//! A photo that was answered 201 is there until it is deleted; then it is gone.

use sha2::{Digest, Sha256};

use super::rows::Row;
use crate::client::Answer;
use crate::uploads::{Fate, Gallery, Photo};
use crate::world::World;

const STAYS: &str = "an accepted photo stays";
const SHOWS: &str = "a photo answers its bytes";
const GONE: &str = "a deleted photo stays gone";

/// Asks for each photo as its owner does.
pub(crate) async fn answer(world: &World, gallery: &mut Gallery) {
    for photo in gallery.photos.clone() {
        let answer = gallery.browser.get(world, &format!("/api/images/{}", photo.id)).await;
        let status = answer.as_ref().map(|answer| answer.status);
        match (status, photo.fate) {
            (Some(200), Fate::Deleted) => world.ledger().broken(GONE, format!("{photo} is there")),
            (Some(200), _) => shows(world, gallery, &photo, answer).await,
            (Some(404), Fate::Deleted | Fate::Unknown) => {}
            _ => world.ledger().broken(STAYS, format!("{photo} is answered {status:?}")),
        }
    }
}

/// The pictures are there, and are those that their names stand for.
async fn shows(world: &World, gallery: &mut Gallery, photo: &Photo, answer: Option<Answer>) {
    let image = answer.map(|answer| answer.json()).unwrap_or_default();
    for name in ["url", "thumbnailUrl"] {
        let Some(url) = image[name].as_str() else { continue };
        let answer = gallery.browser.get(world, url).await;
        let status = answer.as_ref().map(|answer| answer.status);
        let bytes = answer.map(|answer| answer.body).unwrap_or_default();
        let hash = hex::encode(&Sha256::digest(&bytes)[..16]);
        if status != Some(200) || !url.contains(&format!("-{hash}.")) {
            let detail =
                format!("{photo}, {}: {url} is {status:?}, {} bytes", image["status"], bytes.len());
            world.ledger().broken(SHOWS, detail);
        }
    }
}

/// The same as the database and the disk know it.
pub(crate) fn check(world: &World, photo: &Photo, rows: &[Row], files: &[String]) {
    let row = rows.iter().find(|row| row.id == photo.id);
    let file = files.iter().find(|file| file.contains(&photo.file.to_string()));
    match photo.fate {
        Fate::Kept if row.is_none() => {
            world.ledger().broken(STAYS, format!("{photo} has no row"));
        }
        Fate::Deleted if row.is_some() || file.is_some() => {
            world.ledger().broken(GONE, format!("{photo} has {row:?}, {file:?}"));
        }
        _ => {}
    }
}
