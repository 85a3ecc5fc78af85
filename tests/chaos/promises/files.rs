//! Files: after a sweep there are those of the rows, and no others.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use messenger::clock::Clock;
use ponka::photo_storage::{MediaName, original_key};

use super::rows::Row;
use crate::world::World;

const SWEPT: &str = "after a sweep there is no file without a photo";
const THERE: &str = "a photo has its files";
/// Older than what a sweep leaves alone because its row may still come.
const OLD: Duration = Duration::from_secs(3600);

/// Makes all files old, so that nothing is left alone, and sweeps.
pub(crate) async fn sweep(world: &World) {
    let now = std::time::SystemTime::from(Clock::System.now());
    for name in read(world) {
        let file = File::options().append(true).open(world.path("disk/uploads").join(name));
        file.unwrap().set_modified(now - OLD).unwrap();
    }
    let (is_done, said) = world.console("photos:sweep").await;
    if !is_done {
        world.ledger().broken(SWEPT, format!("photos:sweep failed: {said}"));
    }
}

pub(crate) fn belong_to_rows(world: &World, rows: &[Row], files: &[String]) {
    let there: BTreeSet<String> = files.iter().cloned().collect();
    for row in rows {
        for file in files_of(row).filter(|file| !there.contains(file)) {
            world.ledger().broken(THERE, format!("{file} is missing of {row}"));
        }
    }
    let expected: BTreeSet<String> = rows.iter().flat_map(files_of).collect();
    for file in there.difference(&expected) {
        let row = rows.iter().find(|row| file.contains(&row.file.to_string()));
        let of = row.map_or("no photo".to_owned(), |row| format!("{row}, which shows others"));
        world.ledger().broken(SWEPT, format!("{file} is of {of}"));
    }
}

/// The upload until Ponka has visited, and what is shown.
fn files_of(row: &Row) -> impl Iterator<Item = String> {
    let original = (row.status != "done").then(|| original_key(row.file));
    let shown = row.renditions.iter().map(|name| name.parse::<MediaName>().unwrap().key());
    original.into_iter().chain(shown)
}

/// Everything in the folders of the storage, unfinished files too.
pub(crate) fn read(world: &World) -> Vec<String> {
    let root = world.path("disk/uploads");
    let folders = ["originals", "media", "incoming", "probe"];
    let (mut folders, mut files) = (folders.map(|name| root.join(name)).to_vec(), Vec::new());
    while let Some(folder) = folders.pop() {
        for path in entries(&folder) {
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.strip_prefix(&root).unwrap().display().to_string());
            }
        }
    }
    files
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}
