//! Queries. Each module is named like its table; nobody else writes SQL for it.
//!
//! No function opens a transaction: the unit of work of the message does.

pub mod attempts;
pub mod image_posts;
pub mod photo_events;
pub mod photo_storages;
pub mod queued_messages;
pub mod sessions;
pub mod upkeep;
pub mod users;

pub use messenger_doctrine::DbConnection;
