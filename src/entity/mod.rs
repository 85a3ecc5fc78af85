//! Rows as structs: what they are, not how they are found.

mod image_post;

pub use image_post::{ImagePost, PhotoStatus};
