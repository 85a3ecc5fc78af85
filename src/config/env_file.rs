//! `.env` files under real variables: which value counts, and where it comes from.

use std::{collections::BTreeMap, fmt, fs, io, path::Path, sync::Arc};

use super::{AppEnv, env_text};

/// A value and where it comes from.
#[derive(Clone, PartialEq, Eq)]
pub struct Variable {
    /// The value; may be a secret, so `Debug` leaves it out.
    pub value: String,
    /// Where it comes from.
    pub origin: VariableOrigin,
}

/// Where the value of a variable comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VariableOrigin {
    /// The environment the program was started with.
    Real,
    /// A line of an `.env` file.
    File {
        /// Name of the file, e.g. `.env.local`.
        file: Arc<str>,
        /// Line, counted from 1.
        line: usize,
    },
}

/// `.env:3` or `environment`.
impl fmt::Display for VariableOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Real => f.write_str("environment"),
            Self::File { file, line } => write!(f, "{file}:{line}"),
        }
    }
}

impl fmt::Debug for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "*** from {}", self.origin)
    }
}

/// A file of variables that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnvFileError {
    /// The file is there and cannot be read.
    #[error("could not read {file}")]
    Read {
        /// Name of the file.
        file: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A line is wrong.
    #[error("{file}:{line}: {message}")]
    Line {
        /// Name of the file.
        file: String,
        /// Line, counted from 1.
        line: usize,
        /// What is wrong; never a value.
        message: String,
    },
}

/// The variables that count, each with its origin.
#[derive(Clone, Debug, Default)]
pub struct Environment(BTreeMap<String, Variable>);

impl Environment {
    /// Puts together `.env` < `.env.local` (not in test) < `.env.$APP_ENV` < `real`.
    ///
    /// `APP_ENV` is the real one, else that of `.env` or `.env.local`, else `dev`. A file that
    /// does not exist is left out. `$VAR` in a file is a real variable, or one of the files so
    /// far.
    ///
    /// # Errors
    /// When a file cannot be read or has a wrong line.
    pub fn load(directory: &Path, real: &BTreeMap<String, String>) -> Result<Self, EnvFileError> {
        let real = real.iter().map(|(name, value)| {
            let variable = Variable { value: value.clone(), origin: VariableOrigin::Real };
            (name.clone(), variable)
        });
        let mut environment = Self(real.collect());
        environment.add(directory, ".env")?;
        if environment.app_env() != AppEnv::Test.name() {
            environment.add(directory, ".env.local")?;
        }
        let app_env = environment.app_env().to_owned();
        // A wrong name is reported by `Config::from_vars`; here it must not become a path.
        if app_env.parse::<AppEnv>().is_ok() {
            environment.add(directory, &format!(".env.{app_env}"))?;
        }
        Ok(environment)
    }

    /// The value of a variable: the lookup that `${VAR}` in `messenger.toml` needs.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|variable| variable.value.as_str())
    }

    /// Every variable with its origin, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Variable)> {
        self.0.iter().map(|(name, variable)| (name.as_str(), variable))
    }

    /// The values alone, for [`super::Config::from_vars`].
    #[must_use]
    pub fn values(&self) -> BTreeMap<String, String> {
        self.iter().map(|(name, variable)| (name.to_owned(), variable.value.clone())).collect()
    }

    fn app_env(&self) -> &str {
        self.get("APP_ENV").filter(|name| !name.is_empty()).unwrap_or(AppEnv::Dev.name())
    }

    /// Adds a file, if it exists, over what the files before it said and under the real variables.
    fn add(&mut self, directory: &Path, file: &str) -> Result<(), EnvFileError> {
        let text = match fs::read_to_string(directory.join(file)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(source) => {
                return Err(EnvFileError::Read { file: file.to_owned(), source });
            }
        };
        let name_of_file = Arc::<str>::from(file);
        for (index, text) in text.lines().enumerate() {
            let line = index + 1;
            let assignment =
                env_text::parse_line(text, &|name| self.get(name)).map_err(|error| {
                    EnvFileError::Line { file: file.to_owned(), line, message: error.to_string() }
                })?;
            let Some((name, value)) = assignment else {
                continue;
            };
            let is_real = |old: &Variable| old.origin == VariableOrigin::Real;
            if !self.0.get(&name).is_some_and(is_real) {
                let origin = VariableOrigin::File { file: Arc::clone(&name_of_file), line };
                self.0.insert(name, Variable { value, origin });
            }
        }
        Ok(())
    }
}
