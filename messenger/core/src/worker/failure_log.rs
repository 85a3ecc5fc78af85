//! What the log says of a message that is not tried again. The words are Symfony's.

use tracing::{error, warn};

use super::Source;
use super::decision::DropReason;
use crate::context::Scope;
use crate::envelope::Envelope;
use crate::error::DispatchError;
use crate::retry::retry_count;
use crate::stamp::{ErrorDetailsStamp, TransportMessageIdStamp};

/// The id that the transport gave to the message.
pub(super) fn id(envelope: &Envelope) -> Option<String> {
    envelope.last::<TransportMessageIdStamp>().map(TransportMessageIdStamp::text)
}

/// The message is not tried again.
pub(super) fn removal(envelope: &Envelope, problem: &DispatchError) {
    let (class, retries, message_id) = (envelope.name(), retry_count(envelope), id(envelope));
    error!(
        target: "messenger", class, message_id, retry_count = retries, error = %problem,
        "Error thrown while handling message {class}. Removing from transport after {retries} retries. Error: \"{problem}\""
    );
}

/// The message came out of a failure transport and went back into it.
pub(super) fn failed_again<S: Scope>(received: &Envelope, kept: &Envelope, source: &Source<S>) {
    let (class, transport, message_id) = (kept.name(), &*source.name, id(received));
    let (old, new) = (message_id.as_deref().unwrap_or("?"), id(kept));
    let (new, error) = (new.as_deref().unwrap_or("?"), kept.last::<ErrorDetailsStamp>());
    let error = error.map_or("", |error| &error.exception_message);
    error!(
        target: "messenger", class, message_id, transport, error,
        "Message {class} (id {old}) failed again; it stays in the failure transport \"{transport}\" as {new}. Error: \"{error}\""
    );
}

/// The message is not kept either.
pub(super) fn dropped<S: Scope>(
    envelope: &Envelope,
    source: &Source<S>,
    reason: DropReason,
    problem: &DispatchError,
) {
    let (class, transport, message_id) = (envelope.name(), &*source.name, id(envelope));
    let id = message_id.as_deref().unwrap_or("?");
    match reason {
        DropReason::OnPurpose => warn!(
            target: "messenger", class, message_id, transport,
            "Message {class} (id {id}) is discarded on purpose. Error: \"{problem}\""
        ),
        DropReason::NoFailureTransport => error!(
            target: "messenger", class, message_id, transport,
            "Message {class} (id {id}) is dropped: the transport \"{transport}\" has no failure transport."
        ),
    }
}
