//! Rows as structs: what they are, not how they are found.

mod photo;
mod session;
mod stored_uuid;
mod user;

pub use photo::{Photo, PhotoStatus, Renditions};
pub use session::Session;
pub use stored_uuid::{StoredUuid, StoredUuidOrNull};
pub use user::{PasswordHash, Role, User};
