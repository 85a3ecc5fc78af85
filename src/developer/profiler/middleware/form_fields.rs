//! Notes which fields a form has, while somebody else reads it. The values are not kept.

use actix_web::HttpMessage;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::web::Bytes;
use futures_util::TryStreamExt;

use super::super::Recording;

/// A form without files is not longer than that, in bytes; the rest is not looked at.
const LONGEST: usize = 64 * 1024;
/// More fields are not noted.
const MOST: usize = 200;

/// Looks at the body of a form without files as it passes by. Whoever reads a form with files
/// notes its fields while doing so.
pub(super) fn watch(request: &mut ServiceRequest, recording: &Recording) {
    if request.content_type() != "application/x-www-form-urlencoded" {
        return;
    }
    let mut seen = Seen { recording: recording.clone(), text: Vec::new() };
    let watched = request.take_payload().inspect_ok(move |piece| seen.look_at(piece));
    request.set_payload(Payload::Stream { payload: Box::pin(watched) });
}

/// What has passed by; told when the reader is done with the body.
struct Seen {
    recording: Recording,
    text: Vec<u8>,
}

impl Seen {
    fn look_at(&mut self, piece: &Bytes) {
        let room = LONGEST.saturating_sub(self.text.len());
        self.text.extend_from_slice(&piece[..piece.len().min(room)]);
    }
}

impl Drop for Seen {
    fn drop(&mut self) {
        for (name, _) in url::form_urlencoded::parse(&self.text).take(MOST) {
            self.recording.note_form_field(&name);
        }
    }
}
