//! Every parser of bytes from outside, with inputs that nobody thought of: a few thousand in the
//! suite, as many as you like by hand (`PONKA_FUZZ_ROUNDS=1000000`). The seed is printed with what
//! fails; `PONKA_FUZZ_SEED` repeats it.

mod addresses;
mod cookies;
mod forms;
mod mails;
mod messages;
mod mutation;
mod names;
mod photos;
mod places;
mod requests;

use std::ops::Deref;
use std::time::{Duration, Instant};

use mutation::Mutator;

/// How many inputs each parser gets in the suite.
const ROUNDS: u32 = 3_000;
/// No input takes longer.
const LIMIT: Duration = Duration::from_secs(1);

/// One input; it complains when it is dropped late, and says what it was when its test fails.
pub(super) struct Input {
    bytes: Vec<u8>,
    seed: u64,
    limit: Duration,
    began: Instant,
}

impl Deref for Input {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Input {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        let (took, shown) = (self.began.elapsed(), self.bytes.escape_ascii());
        if std::thread::panicking() {
            eprintln!("PONKA_FUZZ_SEED={} failed with: {shown}", self.seed);
            return;
        }
        assert!(took < self.limit, "PONKA_FUZZ_SEED={} took {took:?}: {shown}", self.seed);
    }
}

/// The examples as they are, and then changed more and more.
pub(super) fn inputs<'a>(examples: &'a [&'a [u8]]) -> impl Iterator<Item = Input> + 'a {
    limited(examples, ROUNDS, LIMIT)
}

/// The same for what goes through a server: fewer, and more patience.
pub(super) fn requests<'a>(examples: &'a [&'a [u8]]) -> impl Iterator<Item = Input> + 'a {
    limited(examples, ROUNDS / 6, 20 * LIMIT)
}

fn limited<'a>(
    examples: &'a [&'a [u8]],
    rounds: u32,
    limit: Duration,
) -> impl Iterator<Item = Input> + 'a {
    let number = |name| std::env::var(name).ok().and_then(|value: String| value.parse().ok());
    let rounds = number("PONKA_FUZZ_ROUNDS").unwrap_or_else(|| u64::from(rounds));
    let seed = number("PONKA_FUZZ_SEED").unwrap_or_else(|| fastrand::u64(..));
    let mut mutator = Mutator::new(seed, examples);
    let unchanged = examples.iter().map(|example| example.to_vec());
    let changed = (0..rounds).map(move |_| mutator.next());
    let input = move |bytes| Input { bytes, seed, limit, began: Instant::now() };
    unchanged.chain(changed).map(input)
}
