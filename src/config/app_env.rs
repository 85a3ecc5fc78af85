//! `APP_ENV`: the three lives of the program.

use std::{fmt, str::FromStr};

use super::vars::Vars;

/// In which of its lives the program is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AppEnv {
    /// On the developer's machine: dev mailbox, template reload, tutorial knobs.
    #[default]
    Dev,
    /// Under automatic tests; `.env.local` is not read.
    Test,
    /// For real users: a secret of one's own, no knobs.
    Prod,
}

impl AppEnv {
    /// The name as `APP_ENV` and file names have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Test => "test",
            Self::Prod => "prod",
        }
    }

    pub(super) fn read(vars: &mut Vars<'_>) -> Self {
        vars.parse("APP_ENV", ALLOWED, |text| text.parse().ok()).unwrap_or_default()
    }
}

const ALLOWED: &str = "dev, test or prod";

/// A name that is no environment of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("allowed: {ALLOWED}")]
pub struct UnknownAppEnv;

impl FromStr for AppEnv {
    type Err = UnknownAppEnv;

    fn from_str(name: &str) -> Result<Self, UnknownAppEnv> {
        let all = [Self::Dev, Self::Test, Self::Prod];
        all.into_iter().find(|env| env.name() == name).ok_or(UnknownAppEnv)
    }
}

impl fmt::Display for AppEnv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
