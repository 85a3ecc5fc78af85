//! How time passes for a transport.

use std::time::Duration;

use messenger::clock::ManualClock;

/// The shortest lease with which every case works, in ticks.
const SHORTEST_LEASE: u32 = 10;

/// How time passes for a transport: by a clock that the suite moves, or by itself.
#[derive(Debug, Clone)]
pub struct Time {
    clock: Option<ManualClock>,
    tick: Duration,
}

impl Time {
    /// The transport reads this clock: it is moved, and nobody waits.
    #[must_use]
    pub fn manual(clock: ManualClock) -> Self {
        Self { clock: Some(clock), tick: Duration::from_millis(1) }
    }

    /// The transport, or the broker behind it, reads a clock of its own: the suite waits. A tick is
    /// so long that transport and machine never miss it by one: 100 ms is much for a quiet
    /// machine, and little for a busy one. Make the lease as short as may be, ten ticks: many cases
    /// wait for its end. A shorter one is refused, because a message is held for nine ticks while
    /// another becomes due.
    #[must_use]
    pub fn real(tick: Duration) -> Self {
        Self { clock: None, tick }
    }

    /// The transport cuts moments to this: to a second where a column holds no fractions.
    #[must_use]
    pub fn cut_to(self, tick: Duration) -> Self {
        Self { tick, ..self }
    }

    /// # Panics
    /// When the lease is too short for the tick.
    pub(crate) fn check_lease(&self, lease: Option<Duration>) {
        let shortest = self.tick * SHORTEST_LEASE;
        assert!(
            lease.is_none_or(|lease| lease >= shortest),
            "a lease of {lease:?} is too short for the suite: with ticks of {:?} it must last \
             {SHORTEST_LEASE} of them, {shortest:?}",
            self.tick
        );
    }

    pub(crate) fn is_manual(&self) -> bool {
        self.clock.is_some()
    }

    /// The shortest time that the transport can tell from none.
    pub(crate) fn tick(&self) -> Duration {
        self.tick
    }

    pub(crate) async fn pass(&self, duration: Duration) {
        match &self.clock {
            Some(clock) => clock.advance(duration),
            None => tokio::time::sleep(duration).await,
        }
    }

    /// What is surely shorter.
    pub(crate) fn just_before(&self, duration: Duration) -> Duration {
        duration.saturating_sub(match self.is_manual() {
            true => Duration::from_millis(1),
            false => self.tick * 2,
        })
    }

    /// From [`just_before`](Self::just_before) to what is surely not shorter.
    pub(crate) fn across(&self) -> Duration {
        match self.is_manual() {
            true => Duration::from_millis(1),
            false => self.tick * 4,
        }
    }

    /// So much longer than a lease that it has surely ended.
    pub(crate) fn slack(&self) -> Duration {
        match self.is_manual() {
            true => self.tick.max(Duration::from_secs(1)),
            false => self.tick * 2,
        }
    }
}
