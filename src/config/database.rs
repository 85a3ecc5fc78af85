//! `DATABASE_URL`: where the data is.

use std::path::PathBuf;

use super::{Secret, vars::Vars};

/// Which database, from `DATABASE_URL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite://var/ponka.sqlite` (relative to the working directory) or `sqlite:///abs/path`.
    Sqlite(PathBuf),
    /// `postgres://…` or `postgresql://…`, whole.
    Postgres(Secret),
}

impl Default for DatabaseUrl {
    fn default() -> Self {
        Self::Sqlite(PathBuf::from("var/ponka.sqlite"))
    }
}

impl DatabaseUrl {
    pub(super) fn read(vars: &mut Vars<'_>) -> Self {
        let allowed =
            "sqlite://PATH, without options (?…), or postgres://USER:PASSWORD@HOST:PORT/NAME";
        vars.parse("DATABASE_URL", allowed, Self::parse).unwrap_or_default()
    }

    fn parse(text: &str) -> Option<Self> {
        match text.split_once("://")? {
            // Every connection would have a database of its own.
            ("sqlite", "" | ":memory:") => None,
            // A file would be made of that name.
            ("sqlite", path) if path.contains('?') => None,
            ("sqlite", path) => Some(Self::Sqlite(PathBuf::from(path))),
            ("postgres" | "postgresql", rest) if !rest.is_empty() => {
                Some(Self::Postgres(Secret::new(text)))
            }
            _ => None,
        }
    }
}
