//! `in-memory://` keeps the contract, with a clock that is moved and with one that is not.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use messenger::TransportError;
use messenger::clock::{Clock, ManualClock};
use messenger::codec::Codec;
use messenger::transport::{InMemoryTransport, Transport};
use messenger_contract::{Fixture, Skipped, Time};

struct InMemory {
    clock: Clock,
    serializes: bool,
    queues: Mutex<HashMap<String, InMemoryTransport>>,
}

impl InMemory {
    fn new(clock: Clock, serializes: bool) -> Result<Self, Skipped> {
        Ok(Self { clock, serializes, queues: Mutex::default() })
    }
}

impl Fixture for InMemory {
    type Scope = ();

    async fn open(
        &self,
        queue: &str,
        codec: Arc<dyn Codec>,
    ) -> Result<Arc<dyn Transport<()>>, TransportError> {
        let codec = self.serializes.then_some(codec);
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || InMemoryTransport::new(self.clock.clone(), codec);
        Ok(Arc::new(queues.entry(queue.to_owned()).or_insert_with(new).clone()))
    }

    fn scope(&self) {}

    fn time(&self) -> Time {
        match &self.clock {
            Clock::Manual(clock) => Time::manual(clock.clone()),
            Clock::System => Time::real(Duration::from_millis(50)),
        }
    }
}

mod as_it_is {
    use super::{Clock, InMemory, ManualClock};

    messenger_contract::run!(async || InMemory::new(Clock::Manual(ManualClock::default()), false));
}

mod written_and_read {
    use super::{Clock, InMemory, ManualClock};

    messenger_contract::run!(async || InMemory::new(Clock::Manual(ManualClock::default()), true));
}

mod in_real_time {
    use super::{Clock, InMemory};

    messenger_contract::run!(async || InMemory::new(Clock::System, true));
}
