//! Messages that somebody else wrote into a queue.

use messenger::codec::{Codec, Encoded, JsonCodec};
use ponka::codec::ExternalJson;
use ponka::message::command::{AddPonkaToImage, DeletePhotoFile, SendEmailMessage};

use super::inputs;

const HEADERS: &[u8] = br#"{"type":"App\\Message\\AddPonkaToImage","X-Message-Stamp-Symfony\\Component\\Messenger\\Stamp\\DelayStamp":"[{\"delay\":1000}]","X-Message-Stamp-Symfony\\Component\\Messenger\\Stamp\\RedeliveryStamp":"[{\"retryCount\":1,\"redeliveredAt\":\"2026-01-01T00:00:00+00:00\"}]","Content-Type":"application/json"}"#;

fn codecs() -> [Box<dyn Codec>; 2] {
    let mut json = JsonCodec::default();
    json.register::<AddPonkaToImage>();
    json.register::<DeletePhotoFile>();
    json.register::<SendEmailMessage>();
    [Box::new(json), Box::new(ExternalJson::new())]
}

/// What can be read can be written and read again; what cannot keeps every byte.
fn check(codec: &dyn Codec, encoded: Encoded) {
    let envelope = codec.decode(encoded.clone());
    match envelope.undecodable() {
        Some(_) => assert_eq!(codec.encode(&envelope).unwrap().body, encoded.body),
        None => {
            let again = codec.decode(codec.encode(&envelope).unwrap());
            assert!(again.undecodable().is_none(), "{encoded:?}");
        }
    }
}

#[test]
fn sec_19_any_body_and_any_headers_are_decoded_or_kept() {
    let id = "01a20664-b8f4-76a2-9e1e-b5a1de214076";
    let body = format!("{{\"imagePostId\":\"{id}\"}}");
    let mail = br#"{"template":"welcome","context":{"name":"Vera"},"to":["vera@example.org"]}"#;
    let deep = b"[".repeat(10_000);
    let bodies: [&[u8]; 7] = [
        body.as_bytes(),
        b"{\"emoji\":2}",
        mail,
        b"{\"filename\":\"a\"}",
        &deep,
        b"1e400",
        b"\"\\ud800\"",
    ];
    for codec in codecs() {
        for input in inputs(&bodies) {
            for class in [r"App\Message\AddPonkaToImage", "emoji", r"App\Mailer\SendEmailMessage"] {
                let headers = vec![("type".to_owned(), class.to_owned())];
                check(codec.as_ref(), Encoded { body: input.to_vec(), headers });
            }
        }
        for input in inputs(&[HEADERS, b"{\"type\":\"emoji\"}", b"[]", b"{}"]) {
            let encoded = Encoded::with_headers_json(body.clone().into_bytes(), &input.text());
            check(codec.as_ref(), encoded);
        }
    }
}
