//! The pictures that a mail brings along and names with `cid:`.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::developer::mailbox::mail::Attachment;

/// The largest picture that is shown in its place, in bytes.
const MAX_IMAGE: usize = 4 << 20;
/// How many bytes of pictures a document may hold.
const MAX_DOCUMENT: usize = 16 << 20;
/// What a browser draws without running anything.
const KINDS: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/// Pictures by their `Content-ID`.
pub(in crate::developer::mailbox) struct InlineImages<'a>(HashMap<&'a str, &'a Attachment>);

impl<'a> InlineImages<'a> {
    /// Those among the attachments that may be shown.
    pub(in crate::developer::mailbox) fn of(attachments: &'a [Attachment]) -> Self {
        let shown = attachments.iter().filter(|one| {
            KINDS.contains(&one.content_type.as_str()) && one.bytes.len() <= MAX_IMAGE
        });
        Self(shown.filter_map(|one| Some((one.content_id.as_deref()?, one))).collect())
    }

    /// The source of a picture, if it needs nothing from outside: `cid:` becomes `data:`. `written` is
    /// how long the document is already.
    pub(super) fn source(&self, source: &str, written: usize) -> Option<String> {
        let source = source.trim();
        let (scheme, rest) = source.split_once(':')?;
        if scheme.eq_ignore_ascii_case("data") {
            let kind = rest.split([';', ',']).next().unwrap_or_default().to_ascii_lowercase();
            return KINDS.contains(&kind.as_str()).then(|| source.to_owned());
        }
        let image = self.0.get(rest).filter(|_| scheme.eq_ignore_ascii_case("cid"))?;
        let fits = written + image.bytes.len() <= MAX_DOCUMENT;
        fits.then(|| {
            format!("data:{};base64,{}", image.content_type, STANDARD.encode(&image.bytes))
        })
    }
}
