//! The shape of a mail, looked at in one pass before a parser sees it: parsers follow what a mail says
//! of itself as deep and as often as it says so.

use std::borrow::Cow;

/// How many parts may say what they are.
const MAX_PARTS: usize = 1000;
/// How many bytes may be looked at for parts: a parser may look through the rest of the mail for each.
const MAX_LOOKED_AT: usize = 1 << 30;
/// How many lines may look like the border between two parts.
const MAX_BORDERS: usize = 10_000;
/// How many lines may look like headers.
const MAX_HEADERS: usize = 100_000;
/// The longest header that says what a part is, in bytes.
const MAX_DESCRIPTION: usize = 8 << 10;

/// Headers that say what a part is, without the spaces that a parser overlooks. A `c` is in none of
/// them but at its beginning.
const DESCRIPTIONS: [&[u8]; 2] = [b"content-type:", b"content-disposition:"];
/// What would have a parser open a mail within a mail, and by what it is replaced: then it is a file
/// like others.
const WITHIN: [(&[u8], &[u8]); 3] =
    [(b"rfc822", b"rfc82_"), (b"global", b"globa_"), (b"digest", b"diges_")];

/// A mail that a parser can be given.
pub(super) struct Shape<'a> {
    bytes: Cow<'a, [u8]>,
}

impl<'a> Shape<'a> {
    /// Looks at a mail; `None` if it has more parts or headers than anybody would send.
    pub(super) fn of(bytes: &'a [u8]) -> Option<Self> {
        let lines = || bytes.split(|byte| *byte == b'\n');
        let borders = lines().filter(|line| line.windows(2).any(|two| two == b"--")).count();
        let headers = lines().filter(|line| line.contains(&b':')).count();
        if borders > MAX_BORDERS || headers > MAX_HEADERS {
            return None;
        }
        let mut shape = Self { bytes: Cow::Borrowed(bytes) };
        let mut parts = 0;
        for name in DESCRIPTIONS {
            for start in ends_of(name, bytes) {
                parts += 1;
                let value = value_at(bytes, start);
                if value.len() > MAX_DESCRIPTION || parts > MAX_PARTS {
                    return None;
                }
                shape.close_mails_within(start, value);
            }
        }
        (parts.saturating_mul(bytes.len()) <= MAX_LOOKED_AT).then_some(shape)
    }

    /// The mail, as long as it was, with mails in it that nobody opens.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn close_mails_within(&mut self, start: usize, value: &[u8]) {
        // The kind ends at the first semicolon, unless that is in a comment.
        let end = value.iter().position(|byte| *byte == b';').filter(|_| !value.contains(&b'('));
        let kind = &value[..end.unwrap_or(value.len())];
        for (word, closed) in WITHIN {
            let found = kind.windows(word.len()).enumerate();
            for (at, _) in found.filter(|(_, window)| window.eq_ignore_ascii_case(word)) {
                let from = start + at;
                self.bytes.to_mut()[from..from + closed.len()].copy_from_slice(closed);
            }
        }
    }
}

/// The kind of a part as its sender has written it.
pub(super) fn kind_as_sent(kind: &str) -> String {
    WITHIN.iter().fold(kind.to_owned(), |kind, (word, closed)| {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        kind.replace(&text(closed), &text(word))
    })
}

/// Where these words end, in whatever case and with whatever space between their letters.
fn ends_of<'a>(words: &'a [u8], bytes: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let mut matched = 0;
    bytes.iter().enumerate().filter_map(move |(at, byte)| {
        if byte.is_ascii_whitespace() {
            return None;
        }
        let byte = byte.to_ascii_lowercase();
        matched = match byte == words[matched] {
            true => matched + 1,
            false => usize::from(byte == words[0]),
        };
        let is_whole = matched == words.len();
        matched = if is_whole { 0 } else { matched };
        is_whole.then_some(at + 1)
    })
}

/// The value of a header that begins here: up to the first line break that is no fold.
fn value_at(bytes: &[u8], start: usize) -> &[u8] {
    let rest = &bytes[start..];
    let is_end = |(at, byte): (usize, &u8)| {
        let folds = || rest.get(at + 1).is_some_and(|next| matches!(next, b' ' | b'\t'));
        (*byte == b'\n' && !folds()).then_some(at)
    };
    let end = rest.iter().enumerate().find_map(is_end);
    // No further than needed to see that it is too long.
    &rest[..end.unwrap_or(rest.len()).min(MAX_DESCRIPTION + 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shaped(mail: &str) -> Option<String> {
        Shape::of(mail.as_bytes()).map(|shape| String::from_utf8_lossy(shape.bytes()).into_owned())
    }

    #[test]
    fn s9_mails_within_are_closed_however_they_are_written() {
        for (mail, expected) in [
            ("Content-Type: message/rfc822\n\n", "Content-Type: message/rfc82_\n\n"),
            (
                "a\nCon tent-Type : Message/RFC822; x=rfc822\n",
                "a\nCon tent-Type : Message/rfc82_; x=rfc822\n",
            ),
            ("--bContent-Type:\n message/(;)global\n", "--bContent-Type:\n message/(;)globa_\n"),
            (
                "content-type: multipart/digest;boundary=digest",
                "content-type: multipart/diges_;boundary=digest",
            ),
            ("Content-Type: text/plain\n\nrfc822", "Content-Type: text/plain\n\nrfc822"),
        ] {
            assert_eq!(shaped(mail).as_deref(), Some(expected));
        }
        assert_eq!(kind_as_sent("message/rfc82_"), "message/rfc822");
    }

    #[test]
    fn s9_more_than_anybody_would_send_is_refused() {
        for mail in [
            "Content-Type: a/b\n\n".repeat(1001),
            "Content-Type: a/b\n\n".repeat(900) + &"x".repeat(2 << 20),
            "--b\n\n".repeat(10_001),
            "a:\n".repeat(100_001),
            format!("Content-Type: a/b{}\n", ";a*1=b".repeat(2000)),
            format!("Content-Disposition: a{}\n", ";\n a*1=b".repeat(2000)),
        ] {
            assert_eq!(shaped(&mail), None);
        }
    }
}
