//! From files to a checked configuration: base file, overlay, environment.

use std::path::{Path, PathBuf};

use super::{
    MessengerConfig,
    interpolate::Lookup,
    located::Origin,
    node::Node,
    problem::{ConfigError, Problem, Problems},
    source,
};

/// Name of the base file, and of a text whose file is not known.
pub const FILE_NAME: &str = "messenger.toml";

/// Puts files and texts on top of one another; a later one wins key by key.
///
/// Tables are merged at every depth; lists and single values are replaced. `transports.NAME =
/// "dsn"` is short for `transports.NAME.dsn = "dsn"`, so an overlay in the short form replaces
/// the DSN and keeps options, retry strategy and the rest; an overlay in the long form keeps the
/// DSN it does not name. A route is replaced as a whole.
///
/// ```
/// use messenger::config::ConfigLoader;
///
/// let config = ConfigLoader::new(&|name| (name == "DSN").then(|| "sync://".to_owned()))
///     .text("messenger.toml", "transports.async = '${DSN}'")
///     .text("messenger.test.toml", "transports.async = 'in-memory://'")
///     .load()?;
/// assert_eq!(config.transports[0].dsn.scheme(), "in-memory");
/// # Ok::<(), messenger::config::ConfigError>(())
/// ```
pub struct ConfigLoader<'a> {
    lookup: Lookup<'a>,
    tree: Node,
    unreadable: bool,
    problems: Problems,
}

impl<'a> ConfigLoader<'a> {
    /// A loader that fills `${VAR}` from `lookup`.
    pub fn new(lookup: Lookup<'a>) -> Self {
        Self {
            lookup,
            tree: Node::empty_table(Origin::none()),
            unreadable: false,
            problems: Problems::default(),
        }
    }

    /// Adds `messenger.toml` of a directory and, if it is there, `messenger.ENVIRONMENT.toml`.
    #[must_use]
    pub fn directory(self, directory: &Path, environment: &str) -> Self {
        let overlay = directory.join(format!("messenger.{environment}.toml"));
        self.file(&directory.join(FILE_NAME)).optional_file(&overlay)
    }

    /// Adds a file that must be there; errors name it without its directory.
    #[must_use]
    pub fn file(mut self, path: &Path) -> Self {
        match std::fs::read_to_string(path) {
            Ok(text) => self.text(&file_name(path), &text),
            Err(error) => {
                let message = format!("could not read {}: {error}", path.display());
                self.problems.add(Problem::new(&Origin::none(), message));
                self.unreadable = true;
                self
            }
        }
    }

    /// Adds a file if it exists.
    #[must_use]
    pub fn optional_file(self, path: &Path) -> Self {
        if path.exists() { self.file(path) } else { self }
    }

    /// Adds a text; `name` stands for the file in errors.
    #[must_use]
    pub fn text(mut self, name: &str, text: &str) -> Self {
        let (node, complete) = source::read(name, text, self.lookup, &self.problems);
        self.unreadable |= !complete;
        self.tree.origin = node.origin.clone();
        self.tree.merge(node);
        self
    }

    /// The configuration.
    ///
    /// # Errors
    /// Every problem of every file, together. After a syntax error or a file that cannot be read
    /// the values are not checked: what is missing would only be reported as something else.
    pub fn load(self) -> Result<MessengerConfig, ConfigError> {
        if self.unreadable {
            ConfigError::check(self.problems.take())?;
        }
        let config = MessengerConfig::read(&self.tree, &self.problems);
        ConfigError::check(self.problems.take())?;
        Ok(config)
    }
}

impl MessengerConfig {
    /// Reads one text as `messenger.toml`, without any environment variable.
    ///
    /// # Errors
    /// Every problem of the text, together.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        ConfigLoader::new(&|_| None).text(FILE_NAME, text).load()
    }
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().map(PathBuf::from);
    name.unwrap_or_else(|| path.to_owned()).display().to_string()
}
