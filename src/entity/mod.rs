//! Rows as structs: what they are, not how they are found.

mod image_post;
mod session;
mod stored_uuid;
mod user;

pub use image_post::{ImagePost, PhotoStatus, Renditions};
pub use session::Session;
pub use stored_uuid::{StoredUuid, StoredUuidOrNull};
pub use user::{PasswordHash, Role, User};
