//! The last hundred of something.

use std::collections::VecDeque;

use super::KEPT;
use super::recording::Recording;

/// Recordings, the oldest first.
#[derive(Default)]
pub(super) struct Ring(VecDeque<Recording>);

impl Ring {
    pub(super) fn push(&mut self, recording: Recording) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(recording);
    }

    pub(super) fn find(&self, token: &str) -> Option<Recording> {
        self.0.iter().rev().find(|recording| recording.token() == token).cloned()
    }

    pub(super) fn newest_first(&self) -> Vec<Recording> {
        self.0.iter().rev().cloned().collect()
    }
}
