//! `photos:adopt`: take the photo storage for the one of this gallery.

use clap::Args;

use super::app::App;

/// Accept the photo storage as the one of this gallery: writes its marker file
#[derive(Args)]
#[command(after_help = "Example: console photos:adopt")]
pub(super) struct PhotosAdopt {}

impl PhotosAdopt {
    pub(super) async fn run(self, app: &App) -> anyhow::Result<()> {
        let kernel = app.current_kernel().await?;
        kernel.photos.adopt().await?;
        kernel.photos.probe().await?;
        let found = super::sweep::of(&kernel).look().await?;
        app.terminal
            .out
            .success(&format!("{} is the photo storage of this gallery.", kernel.photos));
        app.terminal.out.line(format!(
            " It has {} files. {} of them belong to no photo and would be swept; {} files of photos \
             are missing.",
            found.files, found.orphans, found.missing
        ));
        Ok(())
    }
}
