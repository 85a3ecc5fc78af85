#![doc = include_str!("../README.md")]

mod cases;
mod fixture;
mod message;
mod subject;
mod time;

pub use cases::all;
pub use fixture::{Fixture, OTHER_QUEUE, QUEUE, Skipped};
pub use message::codec;
pub use time::Time;
