//! How a worker works: its limits, its pace, and how much it takes at once.

use std::time::Duration;

use crate::bus::BusName;

/// How a worker works. The defaults are those of `messenger:consume`.
#[derive(Debug, Clone)]
pub struct WorkerOptions {
    /// Stop after so many messages, failed ones included.
    pub limit: Option<u64>,
    /// Stop after so many failures, those that will be retried included.
    pub failure_limit: Option<u64>,
    /// Stop when the process uses more than so many bytes of real memory (RSS).
    pub memory_limit: Option<u64>,
    /// Stop after this time.
    pub time_limit: Option<Duration>,
    /// How long to wait at most before looking again, when nothing was there.
    pub sleep: Duration,
    /// Handle every message on this bus instead of the one it was dispatched on.
    pub bus: Option<BusName>,
    /// Receive only from these queues of the transports.
    pub queues: Vec<String>,
    /// How often the lease of claimed messages is renewed; `None`: never. An interval that is too
    /// long for a transport's lease is shortened to a third of that lease.
    pub keepalive: Option<Duration>,
    /// How many messages are handled at the same time.
    pub concurrency: usize,
    /// How many messages are claimed at once, at most. A worker whose messages take long claims
    /// fewer, so that others find work: as many as it handles in about 50 ms.
    pub fetch_size: usize,
    /// How long the message in hand may still take after the worker was asked to stop. Then its
    /// handler is dropped and the message given back; `None`: it may take as long as it likes.
    pub grace: Option<Duration>,
    /// How long an acknowledgement may wait for others to be written together with it.
    pub ack_delay: Duration,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        Self {
            limit: None,
            failure_limit: None,
            memory_limit: None,
            time_limit: None,
            sleep: Duration::from_secs(1),
            bus: None,
            queues: Vec::new(),
            keepalive: Some(Duration::from_secs(15)),
            concurrency: 1,
            fetch_size: 256,
            grace: None,
            ack_delay: Duration::from_millis(20),
        }
    }
}
