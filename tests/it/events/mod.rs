//! `/events`: what happens to photos, told while it happens.

mod ending;
mod live;
mod many;
mod processes;
mod resuming;
mod strangers;
mod stream;

pub(crate) use stream::EventStream;
