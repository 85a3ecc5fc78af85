//! JSON as PHP's `json_encode` writes it: `/` as `\/`, everything beyond ASCII as `\uXXXX`.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Formatter;

/// Writes a value.
///
/// # Errors
/// When the value cannot be written as JSON.
pub(crate) fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String, serde_json::Error> {
    let mut out = Vec::with_capacity(64);
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, PhpFormatter))?;
    Ok(String::from_utf8(out).expect("JSON is written as ASCII"))
}

/// Writes text pairs as one object, in their order.
pub(crate) fn object(pairs: &[(String, String)]) -> String {
    struct Pairs<'a>(&'a [(String, String)]);
    impl Serialize for Pairs<'_> {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
        }
    }
    to_string(&Pairs(pairs)).expect("text pairs can always be written")
}

struct PhpFormatter;

impl Formatter for PhpFormatter {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut plain_from = 0;
        for (index, character) in fragment.char_indices() {
            if character.is_ascii() && character != '/' {
                continue;
            }
            writer.write_all(&fragment.as_bytes()[plain_from..index])?;
            write_escaped(writer, character)?;
            plain_from = index + character.len_utf8();
        }
        writer.write_all(&fragment.as_bytes()[plain_from..])
    }
}

fn write_escaped<W: ?Sized + Write>(writer: &mut W, character: char) -> io::Result<()> {
    if character == '/' {
        return writer.write_all(br"\/");
    }
    for unit in character.encode_utf16(&mut [0; 2]) {
        write!(writer, "\\u{unit:04x}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::to_string;

    #[test]
    fn slashes_and_everything_beyond_ascii_are_escaped() {
        let written = to_string("Look! é / \"q\" \u{1F431}\u{7f}\n\u{1}\\").expect("text");
        assert_eq!(written, "\"Look! \\u00e9 \\/ \\\"q\\\" \\ud83d\\udc31\u{7f}\\n\\u0001\\\\\"");
    }

    #[test]
    fn a_float_keeps_its_zero_fraction() {
        assert_eq!(to_string(&serde_json::json!({"a": 1.0})).expect("number"), r#"{"a":1.0}"#);
    }
}
