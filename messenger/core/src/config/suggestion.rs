//! What a wrong name may have been meant to be.

use crate::dsn;

/// `unknown message "AddFrame"; known messages: … (did you mean "AddFrameToImage"?)`.
pub(crate) fn unknown_name(name: &str, kind: &str, known: &[&str]) -> String {
    let plural = kind.split(" or ").map(plural_of).collect::<Vec<_>>().join(" or ");
    let hint = did_you_mean(name, known);
    let shown = dsn::mask(name);
    let list = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    format!("unknown {kind} {shown:?}; known {plural}: {list}{hint}")
}

fn plural_of(noun: &str) -> String {
    if noun.ends_with('s') { format!("{noun}es") } else { format!("{noun}s") }
}

/// ` (did you mean "AddFrameToImage"?)`, or nothing when no known name is alike.
pub(crate) fn did_you_mean(name: &str, known: &[&str]) -> String {
    suggest(name, known).map(|likely| format!(" (did you mean {likely:?}?)")).unwrap_or_default()
}

/// The known name that is most like `name`, if one is alike at all.
fn suggest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    const ALIKE: f64 = 0.8;
    let likeness = |other: &str| strsim::jaro_winkler(&name.to_lowercase(), &other.to_lowercase());
    known
        .iter()
        .map(|other| (likeness(other), *other))
        .filter(|(score, _)| *score >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, other)| other)
}
