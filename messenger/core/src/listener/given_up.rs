//! Who is told of messages that nobody will try again.

use async_trait::async_trait;

use crate::context::{Context, Scope};
use crate::envelope::Envelope;
use crate::error::DispatchError;

/// Is told that a message was given up, in the transaction in which it is kept or dropped: what
/// the application notes about it commits together with that.
#[async_trait]
pub trait GivenUpListener<S: Scope>: Send + Sync + 'static {
    /// The message will not be tried again by itself.
    ///
    /// # Errors
    /// When it cannot be noted; the message then stays where it is, and rests.
    async fn given_up(&self, envelope: &Envelope, cx: &mut Context<S>)
    -> Result<(), DispatchError>;
}
