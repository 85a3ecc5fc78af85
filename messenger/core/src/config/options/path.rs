//! Paths of nested options: `queues[high][binding_keys][0]`.

use std::collections::HashMap;

use super::OptionSpec;

/// Names with an index in each `[]` at their end, as PHP counts them: `keys[]` becomes `keys[0]`,
/// then `keys[1]`.
pub(super) fn with_indexes<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut next: HashMap<&str, usize> = HashMap::new();
    let mut indexed = |name: &'a str| match name.strip_suffix("[]") {
        Some(list) => {
            let index = next.entry(list).or_default();
            *index += 1;
            format!("{list}[{}]", *index - 1)
        }
        None => name.to_owned(),
    };
    names.map(&mut indexed).collect()
}

/// The list of which an option is an element, or is nested in one.
pub(super) fn list_of(name: &str) -> Option<&str> {
    let is_index =
        |key: &str| key.split_once(']').is_some_and(|(key, _)| key.parse::<usize>().is_ok());
    let starts = name.match_indices('[').map(|(start, _)| start);
    starts.into_iter().find(|start| is_index(&name[start + 1..])).map(|start| &name[..start])
}

/// Whether an option is nested in another one.
pub(super) fn is_in(name: &str, outer: &str) -> bool {
    name.strip_prefix(outer).is_some_and(|rest| rest.starts_with('['))
}

/// The key right below `outer`, if an option is nested in it.
pub(super) fn key_in<'a>(name: &'a str, outer: &str) -> Option<&'a str> {
    let rest = name.strip_prefix(outer)?.strip_prefix('[')?;
    rest.split_once(']').map(|(key, _)| key)
}

/// The name of an option with the keys of a written one where any key may stand.
pub(super) fn filled(spec: &OptionSpec, written: &str) -> String {
    let mut written = written.split('[');
    let parts = spec.name.split('[').map(|part| match (part, written.next()) {
        ("*]", Some(key)) => key,
        _ => part,
    });
    parts.collect::<Vec<_>>().join("[")
}
