//! The date is set back by an hour: what waits is due after its delay all the same.

use std::time::Duration;

use messenger::Envelope;
use messenger::stamp::DelayStamp;

use crate::fixture::{Fixture, on_each};
use crate::message::{numbers, ponka};

const HOUR: Duration = Duration::from_secs(3600);

fn back(fixture: &Fixture) {
    fixture.clock.set(fixture.clock.now() - HOUR);
}

#[test]
fn r8_when_the_date_goes_back_what_waits_is_due_after_its_delay() {
    on_each(async |fixture: &Fixture| {
        assert!(fixture.get(10).await.is_empty());
        for number in 1..=3 {
            fixture.send(ponka(number)).await;
            fixture.advance(10);
        }
        fixture.send(Envelope::new(ponka(4)).with(DelayStamp { delay: 60_000 })).await;
        back(fixture);
        // Where dates are whole seconds, what was made in this one is seen in the next.
        let mut came = fixture.get(10).await;
        fixture.advance(1000);
        came.extend(fixture.get(10).await);
        fixture.receiver().ack(&came).await.unwrap();
        assert_eq!(numbers(&came), [1, 2, 3]);
        fixture.advance(58_000);
        assert!(fixture.get(10).await.is_empty());
        fixture.advance(2_000);
        assert_eq!(numbers(&fixture.get(10).await), [4]);
    });
}

#[test]
fn r8_a_process_that_starts_after_the_step_sees_it_too() {
    on_each(async |fixture: &Fixture| {
        fixture.send(ponka(1)).await;
        back(fixture);
        assert_eq!(numbers(&fixture.get(10).await), [1]);
    });
}

#[test]
fn r8_a_lease_from_the_future_ends_one_lease_later_and_a_renewed_one_stays() {
    on_each(async |fixture: &Fixture| {
        for number in 1..=2 {
            fixture.send(ponka(number)).await;
        }
        let held = fixture.get(10).await;
        assert_eq!(numbers(&held), [1, 2]);
        back(fixture);
        assert!(
            fixture.rival().get(&messenger::transport::Fetch::up_to(9)).await.unwrap().is_empty()
        );
        fixture.advance(15_000);
        fixture.receiver().keepalive(&held[1..]).await.unwrap();
        fixture.advance(40_000);
        fixture.receiver().keepalive(&held[1..]).await.unwrap();
        fixture.advance(10_000);
        let fetch = messenger::transport::Fetch::up_to(9);
        let taken = fixture.rival().get(&fetch).await.unwrap();
        assert_eq!(numbers(&taken), [1]);
    });
}
