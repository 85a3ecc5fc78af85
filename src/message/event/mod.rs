//! Events.

mod user_registered;

pub use user_registered::UserRegistered;
