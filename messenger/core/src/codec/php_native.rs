//! PHP's native serializer, Symfony's default: recognised, so that the reason says what to change.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// How such a message begins once PHP's `addslashes` is undone.
const ENVELOPE: &[u8] = br#"O:36:"Symfony\Component\Messenger\Envelope":"#;

/// What the operator reads.
pub(super) const REASON: &str = "PHP's native serializer wrote this, which only PHP can read; set \
    \"serializer: messenger.transport.symfony_serializer\" for the transport in the messenger.yaml of \
    the PHP application, or \"default_serializer\" for all of them";

/// Whether PHP's `serialize` wrote this body. One that is not UTF-8 there is in base64.
pub(super) fn is_native(body: &[u8]) -> bool {
    if body.ends_with(b"}") {
        return begins_with_envelope(body);
    }
    // The first 64 characters hold all of the beginning, and are whole groups of four.
    let head = body.get(..64.min(body.len() / 4 * 4)).unwrap_or_default();
    STANDARD.decode(head).is_ok_and(|head| head.starts_with(&b"O:36:\\\"Symfony"[..]))
}

fn begins_with_envelope(body: &[u8]) -> bool {
    let mut rest = body.iter();
    ENVELOPE.iter().all(|expected| {
        let escaped = matches!(expected, b'"' | b'\\');
        (!escaped || rest.next() == Some(&b'\\')) && rest.next() == Some(expected)
    })
}

#[cfg(test)]
mod tests {
    use super::{STANDARD, is_native};
    use base64::Engine;

    #[test]
    fn only_what_php_serialized_is_taken_for_that() {
        let native = br#"O:36:\"Symfony\\Component\\Messenger\\Envelope\":2:{s:44:\"...\";}"#;
        assert!(is_native(native));
        assert!(is_native(STANDARD.encode(native).as_bytes()));
        for other in [&b""[..], b"{}", b"O:36:}", br#"{"emoji":2}"#, b"T0s=", "é".as_bytes()] {
            assert!(!is_native(other));
        }
    }
}
