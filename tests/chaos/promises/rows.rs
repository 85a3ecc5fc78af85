//! Rows of photos: each is whole, whether or not its upload was answered.

use std::collections::HashMap;
use std::fmt;

use uuid::Uuid;

use crate::world::World;

const MOVED: &str = "the photos of a visit belong to the account that was made in it";
const WHOLE: &str = "what is stored is whole";
const ONCE: &str = "one upload is one photo";

/// What the database knows of a photo.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) file: Uuid,
    pub(crate) status: String,
    /// The client's name for it, by which the upload is known.
    pub(crate) name: String,
    /// The names of what is shown of it.
    pub(crate) renditions: Vec<String>,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, file, status, name, .. } = self;
        write!(f, "photo {id} ({name}, file {file}, {status})")
    }
}

const ROWS: &str = "SELECT id || '|' || filename || '|' || status || '|' || original_filename \
     || '|' || media || '|' || COALESCE(thumbnail, '') || '|' || COALESCE(small, '') \
     || '|' || COALESCE(large, '') AS value FROM image_post ORDER BY id";

pub(crate) fn read(world: &World) -> Vec<Row> {
    let rows = world.database.values(ROWS);
    rows.iter().map(|row| parse(&row.split('|').collect::<Vec<_>>())).collect()
}

fn parse(columns: &[&str]) -> Row {
    let [id, file, status, name, renditions @ ..] = columns else { panic!("{columns:?}") };
    let renditions = renditions.iter().filter(|name| !name.is_empty());
    Row {
        id: (*id).to_owned(),
        file: Uuid::try_parse(file).unwrap(),
        status: (*status).to_owned(),
        name: (*name).to_owned(),
        renditions: renditions.map(|name| (*name).to_owned()).collect(),
    }
}

pub(crate) fn photos_of_a_visit_belong_to_its_account(world: &World) {
    let left = "SELECT image_post.id || ' of ' || email AS value FROM image_post \
         JOIN app_user ON owner_id = visitor_id";
    for photo in world.database.values(left) {
        world.ledger().broken(MOVED, format!("photo {photo} belongs to the visitor still"));
    }
}

/// Each has been visited, or was given up and its message is kept.
pub(crate) fn are_whole(world: &World, rows: &[Row]) {
    let failed = "SELECT body AS value FROM messenger_messages WHERE queue_name = 'failed'";
    let failed = world.database.values(failed);
    let mut by_name: HashMap<&str, &Row> = HashMap::new();
    for row in rows {
        let is_kept = failed.iter().any(|body| body.contains(&row.id));
        if row.status != "done" && !(row.status == "failed" && is_kept) {
            let message = if is_kept { "is in \"failed\"" } else { "is nowhere" };
            let detail = format!("{row}: its message {message}");
            world.ledger().broken(WHOLE, detail);
        }
        if row.name.starts_with("half-") {
            world.ledger().broken(WHOLE, format!("of {row} only a half was sent"));
        }
        if let Some(other) = by_name.insert(&row.name, row) {
            world.ledger().broken(ONCE, format!("{row} and {other}"));
        }
    }
}
