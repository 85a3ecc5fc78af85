//! The options of one transport as they are in force, with typed access.

use std::{fmt, str::FromStr, time::Duration};

use crate::{
    config::{
        located::{Located, Origin},
        problem::Problem,
        suggestion::did_you_mean,
    },
    dsn::{Dsn, MASK, is_secret, mask},
};

use super::{Allowed, Nested, OptionSpec, OptionValue, TransportOption, describe, path};

/// An option with a value nobody can use; `Display` masks secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct OptionError(pub Problem);

/// `options` over the query of the DSN over the defaults of the transport type.
///
/// **`options` win over the query.** Symfony documents the same and does the opposite; here an
/// overlay or an expanded form can refine a DSN that comes from the environment.
///
/// Options are a tree. Every method takes the path of an option, `queues[high][flags]`; see
/// [`nested`](Self::nested) for walking it. Tables of the query and of `options` are joined, and a
/// list in `options` replaces the one in the query.
pub struct OptionSet {
    specs: &'static [OptionSpec],
    pub(super) values: Vec<Entry>,
}

pub(super) struct Entry {
    pub(super) name: String,
    pub(super) value: OptionValue,
    text: String,
    origin: Origin,
}

impl Entry {
    fn new(name: String, value: OptionValue, origin: &Origin) -> Self {
        Self { name, text: value.to_string(), value, origin: origin.clone() }
    }
}

impl OptionSet {
    /// The options in force for a transport type described by `specs`.
    ///
    /// # Errors
    /// Every option the type does not know, or does not allow where it is written; the first
    /// unknown one lists the allowed options with their meaning.
    pub fn merge(
        specs: &'static [OptionSpec],
        dsn: &Located<Dsn>,
        options: &[TransportOption],
    ) -> Result<Self, Vec<Problem>> {
        let names = path::with_indexes(dsn.query().iter().map(|(name, _)| name.as_str()));
        let query = names.into_iter().zip(dsn.query()).map(|(name, (_, text))| {
            let entry = Entry::new(name, OptionValue::Text(text.clone()), &dsn.origin);
            (entry, Allowed::OptionsOnly)
        });
        let options = options.iter().map(|option| {
            let Located { value, origin } = &option.value;
            (Entry::new(option.name.clone(), value.clone(), origin), Allowed::DsnOnly)
        });
        let (mut set, mut problems) = (Self { specs, values: Vec::new() }, Vec::new());
        let (query, options): (Vec<_>, Vec<_>) = (query.collect(), options.collect());
        for (entry, forbidden) in query {
            set.take(entry, forbidden, &mut problems);
        }
        for (option, _) in &options {
            set.make_room(&option.name);
        }
        for (entry, forbidden) in options {
            set.take(entry, forbidden, &mut problems);
        }
        set.values.iter().filter_map(|entry| set.mixed(entry)).for_each(|one| problems.push(one));
        list_allowed(specs, &mut problems);
        if problems.is_empty() { Ok(set) } else { Err(problems) }
    }

    /// Removes what an option of this name replaces: a table or a value in its place, and the list
    /// that it is part of, whose elements are not mixed with those of another.
    fn make_room(&mut self, name: &str) {
        let list = path::list_of(name);
        self.values.retain(|old| {
            let in_list = list.is_some() && path::list_of(&old.name) == list;
            !in_list && !path::is_in(&old.name, name) && !path::is_in(name, &old.name)
        });
    }

    fn take(&mut self, entry: Entry, forbidden: Allowed, problems: &mut Vec<Problem>) {
        match self.refusal(&entry, forbidden) {
            Some(message) => problems.push(Problem::new(&entry.origin, message)),
            None => self.put(entry),
        }
    }

    /// A problem if an option has a value and others nested in it.
    fn mixed(&self, entry: &Entry) -> Option<Problem> {
        let inner = self.values.iter().find(|other| path::is_in(&other.name, &entry.name))?;
        if entry.value == OptionValue::Empty {
            return None;
        }
        let (outer, inner) = (&entry.name, &inner.name);
        let message = format!("{outer:?} has a value, so that {inner:?} cannot be set too");
        Some(Problem::new(&entry.origin, message))
    }

    fn refusal(&self, entry: &Entry, forbidden: Allowed) -> Option<String> {
        let name = &entry.name;
        match self.specs.iter().find(|spec| spec.matches(name)) {
            None => {
                let known: Vec<_> =
                    self.specs.iter().map(|spec| path::filled(spec, name)).collect();
                let known: Vec<_> = known.iter().map(String::as_str).collect();
                Some(format!("unknown option {name:?}{}", did_you_mean(name, &known)))
            }
            Some(spec) if spec.allowed == forbidden => Some(match forbidden {
                Allowed::DsnOnly => format!("{name:?} belongs into the query of the DSN"),
                _ => format!("{name:?} is not allowed in the query of the DSN; use options"),
            }),
            Some(_) => None,
        }
    }

    fn put(&mut self, entry: Entry) {
        match self.values.iter_mut().find(|old| old.name == entry.name) {
            Some(old) => *old = entry,
            None => self.values.push(entry),
        }
    }

    /// The text of an option: as set, else its default, else `None`.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        let set = self.values.iter().find(|entry| entry.name == name);
        let default = || self.specs.iter().find(|spec| spec.matches(name)).map(|spec| spec.default);
        set.map(|entry| entry.text.as_str()).or_else(default).filter(|text| !text.is_empty())
    }

    /// The options nested in this one, to walk through.
    ///
    /// ```
    /// use messenger::config::options::{OptionSet, OptionSpec};
    /// use messenger::dsn::Dsn;
    ///
    /// static SPECS: [OptionSpec; 2] = [
    ///     OptionSpec::new("queues[*][binding_keys][*]", "", "routing keys of a queue"),
    ///     OptionSpec::new("queues[*][durable]", "true", "whether it survives a restart"),
    /// ];
    /// let dsn = "amqp://host?queues[high][binding_keys][]=a&queues[high][binding_keys][]=b";
    /// let set = OptionSet::merge(&SPECS, &Dsn::parse(dsn)?.into(), &[]).expect("known options");
    /// for (name, queue) in set.nested("queues").entries() {
    ///     assert_eq!(name, "high");
    ///     assert_eq!(queue.get("binding_keys").texts(), ["a", "b"]);
    ///     assert!(queue.get("durable").bool()?);
    /// }
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn nested(&self, name: &str) -> Nested<'_> {
        Nested::new(self, name.to_owned())
    }

    /// Every option that was set (not defaulted), with its value; secrets are in plain text.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|entry| (entry.name.as_str(), entry.text.as_str()))
    }

    /// A switch: `true`/`false`, `1`/`0`, `yes`/`no`, `on`/`off`, in any case; unset is `false`.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn bool(&self, name: &str) -> Result<bool, OptionError> {
        match self.text(name).map(str::to_ascii_lowercase).as_deref() {
            None | Some("false" | "0" | "no" | "off") => Ok(false),
            Some("true" | "1" | "yes" | "on") => Ok(true),
            Some(_) => Err(self.wrong(name, "true, false, 1, 0, yes, no, on or off")),
        }
    }

    /// A whole number that fits `N`, `None` if unset.
    ///
    /// # Errors
    /// When it is no number, or too small or too big for `N`.
    pub fn integer<N: FromStr>(&self, name: &str) -> Result<Option<N>, OptionError> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let number = text.parse().ok().map(Some);
        number.ok_or_else(|| self.wrong(name, "a whole number in range"))
    }

    /// A length of time written in seconds, a fraction is allowed; `None` if unset.
    ///
    /// # Errors
    /// When it is no number ≥ 0.
    pub fn seconds(&self, name: &str) -> Result<Option<Duration>, OptionError> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let seconds = text.parse().ok().and_then(|number| Duration::try_from_secs_f64(number).ok());
        seconds.map(Some).ok_or_else(|| self.wrong(name, "seconds, a number ≥ 0"))
    }

    /// A length of time written in whole milliseconds; `None` if unset.
    ///
    /// # Errors
    /// When it is no whole number ≥ 0.
    pub fn milliseconds(&self, name: &str) -> Result<Option<Duration>, OptionError> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let millis = text.parse().ok().map(Duration::from_millis);
        millis.map(Some).ok_or_else(|| self.wrong(name, "milliseconds, a whole number ≥ 0"))
    }

    /// The error for a value the transport itself cannot use; `allowed` says what it can.
    #[must_use]
    pub fn wrong(&self, name: &str, allowed: &str) -> OptionError {
        let text = self.text(name).unwrap_or_default();
        let shown = if is_secret(name) { MASK.to_owned() } else { mask(text) };
        let set = self.values.iter().find(|entry| entry.name == name);
        let origin = set.map_or_else(Origin::none, |entry| entry.origin.clone());
        OptionError(Problem::new(&origin, format!("{name}={shown:?}: expected {allowed}")))
    }
}

/// Adds the table of options to the first problem about an unknown one.
fn list_allowed(specs: &[OptionSpec], problems: &mut [Problem]) {
    let unknown = |problem: &&mut Problem| problem.message.starts_with("unknown option");
    if let Some(first) = problems.iter_mut().find(unknown) {
        first.message = format!("{}; allowed:\n{}", first.message, describe(specs).trim_end());
    }
}

impl fmt::Debug for OptionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |entry: &Entry| {
            let secret = is_secret(&entry.name);
            (entry.name.clone(), if secret { MASK.to_owned() } else { mask(&entry.text) })
        };
        f.debug_map().entries(self.values.iter().map(shown)).finish()
    }
}
