//! What a messenger knows of a message type before it has seen one.

use std::any::TypeId;
use std::sync::Arc;

use crate::builder::MessengerBuilder;
use crate::codec::{Codec, JsonCodec};
use crate::context::Scope;
use crate::message::{Interface, Message};

/// A message type that the messenger knows.
#[derive(Debug, Clone, Copy)]
pub struct KnownMessage {
    /// The wire name.
    pub name: &'static str,
    /// The groups it belongs to.
    pub interfaces: &'static [Interface],
    pub(crate) type_id: TypeId,
    pub(crate) register: fn(&mut JsonCodec),
}

impl KnownMessage {
    pub(crate) fn of<M: Message>() -> Self {
        Self {
            name: M::NAME,
            interfaces: M::INTERFACES,
            type_id: TypeId::of::<M>(),
            register: JsonCodec::register::<M>,
        }
    }
}

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
