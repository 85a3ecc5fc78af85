//! `photos:sweep`: remove files that belong to no photo.

use std::collections::HashSet;

use chrono::TimeDelta;
use clap::Args;
use futures_util::TryStreamExt;

use super::app::App;
use crate::kernel::Kernel;
use crate::photo_storage::StoredFile;
use crate::repository::image_posts;

/// How old a file is at least that is removed: an upload may still be on its way to its row.
const AGE: TimeDelta = TimeDelta::minutes(10);

/// Remove files that belong to no photo and are older than ten minutes
#[derive(Args)]
#[command(after_help = "Example: console photos:sweep --dry-run")]
pub(super) struct Sweep {
    /// Only list what would be removed
    #[arg(long)]
    dry_run: bool,
}

/// What a look at the storage found.
#[derive(Default)]
pub(super) struct Found {
    /// How many files there are.
    pub(super) total: usize,
    /// Files without a photo, old enough to be removed.
    pub(super) orphans: Vec<StoredFile>,
    /// Files without a photo whose row may still come.
    pub(super) young: usize,
}

impl Sweep {
    /// Removes the files, or lists them.
    pub(super) async fn run(self, app: &App) -> anyhow::Result<()> {
        let kernel = app.current_kernel().await?;
        let found = look(&kernel).await?;
        let bytes: u64 = found.orphans.iter().map(|file| file.size).sum();
        let mut removed = 0;
        for file in &found.orphans {
            let age = (kernel.clock.now() - file.last_modified).num_minutes();
            app.out.line(format!(" {} ({} bytes, {age} min old)", file.key, file.size));
            if !self.dry_run {
                removed += usize::from(kernel.photos.delete_if_present(&file.key).await?);
            }
        }
        let (orphans, Found { total, young, .. }) = (found.orphans.len(), found);
        if self.dry_run {
            app.out.note(&format!(
                "{orphans} of {total} files ({bytes} bytes) would be removed; {young} more are too young."
            ));
            return Ok(());
        }
        let parts = kernel.photos.remove_abandoned_parts(kernel.clock.now() - AGE).await?;
        app.out.success(&format!(
            "{removed} of {total} files ({bytes} bytes) and {parts} parts of abandoned uploads were \
             removed; {young} files without a photo are too young."
        ));
        Ok(())
    }
}

/// Looks for files that belong to no photo. The rows are read after the files: one that is
/// uploaded meanwhile is not in the list.
pub(super) async fn look(kernel: &Kernel) -> anyhow::Result<Found> {
    let files: Vec<StoredFile> = kernel.photos.list().try_collect().await?;
    let rows = kernel.database.run(image_posts::filenames).await?;
    let known: HashSet<String> = rows.into_iter().collect();
    let before = kernel.clock.now() - AGE;
    let mut found = Found { total: files.len(), ..Found::default() };
    for file in files {
        match photo_of(&file.key) {
            Some(photo) if !known.contains(photo) => {}
            _ => continue,
        }
        if file.last_modified < before {
            found.orphans.push(file);
        } else {
            found.young += 1;
        }
    }
    Ok(found)
}

/// The photo that a file belongs to; `None` for a file that is none of ours.
fn photo_of(key: &str) -> Option<&str> {
    let (folder, rest) = key.split_once('/')?;
    match folder {
        "originals" | "incoming" | "probe" => Some(rest),
        "media" => rest.split('/').next(),
        _ => None,
    }
}
