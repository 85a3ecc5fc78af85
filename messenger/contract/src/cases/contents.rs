//! What a message holds arrives as it was, whatever it is.

use messenger::codec::RawStamp;
use messenger::stamp::{BusNameStamp, DelayStamp, TransportMessageIdStamp};
use messenger::{Encoded, Envelope};

use crate::fixture::Fixture;
use crate::message::{Text, id, message, number};
use crate::subject::{Checked, Subject};

const STRANGE_STAMP: &str = r"X-Message-Stamp-App\Stamp\Strange";

fn header(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn encoded(kind: &str, body: &[u8]) -> Encoded {
    let headers = vec![
        header("type", kind),
        header(STRANGE_STAMP, r#"[{"caf\u00e9":"\/"}]"#),
        header("X-Trace", "é \u{1F431} \" \\ /"),
        header("Content-Type", "application/json"),
    ];
    Encoded { body: body.to_vec(), headers }
}

/// Sends what came from outside on, twice, and checks that not a byte has changed.
async fn travels_untouched<F: Fixture>(f: &Subject<F>, message: &Encoded) -> Envelope {
    f.send(f.codec.decode(message.clone())).await;
    let received = f.get_one().await;
    f.send(received.clone()).await;
    let again = f.get_one().await;
    let mut encoded = f.codec.encode(&again).expect("it can be written");
    // The transport adds the ids it gave.
    encoded.headers.retain(|(name, _)| !name.ends_with("TransportMessageIdStamp"));
    assert_eq!(encoded.body, message.body);
    let mut both = encoded.headers.iter().zip(&message.headers);
    assert_eq!(both.find(|(travelled, sent)| travelled != sent), None);
    assert_eq!(encoded.headers.len(), message.headers.len());
    f.receiver().ack(&[received.clone(), again]).await.expect("acknowledged");
    received
}

pub(super) async fn a_message_of_nobody_travels_on_untouched<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    let message = encoded(r"Contract\Unknown", br#"{"a": [1, 2.50]}"#);
    let received = travels_untouched(f, &message).await;
    let undecodable = received.undecodable().expect("nobody knows it");
    assert!(undecodable.reason.contains(r"Contract\\Unknown"), "{}", undecodable.reason);
    Ok(())
}

pub(super) async fn a_message_that_cannot_be_read_travels_on_untouched<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    for body in ["", "{", "[]", r#"{"number":"no number"}"#, "O:8:\"stdClass\":0:{}"] {
        let message = encoded(r"Contract\Numbered", body.as_bytes());
        let received = travels_untouched(f, &message).await;
        assert!(received.undecodable().is_some(), "{body}");
    }
    Ok(())
}

pub(super) async fn unknown_headers_and_stamps_survive<F: Fixture>(f: &Subject<F>) -> Checked {
    let message = encoded(r"Contract\Numbered", br#"{ "number" : 7 }"#);
    let received = travels_untouched(f, &message).await;
    assert_eq!(number(&received), 7);
    let stamp = received.last::<RawStamp>().expect("the strange stamp");
    assert_eq!(stamp.header, STRANGE_STAMP);
    Ok(())
}

pub(super) async fn known_stamps_survive<F: Fixture>(f: &Subject<F>) -> Checked {
    let bus = BusNameStamp { bus_name: "command.bus".into() };
    f.send(message(1).with(bus).with(DelayStamp::millis(0))).await;
    let received = f.get_one().await;
    assert_eq!(&*received.last::<BusNameStamp>().expect("a bus").bus_name, "command.bus");
    assert_eq!(received.last::<DelayStamp>().expect("a delay").delay, 0);
    Ok(())
}

pub(super) async fn every_byte_survives<F: Fixture>(f: &Subject<F>) -> Checked {
    let every_byte: Vec<u8> = (0..=255).collect();
    for body in [every_byte.as_slice(), b"\0", b"{\"nul\":\0}", b"\xC3\x28", b"AAAA", b"\r\n\t "] {
        travels_untouched(f, &encoded("binary", body)).await;
    }
    Ok(())
}

pub(super) async fn every_script_survives<F: Fixture>(f: &Subject<F>) -> Checked {
    for text in [
        "naïve café \u{301}",
        "Ёжик в тумане",
        "مرحبا",
        "日本語 \u{10348}",
        "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}",
        "\u{202E}turned\u{202C} \u{FEFF}",
        "\u{1}\u{7F}\u{2028}",
        "' OR 1 = 1; -- ${x} %s {{y}}",
    ] {
        f.send(Text { text: text.to_owned() }).await;
        let received = f.get_one().await;
        assert_eq!(received.message::<Text>().expect("a text").text, text);
        f.receiver().ack(&[received]).await.expect("acknowledged");
    }
    Ok(())
}

pub(super) async fn many_headers_survive<F: Fixture>(f: &Subject<F>) -> Checked {
    let mut message = encoded(r"Contract\Numbered", br#"{"number":1}"#);
    // The codec writes the type of the contents last.
    let last = message.headers.pop();
    for number in 0..200 {
        message.headers.push((format!("X-Header-{number}"), "value ".repeat(number)));
    }
    message.headers.push(header("X-Empty", ""));
    message.headers.extend(last);
    travels_untouched(f, &message).await;
    Ok(())
}

pub(super) async fn bodies_of_all_sizes_survive<F: Fixture>(f: &Subject<F>) -> Checked {
    let largest = f.fixture.largest_body();
    let sizes = [0, 1, 255, 256, 65_535, 65_536, 1_048_577, largest];
    for size in sizes.into_iter().filter(|size| *size <= largest) {
        let text: String = "Cat \u{1F431} \\ \" / ".chars().cycle().take(size / 2).collect();
        f.send(Text { text: text.clone() }).await;
        let received = f.get_one().await;
        let same = received.message::<Text>().is_some_and(|received| received.text == text);
        assert!(same, "a text of {size} bytes has changed");
        f.receiver().ack(&[received]).await.expect("acknowledged");
    }
    Ok(())
}

pub(super) async fn a_message_carries_one_id<F: Fixture>(f: &Subject<F>) -> Checked {
    let first = f.send(message(1)).await;
    let again = f.send(f.get_one().await).await;
    assert_eq!(again.all::<TransportMessageIdStamp>().count(), 1);
    assert_ne!(id(&first), id(&again));
    let received = f.get_one().await;
    assert_eq!(received.all::<TransportMessageIdStamp>().count(), 1);
    assert_eq!(id(&received), id(&again));
    Ok(())
}
