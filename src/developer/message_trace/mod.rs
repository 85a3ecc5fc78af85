//! Notes what workers do with each message, so that the profile of the request that queued it can
//! tell. A worker never waits for it.

mod row;
mod tracer;

pub use row::{MessageTrace, TraceEvent, of};
pub use tracer::MessageTracer;
