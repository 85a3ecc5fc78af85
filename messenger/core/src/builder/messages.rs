//! The messages that a builder knows, and the codec that reads them.

use std::sync::Arc;

use super::MessengerBuilder;
use crate::bus::KnownMessage;
use crate::codec::Codec;
use crate::context::Scope;

impl<S: Scope> MessengerBuilder<S> {
    /// All message types that were registered, those of handlers included.
    pub(crate) fn known_messages(&self) -> impl Iterator<Item = &KnownMessage> {
        self.messages.iter().chain(self.buses.iter().flat_map(|bus| &bus.messages))
    }

    /// The codec with every message registered.
    pub(crate) fn finished_codec(&self) -> Arc<dyn Codec> {
        let mut codec = self.codec.clone();
        for message in self.known_messages() {
            (message.register)(&mut codec);
        }
        Arc::new(codec)
    }
}
