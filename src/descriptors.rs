//! How many files and connections this process may have open, and what share of them one client has.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Kept for what is nobody's: databases, mails, logs, the programs themselves.
const RESERVED: u64 = 128;
/// More connections than that are never held: each takes memory, too.
const MOST_CONNECTIONS: usize = 4096;
/// With fewer a page would not come together.
const FEWEST_CONNECTIONS: usize = 16;
/// More streams of events are never held.
const MOST_STREAMS: usize = 2000;

/// How much there is room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    /// Connections at the same time.
    pub connections: usize,
    /// Of these, those of one client.
    pub connections_of_client: usize,
    /// Requests of one client that are being answered: fewer, so that there is a connection left on
    /// which to say so.
    pub requests_of_client: usize,
    /// Streams of events, all clients together.
    pub streams: usize,
    /// Of these, those of one client.
    pub streams_of_client: usize,
}

/// Raises the number of descriptors that this process may have to what it is allowed to ask for;
/// where that is not possible, it stays as it is. Gives the number.
pub fn raise_limit() -> u64 {
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
        && soft < hard
    {
        // The number that is in force says whether it worked.
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
    limit()
}

fn limit() -> u64 {
    // Every system has at least so many.
    getrlimit(Resource::RLIMIT_NOFILE).map_or(256, |(soft, _)| soft)
}

impl Places {
    /// The places that this process has now.
    #[must_use]
    pub fn now() -> Self {
        Self::with(limit())
    }

    /// The places with so many descriptors. Each connection may need a second one, for the file that
    /// comes or goes on it.
    #[must_use]
    pub fn with(descriptors: u64) -> Self {
        let connections = usize::try_from(descriptors.saturating_sub(RESERVED) / 2);
        let connections =
            connections.unwrap_or(usize::MAX).clamp(FEWEST_CONNECTIONS, MOST_CONNECTIONS);
        let connections_of_client = connections / 4;
        Self {
            connections,
            connections_of_client,
            requests_of_client: connections_of_client * 3 / 4,
            streams: (connections / 2).min(MOST_STREAMS),
            streams_of_client: connections_of_client / 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_client_never_has_all_places_and_files_always_have_some() {
        for (descriptors, expected) in [
            (0, [16, 4, 3, 8, 2]),
            (256, [64, 16, 12, 32, 8]),
            (1024, [448, 112, 84, 224, 56]),
            (20_000, [4096, 1024, 768, 2000, 512]),
            (u64::MAX, [4096, 1024, 768, 2000, 512]),
        ] {
            let places = Places::with(descriptors);
            let numbers = [
                places.connections,
                places.connections_of_client,
                places.requests_of_client,
                places.streams,
                places.streams_of_client,
            ];
            assert_eq!(numbers, expected, "{descriptors}");
        }
    }
}
