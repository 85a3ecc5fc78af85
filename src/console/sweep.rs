//! `photos:sweep`: remove files that belong to no photo.

use chrono::TimeDelta;
use clap::Args;

use super::app::App;
use crate::kernel::Kernel;
use crate::photo_storage::StoredFile;
use crate::sweep::{self, Found, Sweep as Sweeping, Walk};

/// Remove files that belong to no photo and are older than an hour; workers do so once an hour
#[derive(Args)]
#[command(after_help = "Example: console photos:sweep --dry-run")]
pub(super) struct Sweep {
    /// Only list what would be removed
    #[arg(long)]
    dry_run: bool,
    /// Remove only files at least this old
    #[arg(long, value_name = "MINUTES", default_value = "60", value_parser = messenger_console::value::positive)]
    older_than: u64,
}

impl Sweep {
    /// Removes the files, or lists them.
    pub(super) async fn run(self, app: &App) -> anyhow::Result<()> {
        let kernel = app.current_kernel().await?;
        let minutes = i64::try_from(self.older_than).ok();
        let age = minutes.and_then(TimeDelta::try_minutes).unwrap_or(TimeDelta::MAX);
        let sweep = Sweeping { age, ..of(&kernel) };
        let tell = |file: &StoredFile| {
            let age = (sweep.now - file.last_modified).num_minutes();
            app.terminal.out.line(format!(" {} ({} bytes, {age} min old)", file.key, file.size));
        };
        if self.dry_run {
            let mut walk = Walk::begin(&sweep).await?;
            while let Some(orphans) = walk.next().await? {
                orphans.iter().for_each(tell);
            }
            let found = walk.end().await?;
            let Found { files, orphans, bytes, young, .. } = found;
            app.terminal.out.note(&format!(
                "{orphans} of {files} files ({bytes} bytes) would be removed; {young} more are too young."
            ));
            tell_missing(app, &found);
            return Ok(());
        }
        let swept = sweep.run(tell).await?;
        let Found { files, bytes, young, .. } = swept.found;
        app.terminal.out.success(&format!(
            "{} of {files} files ({bytes} bytes) and {} parts of abandoned uploads were removed; \
             {young} files without a photo are too young.",
            swept.removed, swept.parts
        ));
        tell_missing(app, &swept.found);
        Ok(())
    }
}

/// The sweep that workers do by themselves.
pub(super) fn of(kernel: &Kernel) -> Sweeping {
    let (photos, database) = (kernel.photos.clone(), kernel.database.clone());
    Sweeping { photos, database, now: kernel.clock.now(), age: sweep::AGE }
}

fn tell_missing(app: &App, found: &Found) {
    if found.missing > 0 {
        let missing = found.missing;
        app.terminal.err.warning(&format!(
            "{missing} files of photos are missing; \"console photos:check\" tells which."
        ));
    }
}
