//! A queue with leases, named queues and counted deliveries keeps the contract, and the suite notices
//! each single fault in it.

mod queue;

use std::sync::{Arc, Mutex};

use messenger::TransportError;
use messenger::clock::ManualClock;
use messenger::codec::Codec;
use messenger::transport::Transport;
use messenger_contract::{Fixture, Skipped, Time, all};

use queue::{Fault, Leased, State};

struct InLeased(Fault, ManualClock, Arc<Mutex<State>>);

impl InLeased {
    fn with(fault: Fault) -> Result<Self, Skipped> {
        Ok(Self(fault, ManualClock::default(), Arc::default()))
    }
}

impl Fixture for InLeased {
    type Scope = ();

    async fn open(
        &self,
        queue: &str,
        codec: Arc<dyn Codec>,
    ) -> Result<Arc<dyn Transport<()>>, TransportError> {
        let Self(fault, clock, state) = self;
        let (queue, clock, state) = (queue.to_owned(), clock.clone(), Arc::clone(state));
        Ok(Arc::new(Leased { fault: *fault, queue, clock, codec, state }))
    }

    fn scope(&self) {}

    fn time(&self) -> Time {
        Time::manual(self.1.clone())
    }
}

mod without_a_fault {
    messenger_contract::run!(async || super::InLeased::with(super::Fault::None));
}

macro_rules! noticed {
    ($($fault:ident: $case:ident, $says:literal;)+) => {$(
        #[test]
        #[should_panic(expected = $says)]
        fn $case() {
            all::$case(module_path!(), async || InLeased::with(Fault::$fault));
        }
    )+};
}

noticed! {
    RenewsTheFirstOnly: each_of_several_renewed_leases_keeps_its_message_away,
        "their leases were renewed: [2, 3]";
    CountsReleases: a_release_is_not_counted_as_a_delivery, "a release is no delivery: Some(2)";
    ForgetsTheCountOnRelease: a_release_does_not_reset_the_count, "a release is no delivery: Some(1)";
    ClaimsByIdForEver: what_was_claimed_by_its_id_comes_back_when_its_lease_ends,
        "its lease has ended";
    IgnoresTheNamedQueue: a_message_goes_to_the_queue_that_its_stamp_names,
        "it was sent to another queue";
    CountsTheFirstTwice: a_first_delivery_is_counted_as_one_or_not_at_all,
        "it is the first delivery";
    CountsEndedLeasesAsHeld: what_has_lost_its_lease_is_not_counted_as_held,
        "held with an ended lease";
}
