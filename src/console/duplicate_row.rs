//! `demo:duplicate-row`: two rows, one file, as in the tutorial.

use anyhow::{Context as _, ensure};
use clap::Args;
use uuid::Uuid;

use super::app::App;
use crate::config::AppEnv;
use crate::repository::photos;

/// Make a second row for the file of the newest photo: deleting both shows a missing file
#[derive(Args)]
#[command(after_help = "Example: console demo:duplicate-row")]
pub(super) struct DuplicateRow {}

impl DuplicateRow {
    pub(super) async fn run(self, app: &App) -> anyhow::Result<()> {
        ensure!(app.config.app_env != AppEnv::Prod, "This is for the tutorial, not for prod.");
        let kernel = app.current_kernel().await?;
        let newest = kernel.database.run(photos::newest).await?;
        let mut photo = newest.context("There is no photo yet; upload one first.")?;
        let original = std::mem::replace(&mut photo.id, Uuid::now_v7());
        photo.idempotency_key = None;
        let copy = photo.clone();
        let inserted =
            kernel.database.transaction(move |connection| photos::insert(connection, &copy));
        inserted.await?;
        app.terminal.out.success(&format!(
            "Photo {} has the same file as photo {original}: {}.",
            photo.id, photo.filename
        ));
        Ok(())
    }
}
