//! Changes examples at random, the same way for the same seed.

/// Bytes at which parsers go wrong.
const TELLING: [&[u8]; 40] = [
    b"\0",
    b"\n",
    b"\r\n",
    b"\r\n\r\n",
    b"\t",
    b" ",
    b"\"",
    b"'",
    b"\\",
    b"/",
    b"//",
    b"..",
    b".",
    b"-",
    b"--",
    b"%00",
    b"%",
    b"%ff",
    b"&",
    b";",
    b"=",
    b"@",
    b"<",
    b">",
    b"<!--",
    b"]]>",
    b"{",
    b"[",
    b":",
    b",",
    b"\xff",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    "\u{202e}".as_bytes(),
    "\u{301}".as_bytes(),
    "\u{feff}".as_bytes(),
    "\u{1f469}\u{200d}\u{1f680}".as_bytes(),
    b"99999999999999999999",
    b"-1",
    b"\x1b[2J",
];
/// No input is longer than this, in bytes.
const LONGEST: usize = 16 * 1024;

/// Makes inputs.
pub(super) struct Mutator<'a> {
    random: fastrand::Rng,
    examples: &'a [&'a [u8]],
}

impl<'a> Mutator<'a> {
    pub(super) fn new(seed: u64, examples: &'a [&'a [u8]]) -> Self {
        Self { random: fastrand::Rng::with_seed(seed), examples }
    }

    /// An example after one to eight changes.
    pub(super) fn next(&mut self) -> Vec<u8> {
        let mut bytes = self.example().to_vec();
        for _ in 0..self.random.usize(1..=8) {
            self.change(&mut bytes);
            bytes.truncate(LONGEST);
        }
        bytes
    }

    fn example(&mut self) -> &'a [u8] {
        self.examples[self.random.usize(..self.examples.len())]
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let at = self.random.usize(..=bytes.len());
        let end = (at + self.random.usize(..=16)).min(bytes.len());
        match self.random.u8(..8) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.random.u8(..8),
            1 if at < bytes.len() => bytes[at] = self.random.u8(..),
            2 => drop(bytes.drain(at..end)),
            3 => bytes.truncate(at),
            4 => {
                let piece = bytes[at..end].repeat(self.random.usize(1..=300));
                bytes.splice(at..at, piece);
            }
            5 => {
                let other = self.example();
                let from = self.random.usize(..=other.len());
                bytes.splice(at..end, other[from..].iter().copied());
            }
            _ => {
                let telling = TELLING[self.random.usize(..TELLING.len())];
                let times = if self.random.u8(..8) == 0 { self.random.usize(..500) } else { 1 };
                bytes.splice(at..at, telling.repeat(times));
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_inputs() {
    let examples: [&[u8]; 2] = [b"one example", b"another"];
    let first = |seed| {
        let mut mutator = Mutator::new(seed, &examples);
        (0..50).map(|_| mutator.next()).collect::<Vec<_>>()
    };
    assert!(first(7) == first(7) && first(7) != first(8));
}
