//! What a newer Symfony makes of a message that it cannot decode: its exception takes the place of
//! the message, with the original inside.

use serde_json::Value;

use super::Encoded;

const TYPE: &str = r"Symfony\Component\Messenger\Exception\MessageDecodingFailedException";

/// The message that such a row keeps; `None` if it is another kind of row.
pub(super) fn original(encoded: &Encoded) -> Option<Encoded> {
    if encoded.header("type") != Some(TYPE) {
        return None;
    }
    let body: Value = serde_json::from_slice(&encoded.body).ok()?;
    let inner = body.get("encodedEnvelope").or_else(|| body.get("encoded_envelope"))?;
    let text = inner.get("body")?.as_str()?;
    let headers = inner.get("headers").map(Value::to_string).unwrap_or_default();
    Some(Encoded::with_headers_json(text.as_bytes().to_vec(), &headers))
}
