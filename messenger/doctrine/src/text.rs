//! A message as text columns keep it, and back.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::queue::Row;
use messenger::Encoded;

/// Bodies that are no text are stored in base64, and say so in this header.
const BODY_ENCODING: &str = "X-Messenger-Body-Encoding";
/// Its name in earlier versions, whose messages may still wait.
const EARLIER_BODY_ENCODING: &str = "X-Ponka-Body-Encoding";

/// Body and headers as the text columns keep them.
pub(super) fn as_text(message: &Encoded) -> (String, String) {
    match std::str::from_utf8(&message.body) {
        // PostgreSQL's text has no NUL.
        Ok(body) if !body.contains('\0') => (body.to_owned(), message.headers_json()),
        _ => {
            let mut message = message.clone();
            message.headers.push((BODY_ENCODING.to_owned(), "base64".to_owned()));
            (STANDARD.encode(&message.body), message.headers_json())
        }
    }
}

/// The message of a row.
pub(super) fn from_row(row: &Row) -> Encoded {
    let headers = String::from_utf8_lossy(&row.headers);
    let mut message = Encoded::with_headers_json(row.body.clone(), &headers);
    for name in [BODY_ENCODING, EARLIER_BODY_ENCODING] {
        if message.header(name) == Some("base64")
            && let Ok(body) = STANDARD.decode(&message.body)
        {
            message.headers.retain(|(header, _)| header != name);
            message.body = body;
        }
    }
    message
}
