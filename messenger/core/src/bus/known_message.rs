//! What a messenger knows of a message type before it has seen one.

use std::any::TypeId;

use crate::codec::JsonCodec;
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
