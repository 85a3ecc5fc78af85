//! `demo:duplicate-row`: two rows, one file, as in the tutorial.

use anyhow::{Context as _, ensure};
use clap::Args;
use uuid::Uuid;

use super::app::App;
use crate::config::AppEnv;
use crate::repository::image_posts;

/// Make a second row for the file of the newest photo: deleting both shows a missing file
#[derive(Args)]
#[command(after_help = "Example: console demo:duplicate-row")]
pub(super) struct DuplicateRow {}

impl DuplicateRow {
    /// Copies the row.
    pub(super) async fn run(self, app: &App) -> anyhow::Result<()> {
        ensure!(app.config.app_env != AppEnv::Prod, "This is for the tutorial, not for prod.");
        let kernel = app.current_kernel().await?;
        let newest = kernel.database.run(image_posts::newest).await?;
        let mut post = newest.context("There is no photo yet; upload one first.")?;
        let original = std::mem::replace(&mut post.id, Uuid::now_v7());
        post.idempotency_key = None;
        let copy = post.clone();
        let inserted =
            kernel.database.transaction(move |connection| image_posts::insert(connection, &copy));
        inserted.await?;
        app.terminal.out.success(&format!(
            "Photo {} has the same file as photo {original}: {}.",
            post.id, post.filename
        ));
        Ok(())
    }
}
