//! The clients: each does one thing after the other, several of them at once.

use crate::browser::Browser;
use crate::newcomers::Newcomer;
use crate::plan::Action;
use crate::uploads::{Gallery, photo};
use crate::world::World;

/// A visitor without an account, and those who came and registered on the same machine.
pub(crate) struct Client {
    number: usize,
    pub(crate) gallery: Gallery,
    pub(crate) newcomers: Vec<Newcomer>,
}

impl Client {
    pub(crate) fn new(number: usize) -> Self {
        let gallery = Gallery::new(Browser::new(format!("client-{number}")));
        Self { number, gallery, newcomers: Vec::new() }
    }

    /// Does one thing, whatever comes of it.
    pub(crate) async fn act(&mut self, world: &World, action: Action) {
        if !self.gallery.browser.enter(world).await {
            return world.ledger().action("stays outside");
        }
        let gallery = &mut self.gallery;
        match action {
            Action::Upload { photo: number, with_key } => {
                let name = if with_key { "upload with key" } else { "upload" };
                world.ledger().action(name);
                gallery.upload(world, photo(number), with_key).await;
            }
            Action::UploadHalf { photo: number } => {
                world.ledger().action("half an upload");
                gallery.upload_half(world, photo(number)).await;
            }
            Action::Delete { which } => {
                if let Some(number) = gallery.choose(which) {
                    world.ledger().action("delete");
                    gallery.delete(world, number).await;
                }
            }
            Action::Look { which } => {
                if let Some(number) = gallery.choose(which) {
                    world.ledger().action("look");
                    gallery.look(world, number).await;
                }
            }
            Action::Register { uploads_before, then } => {
                let name = format!("newcomer-{}-{}", self.number, self.newcomers.len() + 1);
                let mut newcomer = Newcomer::new(name);
                newcomer.come(world, uploads_before, then).await;
                self.newcomers.push(newcomer);
            }
        }
    }
}
