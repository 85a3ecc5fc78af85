//! Values of options, for clap's `value_parser`: positive numbers, amounts of memory, lengths of time.

use std::time::Duration;

/// A whole number above zero.
///
/// # Errors
/// When it is none.
pub fn positive(text: &str) -> Result<u64, String> {
    text.parse()
        .ok()
        .filter(|number| *number > 0)
        .ok_or_else(|| format!("\"{text}\" is not a positive number"))
}

/// A whole number above zero, as a count.
///
/// # Errors
/// When it is none.
pub fn count(text: &str) -> Result<usize, String> {
    positive(text).and_then(|number| usize::try_from(number).map_err(|error| error.to_string()))
}

/// A name: not nothing.
///
/// # Errors
/// When it is empty.
pub fn name(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("the name is empty".to_owned()),
        _ => Ok(text.to_owned()),
    }
}

/// Seconds, a fraction is allowed.
///
/// # Errors
/// When it is no such number.
pub fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|number| Duration::try_from_secs_f64(number).ok());
    seconds.ok_or_else(|| format!("\"{text}\" is not a number of seconds"))
}

/// Bytes as PHP's `memory_limit` writes them: `128M`, `1g`, `64kb`, `0x4000000`, `0777`.
///
/// # Errors
/// When it is no such amount.
pub fn bytes(text: &str) -> Result<u64, String> {
    let lower = text.trim().to_ascii_lowercase();
    // In hexadecimal, a final `b` is a digit.
    let short = if lower.starts_with("0x") { &lower } else { lower.trim_end_matches('b') };
    let unit = short.chars().last().and_then(|unit| "kmgt".find(unit));
    let (digits, shift) = match unit {
        Some(power) => (&short[..short.len() - 1], 10 * (power + 1)),
        None => (short, 0),
    };
    let number = if let Some(hexadecimal) = digits.strip_prefix("0x") {
        u64::from_str_radix(hexadecimal, 16)
    } else if let Some(octal) = digits.strip_prefix('0').filter(|rest| !rest.is_empty()) {
        u64::from_str_radix(octal, 8)
    } else {
        digits.parse()
    };
    let shifted = number.ok().and_then(|number| number.checked_mul(1 << shift));
    shifted.ok_or_else(|| format!("\"{text}\" is not an amount of memory such as 128M"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_as_php_reads_it() {
        assert_eq!(bytes("128M"), Ok(128 << 20));
        assert_eq!(bytes("1g"), Ok(1 << 30));
        assert_eq!(bytes("64kb"), Ok(64 << 10));
        assert_eq!(bytes("0x10"), Ok(16));
        assert_eq!(bytes("0x1b"), Ok(27));
        assert_eq!(bytes("010k"), Ok(8 << 10));
        assert_eq!(bytes("0"), Ok(0));
        assert!(bytes("many").is_err() && bytes("-1M").is_err() && bytes("").is_err());
        assert!(bytes("99999999999T").is_err());
    }

    #[test]
    fn a_limit_is_positive_and_a_pause_may_be_a_fraction() {
        assert!(positive("0").is_err() && positive("-3").is_err() && positive("1.5").is_err());
        assert_eq!(seconds("0.25"), Ok(Duration::from_millis(250)));
        assert!(seconds("-1").is_err() && seconds("soon").is_err());
    }
}
