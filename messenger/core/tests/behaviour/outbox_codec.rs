//! The wire form of a message depends on its transport, not on whether a transaction was open.

use messenger::codec::{Codec, EncodeError, Encoded, JsonCodec};
use messenger::stamp::{DispatchAfterCurrentBusStamp as After, SerializedMessageStamp};
use messenger::{DispatchError, Envelope, Message};

use crate::outbox::routed;
use crate::support::{COMMANDS, Command, EVENTS, Event, Probe, World};

/// A partner's form: the text alone, and a type of their own.
#[derive(Debug, Clone, Default)]
struct PlainText(JsonCodec);

const TYPE: &str = "partner.event";

impl Codec for PlainText {
    fn encode(&self, envelope: &Envelope) -> Result<Encoded, EncodeError> {
        let Some(event) = envelope.message::<Event>() else { return self.0.encode(envelope) };
        // What was received goes on byte for byte, as with the library's own codec.
        let received = envelope.last::<SerializedMessageStamp>();
        let body = received.map_or(event.text.as_bytes(), |stamp| &stamp.serialized_message);
        let headers = vec![("type".to_owned(), TYPE.to_owned())];
        Ok(Encoded { body: body.to_vec(), headers })
    }

    fn decode(&self, encoded: Encoded) -> Envelope {
        if encoded.header("type") != Some(TYPE) {
            return self.0.refuse(encoded, "not a partner's event".to_owned());
        }
        let event = Event { text: String::from_utf8_lossy(&encoded.body).into_owned() };
        event.with(SerializedMessageStamp { serialized_message: encoded.body.into() })
    }
}

fn partners_queue(world: &World) -> Probe {
    Probe::outside("queue", world).writing_with(PlainText::default())
}

#[tokio::test]
async fn a_message_has_one_wire_form_inside_and_outside_of_a_transaction() {
    let world = World::new();
    let queue = partners_queue(&world);
    let messenger = routed(&world, &queue, false);

    messenger.dispatch_on(EVENTS, Event::from("e")).await.expect("sent at once");
    messenger.dispatch_on(COMMANDS, Command::from("c")).await.expect("sent after the commit");

    let written = queue.written();
    assert_eq!(written.len(), 2);
    assert_eq!(written[0], written[1]);
    assert_eq!(written[0].body, b"e");
}

#[tokio::test]
async fn what_stays_in_the_outbox_has_the_form_of_its_transport_and_is_swept_in_it() {
    let world = World::new();
    let queue = partners_queue(&world);
    let messenger = routed(&world, &queue, false);
    queue.set_down();
    messenger.dispatch_on(COMMANDS, Command::from("c")).await.expect("committed");
    assert_eq!(world.store.outbox(), [("queue".to_owned(), "e".to_owned())]);

    queue.set_up();
    assert_eq!(messenger.sweep_outbox(10).await.expect("it can be read"), 1);

    assert_eq!(queue.written()[0].body, b"e");
    assert_eq!(queue.written()[0].header("type"), Some(TYPE));
}

#[tokio::test]
async fn without_an_outbox_what_could_not_be_sent_is_given_back_as_it_was() {
    let world = World::new();
    world.store.without_outbox();
    let queue = partners_queue(&world);
    let messenger = routed(&world, &queue, false);
    queue.set_down();

    let result = messenger.dispatch_on(COMMANDS, Command::from("c")).await;

    let Err(DispatchError::Delayed(delayed)) = result else { panic!("{result:?}") };
    let envelope = &delayed.failures[0].envelope;
    assert_eq!(envelope.message(), Some(&Event::from("e")));
    assert!(!envelope.has::<After>());
    assert_eq!(envelope.name(), Event::NAME);
}
