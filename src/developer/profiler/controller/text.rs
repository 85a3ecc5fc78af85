//! Numbers and values as they are shown.

use std::time::Duration;

use serde_json::Value;

/// `0.42 ms`, `12 ms`, `1.5 s`.
pub(super) fn milliseconds(duration: f64) -> String {
    match duration {
        0.0..10.0 => format!("{duration:.2} ms"),
        0.0..1000.0 => format!("{duration:.0} ms"),
        _ => format!("{:.1} s", duration / 1000.0),
    }
}

/// `180 ms ago`, `7 s ago`, `3 min ago`, `2 h ago`.
pub(super) fn ago(since: Duration) -> String {
    match since.as_secs() {
        0 => format!("{} ms ago", since.as_millis()),
        seconds @ ..60 => format!("{seconds} s ago"),
        seconds @ ..3600 => format!("{} min ago", seconds / 60),
        seconds => format!("{} h ago", seconds / 3600),
    }
}

/// JSON over several lines; a text as it is.
pub(super) fn pretty(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => format!("{other:#}"),
    }
}

/// `750 bytes`, `12.30 kB`, as Symfony's profiler has it.
pub(super) fn size(bytes: usize) -> String {
    #[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
    let number = bytes as f64;
    match bytes {
        ..1000 => format!("{bytes} bytes"),
        1000..1_000_000 => format!("{:.2} kB", number / 1e3),
        _ => format!("{:.2} MB", number / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!([0.416, 12.3, 1500.0].map(milliseconds), ["0.42 ms", "12 ms", "1.5 s"]);
        assert_eq!([999, 12_300, 4_500_000].map(size), ["999 bytes", "12.30 kB", "4.50 MB"]);
        let seconds = [0.18, 7.9, 185.0, 7300.0].map(Duration::from_secs_f64);
        assert_eq!(seconds.map(ago), ["180 ms ago", "7 s ago", "3 min ago", "2 h ago"]);
    }
}
