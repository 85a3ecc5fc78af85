//! What a message that failed tells of its errors and tries, within bounds: a row grows no further.

use serde_json::Value;

use crate::envelope::Envelope;
use crate::error::DispatchError;
use crate::stamp::{ErrorDetailsStamp, HistoryLeftOutStamp, RedeliveryStamp};

/// So much of an error's text is kept, in bytes as they are stored.
const LONGEST_TEXT: usize = 2_000;
/// So much of its class, and of its code.
const LONGEST_NAME: usize = 250;
/// So long may the trace be that PHP has left, with all that is in it.
const LONGEST_TRACE: usize = 8_000;

/// The message with its newest error. Of many errors the first and the newest nine are kept; the
/// same one is not kept twice.
pub(super) fn with_error_details(envelope: Envelope, problem: &DispatchError) -> Envelope {
    let detail = problem.detail();
    let details = match (problem, detail.split_once(": ")) {
        // The two refusals of `refuse_unhandleable` name their own class.
        (DispatchError::Middleware { .. }, Some((class, text)))
            if class == "MessageDecodingFailed" || class == "WorkerCrashed" =>
        {
            ErrorDetailsStamp::new(class, text)
        }
        _ => ErrorDetailsStamp::new(problem.class(), &*detail),
    };
    let (details, envelope) = (bounded(&details), with_bounded_errors(envelope));
    if envelope.last::<ErrorDetailsStamp>() == Some(&details) {
        return envelope;
    }
    envelope.with_limited_history(details)
}

/// The message with the note that it is sent again. Of many such notes the first and the newest nine
/// are kept, and the number of the others.
pub(super) fn with_redelivery(envelope: Envelope, stamp: RedeliveryStamp) -> Envelope {
    let before = envelope.all::<RedeliveryStamp>().count();
    let envelope = envelope.with_limited_history(stamp);
    let left_out = (before + 1).saturating_sub(envelope.all::<RedeliveryStamp>().count());
    let Some(left_out) = u32::try_from(left_out).ok().filter(|left_out| *left_out > 0) else {
        return envelope;
    };
    let so_far = envelope.last::<HistoryLeftOutStamp>().map_or(0, |stamp| stamp.failures);
    let failures = so_far.saturating_add(left_out);
    envelope.without::<HistoryLeftOutStamp>().with(HistoryLeftOutStamp { failures })
}

/// Errors that others have left may be of any size.
fn with_bounded_errors(envelope: Envelope) -> Envelope {
    let errors: Vec<_> = envelope.all::<ErrorDetailsStamp>().map(bounded).collect();
    let is_the_same = |(old, new): (&ErrorDetailsStamp, &ErrorDetailsStamp)| {
        old == new && old.flatten_exception.is_null() == new.flatten_exception.is_null()
    };
    if envelope.all::<ErrorDetailsStamp>().zip(&errors).all(is_the_same) {
        return envelope;
    }
    errors.into_iter().fold(envelope.without::<ErrorDetailsStamp>(), Envelope::with)
}

fn bounded(details: &ErrorDetailsStamp) -> ErrorDetailsStamp {
    let mut text = details.exception_message.clone();
    let trace = match &details.flatten_exception {
        Value::Null => 0,
        trace => trace.to_string().len(),
    };
    let flatten_exception = match trace {
        0..=LONGEST_TRACE => details.flatten_exception.clone(),
        _ => {
            text.push_str(&format!(" [its trace of {trace} bytes was left out]"));
            Value::Null
        }
    };
    let exception_code = match &details.exception_code {
        Value::String(code) => Value::from(shortened(code, LONGEST_NAME)),
        code => code.clone(),
    };
    ErrorDetailsStamp {
        exception_class: shortened(&details.exception_class, LONGEST_NAME),
        exception_code,
        exception_message: shortened(&text, LONGEST_TEXT),
        flatten_exception,
    }
}

/// The beginning and the end of a text that is too long, and between them how much was left out:
/// the end of an error is often its cause.
fn shortened(text: &str, longest: usize) -> String {
    if text.chars().map(stored_bytes).sum::<usize>() <= longest {
        return text.to_owned();
    }
    // What says so needs some room itself: a text that was cut is not cut again.
    let room = longest.saturating_sub(50);
    let head = fitting(text.chars(), room / 4 * 3);
    let tail = fitting(text.chars().rev(), room / 4);
    let (head, tail) = (&text[..head], &text[text.len() - tail..]);
    let left_out = text.len() - head.len() - tail.len();
    format!("{head} [{left_out} bytes left out] {tail}")
}

/// How many bytes of the text these first characters are that fit.
fn fitting(characters: impl Iterator<Item = char>, room: usize) -> usize {
    let mut used = 0;
    let fitting = characters.take_while(|character| {
        used += stored_bytes(*character);
        used <= room
    });
    fitting.map(char::len_utf8).sum()
}

/// How much a character takes in the headers of a row: JSON within JSON.
fn stored_bytes(character: char) -> usize {
    match character {
        '"' | '\\' | '/' => 4,
        // PHP's JSON, and so ours, escapes whatever is not ASCII: `\\u00e9`, and twice beyond.
        character if character.is_control() || !character.is_ascii() => 7 * character.len_utf16(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters_and_says_how_much_is_missing() {
        assert_eq!(shortened("short", 100), "short");
        let cut = shortened(&format!("begin{}end", "é".repeat(1_000)), 100);
        assert!(cut.starts_with("beginéé") && cut.ends_with("éend"), "{cut}");
        assert_eq!(shortened(&cut, 100), cut);
        let kept = cut.matches('é').count();
        assert!(cut.contains(&format!("[{} bytes left out]", 2 * (1_000 - kept))), "{cut}");
    }

    #[test]
    fn a_trace_that_is_too_long_goes_and_the_error_stays() {
        let trace = Value::from("x".repeat(LONGEST_TRACE));
        let details =
            ErrorDetailsStamp { flatten_exception: trace, ..ErrorDetailsStamp::new("E", "why") };
        let bounded = bounded(&details);
        assert_eq!(bounded.flatten_exception, Value::Null);
        assert_eq!(bounded.exception_message, "why [its trace of 8002 bytes was left out]");
    }
}
