//! The table in which a transport describes its options.

use std::fmt::Write as _;

/// Where an option may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// In the query of the DSN and in `options`.
    Everywhere,
    /// Only in `options`.
    OptionsOnly,
    /// Only in the query of the DSN.
    DsnOnly,
}

/// One option of a transport type; the type keeps a `static` table of these.
///
/// The same table checks what the user writes, gives the defaults, and is what
/// `debug:transports` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionSpec {
    /// Its name; `[*]` stands for any one key: `queues[*][binding_keys][*]`.
    pub name: &'static str,
    /// What it is when nobody sets it, written as in a DSN; `""` = not set.
    pub default: &'static str,
    /// One sentence: what it does, and its unit.
    pub description: &'static str,
    /// Where it may be written.
    pub allowed: Allowed,
}

impl OptionSpec {
    /// An option that may be written everywhere.
    #[must_use]
    pub const fn new(name: &'static str, default: &'static str, description: &'static str) -> Self {
        Self { name, default, description, allowed: Allowed::Everywhere }
    }

    /// The same option, allowed in one place only.
    #[must_use]
    pub const fn only(self, allowed: Allowed) -> Self {
        Self { allowed, ..self }
    }

    /// Whether a written name is this option.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let (mut spec, mut written) = (self.name.split('['), name.split('['));
        loop {
            match (spec.next(), written.next()) {
                (None, None) => return true,
                (Some("*]"), Some(key)) if key.ends_with(']') => {}
                (Some(spec), Some(key)) if spec == key => {}
                _ => return false,
            }
        }
    }
}

/// The table as text, one option per line: name, default, meaning, where it is allowed.
#[must_use]
pub fn describe(specs: &[OptionSpec]) -> String {
    let name = specs.iter().map(|spec| spec.name.len()).max().unwrap_or(0);
    let default = specs.iter().map(|spec| shown(spec.default).len()).max().unwrap_or(0);
    let mut text = String::new();
    for spec in specs {
        let place = match spec.allowed {
            Allowed::Everywhere => "",
            Allowed::OptionsOnly => " (in options only)",
            Allowed::DsnOnly => " (in the DSN only)",
        };
        let value = shown(spec.default);
        let _ =
            writeln!(text, "  {:name$}  {value:default$}  {}{place}", spec.name, spec.description);
    }
    text
}

fn shown(default: &str) -> &str {
    if default.is_empty() { "-" } else { default }
}
