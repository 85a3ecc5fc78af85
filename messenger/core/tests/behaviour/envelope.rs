//! An envelope holds one message and its stamps, newest last.

use messenger::stamp::{BusNameStamp, DelayStamp, DispatchAfterCurrentBusStamp, ReceivedStamp};
use messenger::{Envelope, Interface, Message};

use crate::support::{Command, Event, Welcome};

#[test]
fn stamps_are_appended_and_the_last_one_of_a_type_wins() {
    let envelope = Command::from("c")
        .with(DelayStamp::millis(1))
        .with(BusNameStamp { bus_name: "b".into() })
        .with(DelayStamp::millis(2));

    assert_eq!(envelope.last::<DelayStamp>(), Some(&DelayStamp::millis(2)));
    let delays: Vec<_> = envelope.all::<DelayStamp>().map(|stamp| stamp.delay).collect();
    assert_eq!(delays, [1, 2]);
    assert_eq!(envelope.stamps().count(), 3);
}

#[test]
fn a_type_of_stamp_can_be_taken_off_and_the_others_stay_in_order() {
    let envelope = Command::from("c")
        .with(DelayStamp::millis(1))
        .with(BusNameStamp { bus_name: "b".into() })
        .with(DelayStamp::millis(2))
        .with(DispatchAfterCurrentBusStamp);

    let envelope = envelope.without::<DelayStamp>();

    assert!(!envelope.has::<DelayStamp>());
    assert!(envelope.has::<BusNameStamp>() && envelope.has::<DispatchAfterCurrentBusStamp>());
    assert!(envelope.without::<ReceivedStamp>().has::<BusNameStamp>());
}

#[test]
fn a_copy_is_independent_of_its_original() {
    let original = Envelope::new(Command::from("c"));

    let copy = original.clone().with(DelayStamp::millis(1));

    assert!(copy.has::<DelayStamp>());
    assert!(!original.has::<DelayStamp>());
}

#[test]
fn it_gives_the_message_only_as_what_it_is() {
    let envelope = Envelope::from(Command::from("c"));

    assert_eq!(envelope.message(), Some(&Command::from("c")));
    assert_eq!(envelope.message::<Event>(), None);
    assert_eq!(envelope.name(), r"App\Message\Command");
    assert!(envelope.undecodable().is_none());
}

#[test]
fn it_knows_the_groups_of_its_message() {
    let envelope = Envelope::from(Welcome::from("w"));

    assert!(envelope.is(Interface("AsyncMessage")) && envelope.is(Interface("Audited")));
    assert!(!envelope.is(Interface("Other")));
    assert!(!Envelope::from(Command::from("c")).is(Interface("Audited")));
}

#[test]
fn its_debug_text_shows_the_message_and_the_stamps() {
    let text = format!("{:?}", Command::from("c").with(DelayStamp::millis(1)));

    assert!(text.contains("Command { text: \"c\" }") && text.contains("delay: 1"), "{text}");
}
