//! Expected output against real output: elisions, and values compared by kind.

use std::sync::LazyLock;

use regex::Regex;

/// A line that stands for any number of lines.
pub(crate) const ANY_LINES: &str = "...";
/// What stands for anything inside a line.
const ANYTHING: &str = "[..]";

const UUID: &str = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";
const DATE: &str = r"\d{4}-\d{2}-\d{2}";
const LONG_DATE: &str = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}";
const TIME: &str =
    r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d+)?)?(?: ?Z\b| ?[+-]\d{2}:?\d{2}\b)?";
const HEX: &str = "[0-9a-fA-F]{12,}";

struct Kinds {
    any: Regex,
    sources: Vec<String>,
}

/// Group N of `any` is the kind that matches `sources[N - 1]`.
static KINDS: LazyLock<Kinds> = LazyLock::new(|| {
    let both = format!(r"{DATE}[T ]{TIME}");
    let sources: Vec<String> =
        [UUID, &both, LONG_DATE, DATE, TIME, HEX].map(str::to_owned).to_vec();
    let groups: Vec<String> = sources
        .iter()
        .map(|source| if source == TIME { format!(r"(\b{source})") } else { format!("({source})") })
        .collect();
    let any = Regex::new(&groups.join("|")).expect("the kinds are well-formed");
    Kinds { any, sources }
});

/// How far expected lines have been seen in output that goes on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// All, in the first lines.
    All {
        /// How many lines of the output they are.
        used: usize,
    },
    /// Not yet all.
    Partly,
    /// They cannot come any more.
    Never,
}

/// Whether the output is what is expected, from the first line to the last.
pub(crate) fn matches(expected: &[String], actual: &[String]) -> bool {
    matches!(walk(expected, actual, false), Seen::All { .. })
}

/// Whether the output begins with what is expected.
pub(crate) fn begins(expected: &[String], actual: &[String]) -> Seen {
    walk(expected, actual, true)
}

/// Whether a line stands for any number of lines.
pub(crate) fn is_any_lines(line: &str) -> bool {
    line.trim() == ANY_LINES
}

/// The parts of a line that are compared by value.
pub(crate) fn literal_words(line: &str) -> Vec<std::ops::Range<usize>> {
    static WORD: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"[[:alnum:]]+").expect("a well-formed pattern"));
    let elided: Vec<_> =
        line.match_indices(ANYTHING).map(|(at, text)| at..at + text.len()).collect();
    let kinds = KINDS.any.find_iter(line).map(|found| found.range());
    let free: Vec<_> = kinds.chain(elided).collect();
    let touches = |word: &std::ops::Range<usize>| {
        free.iter().any(|free| word.start < free.end && free.start < word.end)
    };
    WORD.find_iter(line).map(|found| found.range()).filter(|word| !touches(word)).collect()
}

/// All states that expected lines can be in after each line of output.
fn walk(expected: &[String], actual: &[String], prefix: bool) -> Seen {
    let expected = without_blank_end(expected);
    let actual = without_blank_end(actual);
    let patterns: Vec<Option<Regex>> =
        expected.iter().map(|line| (!is_any_lines(line)).then(|| pattern(line))).collect();
    let end = patterns.len();
    let mut at = vec![false; end + 1];
    at[0] = true;
    skip_elisions(&patterns, &mut at);
    for (used, line) in actual.iter().enumerate() {
        if prefix && at[end] {
            return Seen::All { used };
        }
        let mut next = vec![false; end + 1];
        for (state, pattern) in patterns.iter().enumerate().filter(|(state, _)| at[*state]) {
            match pattern {
                None => next[state] = true,
                Some(pattern) if pattern.is_match(line.trim_end()) => next[state + 1] = true,
                Some(_) => {}
            }
        }
        at = next;
        skip_elisions(&patterns, &mut at);
        if !at.contains(&true) {
            return Seen::Never;
        }
    }
    if at[end] { Seen::All { used: actual.len() } } else { Seen::Partly }
}

fn skip_elisions(patterns: &[Option<Regex>], at: &mut [bool]) {
    for state in 0..patterns.len() {
        if at[state] && patterns[state].is_none() {
            at[state + 1] = true;
        }
    }
}

fn without_blank_end(lines: &[String]) -> &[String] {
    let end = lines.iter().rposition(|line| !line.trim().is_empty()).map_or(0, |last| last + 1);
    &lines[..end]
}

/// Whether a line is what is expected.
pub(crate) fn line_matches(expected: &str, actual: &str) -> bool {
    pattern(expected).is_match(actual.trim_end())
}

fn pattern(expected: &str) -> Regex {
    let mut source = String::from(r"(?s)\A");
    for (number, literal) in expected.trim_end().split(ANYTHING).enumerate() {
        if number > 0 {
            source.push_str(".*?");
        }
        let mut from = 0;
        for found in KINDS.any.captures_iter(literal) {
            let kind = (1..=KINDS.sources.len()).find_map(|kind| Some((kind, found.get(kind)?)));
            let Some((kind, text)) = kind else { continue };
            source.push_str(&regex::escape(&literal[from..text.start()]));
            source.push_str(&KINDS.sources[kind - 1]);
            from = text.end();
        }
        source.push_str(&regex::escape(&literal[from..]));
    }
    source.push_str(r"\z");
    Regex::new(&source).expect("escaped text and well-formed kinds")
}

/// The expected and the real lines that belong together: the longest common subsequence.
pub(crate) fn align(expected: &[String], actual: &[String]) -> Vec<(usize, usize)> {
    let same =
        |e: usize, a: usize| !is_any_lines(&expected[e]) && line_matches(&expected[e], &actual[a]);
    let equal: Vec<Vec<bool>> =
        (0..expected.len()).map(|e| (0..actual.len()).map(|a| same(e, a)).collect()).collect();
    let mut best = vec![vec![0usize; actual.len() + 1]; expected.len() + 1];
    for e in (0..expected.len()).rev() {
        for a in (0..actual.len()).rev() {
            best[e][a] = match equal[e][a] {
                true => best[e + 1][a + 1] + 1,
                false => best[e + 1][a].max(best[e][a + 1]),
            };
        }
    }
    let (mut e, mut a, mut pairs) = (0, 0, Vec::new());
    while e < expected.len() && a < actual.len() {
        if equal[e][a] {
            pairs.push((e, a));
            (e, a) = (e + 1, a + 1);
        } else if best[e + 1][a] >= best[e][a + 1] {
            e += 1;
        } else {
            a += 1;
        }
    }
    pairs
}
