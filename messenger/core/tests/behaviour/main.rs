//! Behaviour of the message bus, seen from outside.

mod support;

mod after_current_bus;
mod ask;
mod builder;
mod captures;
mod chain;
mod codec;
mod concurrency;
mod delayed_failures;
mod dispatch_listener;
mod envelope;
mod functions;
mod handler_errors;
mod handler_selection;
mod handlers;
mod held_back_outbox;
mod in_memory;
mod interruptions;
mod outbox;
mod outbox_codec;
mod outbox_sweep;
mod php;
mod retry_strategy;
mod round_trip;
mod routing;
mod sending;
mod stamps;
mod sync;
mod transaction_by_hand;
mod transactions;
mod transports_of_builder;
mod undecodable;
mod upstream_cases;
