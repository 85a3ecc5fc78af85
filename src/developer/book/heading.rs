//! The names of headings, by which links find them.

use std::collections::BTreeMap;

/// Gives each heading of a page its name, as code hosts do.
#[derive(Default)]
pub(super) struct HeadingNames {
    /// How often a name was given.
    given: BTreeMap<String, usize>,
}

impl HeadingNames {
    /// The name of the next heading: lower case, spaces as hyphens, without punctuation; from the
    /// second of the same name on with a number.
    pub(super) fn next(&mut self, text: &str) -> String {
        let name = slug(text);
        let count = self.given.entry(name.clone()).or_default();
        let number = *count;
        *count += 1;
        if number == 0 { name } else { format!("{name}-{number}") }
    }
}

fn slug(text: &str) -> String {
    let kept = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let lower = text.trim().to_lowercase();
    lower.chars().filter(|c| kept(*c)).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_have_the_names_that_code_hosts_give_them() {
        let mut names = HeadingNames::default();
        for (heading, name) in [
            ("Where it lives", "where-it-lives"),
            ("5. The worker: kill -9!", "5-the-worker-kill--9"),
            ("messenger:consume", "messengerconsume"),
            ("What `survives` what?", "what-survives-what"),
            ("Großes Ü_b", "großes-ü_b"),
            ("Try", "try"),
            ("Try", "try-1"),
            ("Try", "try-2"),
        ] {
            assert_eq!(names.next(heading), name, "{heading}");
        }
    }
}
