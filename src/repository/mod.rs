//! Queries. Each module is named like its table, `photos` like what is in `image_post`; nobody else
//! writes SQL for it.
//!
//! No function opens a transaction: the unit of work of the message does. Each returns the error of the
//! database as it is, which says whether trying again may help.

pub mod attempts;
pub mod photo_events;
pub mod photo_storages;
pub mod photos;
pub mod queued_messages;
pub mod sessions;
pub mod upkeep;
pub mod users;

pub use messenger_doctrine::DbConnection;
