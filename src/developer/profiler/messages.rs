//! Writes down what is dispatched.

use messenger::{Dispatch, DispatchListener};

use super::current::current;

/// Tells the current recording of every dispatch.
#[derive(Debug, Clone, Copy)]
pub struct Messages;

impl DispatchListener for Messages {
    fn dispatched(&self, dispatch: &Dispatch<'_>) {
        if let Some(recording) = current() {
            recording.add_message(dispatch);
        }
    }

    fn released(&self, dispatch: &Dispatch<'_>) {
        if let Some(recording) = current() {
            recording.release_message(dispatch);
        }
    }
}
