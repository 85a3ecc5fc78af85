//! What stamps say by themselves.

use std::time::Duration;

use messenger::retry::retry_count;
use messenger::stamp::{
    BusNameStamp, DelayStamp, ErrorDetailsStamp, RedeliveryStamp, TransportMessageIdStamp,
};
use messenger::{Envelope, Message};

use crate::support::{COMMANDS, Command, EVENTS, World, built, records};

#[test]
fn a_delay_is_kept_in_milliseconds_and_may_lie_in_the_past() {
    let seconds = |seconds| DelayStamp::delay_for(Duration::from_secs(seconds)).delay;
    assert_eq!(
        [seconds(30), seconds(30 * 60), seconds(30 * 3600)],
        [30_000, 1_800_000, 108_000_000]
    );
    assert_eq!(DelayStamp::delay_for(Duration::MAX).delay, i64::MAX);

    let now = "2026-11-23T00:00:00Z".parse().expect("a date");
    let until = |due: &str| DelayStamp::delay_until(due.parse().expect("a date"), now).delay;
    assert_eq!(until("2026-11-23T00:00:30Z"), 30_000);
    assert_eq!(until("2026-11-22T23:59:55Z"), -5_000);
}

#[test]
fn the_retry_count_is_that_of_the_last_redelivery_or_zero() {
    let at = "2026-11-23T00:00:00Z".parse().expect("a date");
    let stamp = |retry_count| RedeliveryStamp { retry_count, redelivered_at: at };

    assert_eq!(retry_count(&Envelope::new(Command::from("c"))), 0);
    assert_eq!(retry_count(&Command::from("c").with(stamp(1)).with(stamp(2))), 2);
}

#[test]
fn an_id_is_text_whether_the_transport_counts_or_names() {
    let text = |id: serde_json::Value| TransportMessageIdStamp { id }.text();

    assert_eq!([text(119.into()), text("1729-0".into())], ["119", "1729-0"]);
}

#[test]
fn error_details_are_equal_if_class_code_and_text_are() {
    let details = ErrorDetailsStamp::new("Broken", "boom");
    let mut traced = details.clone();
    traced.flatten_exception = serde_json::json!({"trace": []});

    assert_eq!(details, traced);
    assert_ne!(details, ErrorDetailsStamp::new("Broken", "bang"));
    assert_ne!(details, ErrorDetailsStamp::new("Torn", "boom"));
}

#[tokio::test]
async fn the_bus_name_is_added_once_and_the_first_bus_stays() {
    let world = World::new();
    let builder = world
        .one_bus(|bus| bus.handler::<Command>(records("first", &world.log)))
        .bus(EVENTS, |bus| bus.handler::<Command>(records("second", &world.log)));
    let messenger = built(builder);

    let envelope = messenger.dispatch_on(COMMANDS, Command::from("c")).await.expect("handled");
    let envelope = messenger.dispatch_on(EVENTS, envelope).await.expect("handled");

    let names = envelope.all::<BusNameStamp>().map(|stamp| &*stamp.bus_name);
    assert_eq!(names.collect::<Vec<_>>(), ["command.bus"]);
}
