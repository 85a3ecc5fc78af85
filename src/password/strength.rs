//! Which new passwords are taken. Strangers choose them, so looking at one takes a bounded time.

use crate::config::Secret;

/// How short a password may be, in characters.
pub const SHORTEST: usize = 8;
/// How long a password may be, in characters.
pub const LONGEST: usize = 256;

/// A password that is found with so few guesses is among the most common ones.
const COMMON: u64 = 10_000;
/// So many characters are looked at: no common password is longer, and a text is hardly easier to
/// guess than its beginning.
const LOOKED_AT: usize = 32;
/// What may stand for a letter, as far as zxcvbn knows.
const LOOK_ALIKES: &str = "4@8({[<3690!1|7$5+%2";
/// The text ends before the next different one of these: zxcvbn tries them in every combination,
/// which are a few with so many and hundreds with all. Twelve different ones are no common password.
const DIFFERENT_LOOK_ALIKES: usize = 12;

/// Why a password is not taken, as a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Fewer characters than a password must have.
    #[error("Choose a password of at least 8 characters. Longer is better.")]
    TooShort,
    /// More characters than are worth hashing.
    #[error("Choose a password of at most 256 characters.")]
    TooLong,
    /// One of those that everybody tries first.
    #[error("Many people use that password, so it is easy to guess. Choose another one.")]
    Common,
}

/// Looks at what costs nothing.
pub(super) fn check_length(password: &Secret) -> Result<(), WeakPassword> {
    match password.expose().chars().count() {
        ..SHORTEST => Err(WeakPassword::TooShort),
        SHORTEST..=LONGEST => Ok(()),
        _ => Err(WeakPassword::TooLong),
    }
}

/// Looks how easy it is to guess: up to some ten milliseconds of work. Words that are known of the
/// person are guessed first.
pub(super) fn check_commonness(
    password: &Secret,
    known_words: &[String],
) -> Result<(), WeakPassword> {
    let known_words: Vec<&str> = known_words.iter().map(String::as_str).collect();
    let guesses = zxcvbn::zxcvbn(looked_at(password.expose()), &known_words).guesses();
    if guesses < COMMON { Err(WeakPassword::Common) } else { Ok(()) }
}

/// The beginning of a password that is looked at.
fn looked_at(password: &str) -> &str {
    let mut different = Vec::new();
    for (count, (at, c)) in password.char_indices().enumerate() {
        let is_new = LOOK_ALIKES.contains(c) && !different.contains(&c);
        if count == LOOKED_AT || (is_new && different.len() == DIFFERENT_LOOK_ALIKES) {
            return &password[..at];
        }
        if is_new {
            different.push(c);
        }
    }
    password
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str) -> Result<(), WeakPassword> {
        let (password, known) = (Secret::new(password), ["vera@example.com", "Vera"]);
        check_length(&password)?;
        check_commonness(&password, &known.map(str::to_owned))
    }

    #[test]
    fn any_characters_are_fine_but_not_few_and_not_everybodys() {
        assert_eq!(check("1234567"), Err(WeakPassword::TooShort));
        assert_eq!(check(&"x".repeat(257)), Err(WeakPassword::TooLong));
        let long = "x".repeat(200);
        for common in
            ["password", "12345678", "iloveyou", "qwertyuiop", "Password1", "1234567890", &long]
        {
            assert_eq!(check(common), Err(WeakPassword::Common), "{common}");
        }
        assert_eq!(check("vera@example.com"), Err(WeakPassword::Common));
        for good in [
            "correct horse battery",
            "ça va très bien 🐱",
            &"9f$ ".repeat(64),
            "1234567890!vB#9x",
            "4@8({[<3690!1|70$5+%2",
            "password 4@8({[<3690!1|70$5+%2",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn only_so_much_is_looked_at() {
        for (password, expected) in [
            ("password", "password"),
            ("4@8({[<3690!1|70$5+%2", "4@8({[<3690!"),
            ("1111222233334444555566667777888899990000x", "11112222333344445555666677778888"),
            ("1234567890", "1234567890"),
            ("ééééééééééééééééééééééééééééééééx", "éééééééééééééééééééééééééééééééé"),
        ] {
            assert_eq!(looked_at(password), expected);
        }
    }
}
