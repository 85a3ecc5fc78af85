//! Server-sent events, as bytes.

use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;

/// The content type of a stream of events.
pub const CONTENT_TYPE: &str = "text/event-stream";

/// The first words of a stream: how soon a client that has lost it comes back, and after which
/// event it will go on then, even if none ever comes.
#[must_use]
pub fn greeting(retry: Duration, id: i64) -> Bytes {
    format!("retry: {}\nid: {id}\n\n", retry.as_millis()).into()
}

/// One event.
///
/// # Errors
/// When the data cannot be written as JSON.
pub fn event(id: i64, name: &str, data: &impl Serialize) -> serde_json::Result<String> {
    // JSON has no line breaks, which would end the field.
    Ok(format!("id: {id}\nevent: {name}\ndata: {}\n\n", serde_json::to_string(data)?))
}

/// An event that is no change of anything and has no number: who comes back goes on where it was.
#[must_use]
pub fn signal(name: &str, data: &str) -> Bytes {
    format!("event: {name}\ndata: {data}\n\n").into()
}

/// Shows that the other side is there: a comment for those who read along, and an event for scripts,
/// which see no comments.
#[must_use]
pub fn heartbeat(words: &str) -> Bytes {
    format!(": {words}\nevent: heartbeat\ndata:\n\n").into()
}

/// What no script reads.
#[must_use]
pub fn comment(words: &str) -> Bytes {
    format!(": {words}\n\n").into()
}

/// The last words of a stream that the client should not come back to soon: an event for scripts,
/// with the seconds to wait, and a time for browsers that come back by themselves.
#[must_use]
pub fn farewell(retry: Duration, words: &str) -> Bytes {
    let (seconds, milliseconds) = (retry.as_secs(), retry.as_millis());
    format!("event: later\ndata: {seconds}\n\nretry: {milliseconds}\n: {words}\n\n").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_ends_no_field() {
        let event = event(7, "image", &"a\nid: 9\r\n\ndata: x").unwrap();
        assert_eq!(event, "id: 7\nevent: image\ndata: \"a\\nid: 9\\r\\n\\ndata: x\"\n\n");
        assert_eq!(greeting(Duration::from_secs(2), 7), "retry: 2000\nid: 7\n\n");
        assert_eq!(comment("ping"), ": ping\n\n");
        assert_eq!(signal("signed-out", "{}"), "event: signed-out\ndata: {}\n\n");
        assert_eq!(heartbeat("ping"), ": ping\nevent: heartbeat\ndata:\n\n");
        let farewell = farewell(Duration::from_secs(60), "bye");
        assert_eq!(farewell, "event: later\ndata: 60\n\nretry: 60000\n: bye\n\n");
    }
}
