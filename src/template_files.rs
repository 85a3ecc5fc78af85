//! The files of `templates/`, for pages and for mails: embedded in a release build, read anew each
//! time in a debug build.

use std::sync::Arc;

use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};
use rust_embed::RustEmbed;
use serde::Serialize;

#[derive(RustEmbed)]
#[folder = "templates/"]
struct TemplateFiles;

/// All templates, with the functions and filters of those who render them. A clone is cheap.
#[derive(Clone)]
pub struct TemplateSet {
    /// `None` in a debug build: a changed template is seen at once.
    loaded: Option<Arc<Environment<'static>>>,
    extend: Arc<dyn Fn(&mut Environment<'static>) + Send + Sync>,
}

impl TemplateSet {
    /// Loads and compiles every template; `extend` adds functions and filters.
    ///
    /// # Errors
    /// The first syntax error, with file and line.
    pub fn load(
        extend: impl Fn(&mut Environment<'static>) + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let mut set = Self { loaded: None, extend: Arc::new(extend) };
        let environment = set.environment();
        for name in TemplateFiles::iter() {
            environment.get_template(&name)?;
        }
        set.loaded = (!cfg!(debug_assertions)).then(|| Arc::new(environment));
        Ok(set)
    }

    /// Whether there is a template of this name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        TemplateFiles::get(name).is_some()
    }

    /// Renders the template `name`, such as `home/index.html`. What ends in `.html` is escaped; a
    /// name that the context lacks is an error.
    ///
    /// # Errors
    /// What is wrong in the template or missing in the context.
    pub fn render(&self, name: &str, context: impl Serialize) -> Result<String, Error> {
        match &self.loaded {
            Some(environment) => environment.get_template(name)?.render(context),
            None => self.environment().get_template(name)?.render(context),
        }
    }

    fn environment(&self) -> Environment<'static> {
        let mut environment = Environment::new();
        environment.set_loader(|name| {
            let Some(file) = TemplateFiles::get(name) else {
                return Ok(None);
            };
            String::from_utf8(file.data.into_owned()).map(Some).map_err(|error| {
                Error::new(ErrorKind::InvalidOperation, "a template is not UTF-8")
                    .with_source(error)
            })
        });
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|name| {
            if name.ends_with(".html") { AutoEscape::Html } else { AutoEscape::None }
        });
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        (self.extend)(&mut environment);
        environment
    }
}
