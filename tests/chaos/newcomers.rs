//! Somebody who registers, and perhaps signs in, uploads, or deletes the account again.

use crate::browser::Browser;
use crate::client::Answer;
use crate::plan::Then;
use crate::uploads::{Fate, Gallery, Upload, photo};
use crate::world::World;

const PASSWORD: &str = "correct horse battery staple";

/// Somebody new, with a browser of their own.
pub(crate) struct Newcomer {
    pub(crate) gallery: Gallery,
    pub(crate) email: String,
    pub(crate) registered: Known,
    pub(crate) deleted: Known,
}

/// Whether something has happened, as far as the answers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    Yes,
    No,
    /// It was not answered, or with an error.
    Unknown,
}

impl Newcomer {
    pub(crate) fn new(name: String) -> Self {
        let email = format!("{name}@example.org");
        let gallery = Gallery::new(Browser::new(name));
        Self { gallery, email, registered: Known::No, deleted: Known::No }
    }

    /// Comes, and does what was planned as far as it is possible.
    pub(crate) async fn come(&mut self, world: &World, uploads_before: bool, then: Then) {
        if !self.gallery.browser.enter(world).await {
            return world.ledger().action("stays outside");
        }
        if uploads_before {
            world.ledger().action("upload");
            // What is still on its way would arrive in a visit that has ended.
            if self.gallery.upload(world, photo(1), false).await == Upload::Unknown {
                return;
            }
        }
        world.ledger().action("register");
        let form = [("name", "Vera Newcomer"), ("email", &*self.email), ("password", PASSWORD)];
        let answer = self.gallery.browser.post(world, "/register", &form).await;
        self.registered = known(answer.as_ref(), "/register/done");
        if self.registered != Known::Yes || then == Then::Leaves || !self.sign_in(world).await {
            return;
        }
        match then {
            Then::SignsInAndUploads => {
                world.ledger().action("upload");
                self.gallery.upload(world, photo(2), true).await;
            }
            Then::DeletesTheAccount => self.delete_account(world).await,
            Then::Leaves | Then::SignsIn => {}
        }
    }

    /// Signs in; whether that is certain.
    pub(crate) async fn sign_in(&mut self, world: &World) -> bool {
        world.ledger().action("sign in");
        let form = [("email", &*self.email), ("password", PASSWORD)];
        let answer = self.gallery.browser.post(world, "/login", &form).await;
        known(answer.as_ref(), "/") == Known::Yes
    }

    async fn delete_account(&mut self, world: &World) {
        world.ledger().action("delete account");
        let form = [("confirm", PASSWORD)];
        let answer = self.gallery.browser.post(world, "/account/delete", &form).await;
        self.deleted = known(answer.as_ref(), "/");
        let fate = match self.deleted {
            Known::Yes => Fate::Deleted,
            Known::No => return,
            Known::Unknown => Fate::Unknown,
        };
        for photo in &mut self.gallery.photos {
            photo.fate = fate;
        }
    }
}

/// 303 to where one is led when it is done, a refusal, or anything else.
fn known(answer: Option<&Answer>, done: &str) -> Known {
    match answer {
        Some(answer) if answer.status == 303 && answer.header("location") == Some(done) => {
            Known::Yes
        }
        Some(answer) if answer.status < 500 => Known::No,
        _ => Known::Unknown,
    }
}
