//! Who is told of what buses and workers do with messages.

mod dispatch;
mod given_up;
mod send;

pub use dispatch::{Dispatch, DispatchListener};
pub use given_up::GivenUpListener;
pub use send::SendListener;
