//! What the queues in a database do beyond the contract with leases that end.

use messenger::stamp::{DelayStamp, DeliveryCountStamp};
use messenger::{Envelope, Message as _};

use crate::fixture::{Fixture, Store, on_each};
use crate::message::{numbers, ponka};

/// The default `redeliver_timeout`, and a little.
const LEASE_IS_OVER: u64 = 61_000;

fn count(envelope: &Envelope) -> Option<(u32, u32)> {
    let stamp = envelope.last::<DeliveryCountStamp>()?;
    Some((stamp.deliveries, stamp.max_deliveries))
}

/// Workers vanish with the first one. What stands behind it was claimed along with it once, but is
/// not counted along for ever.
#[test]
fn what_was_lost_before_is_delivered_alone() {
    on_each(async |f: &Fixture| {
        for number in 1..=3 {
            f.send(ponka(number)).await;
        }
        assert_eq!(numbers(&f.get(10).await), [1, 2, 3]);
        f.advance(LEASE_IS_OVER);
        assert_eq!(numbers(&f.get(10).await), [1, 2, 3], "nobody knows yet which of them it was");
        f.advance(LEASE_IS_OVER);
        for expected in 1..=3 {
            let alone = f.get(10).await;
            assert_eq!(numbers(&alone), [expected]);
            assert_eq!(count(&alone[0]), Some((3, 3)));
        }
    });
}

#[test]
fn a_delay_is_counted_in_milliseconds() {
    on_each(async |f: &Fixture| {
        f.send(ponka(1).with(DelayStamp::millis(1500))).await;
        f.advance(if f.store == Store::PostgresSymfony { 999 } else { 1499 });
        assert!(f.get(1).await.is_empty());
        f.advance(1);
        assert_eq!(numbers(&f.get(1).await), [1]);
    });
}
