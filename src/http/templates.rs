//! Renders `templates/`: embedded in a release build, read anew for each page in a debug build.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};
use rust_embed::RustEmbed;
use serde::Serialize;

use super::assets;
use super::time_ago::time_ago;

#[derive(RustEmbed)]
#[folder = "templates/"]
struct TemplateFiles;

/// The templates. A clone is cheap.
///
/// Templates have two names beside minijinja's own: the function `asset("app.css")` gives the
/// versioned address of a file in `public/`, and the filter `moment|time_ago(now)` says how long ago
/// `moment` was.
#[derive(Clone)]
pub struct Templates {
    /// `None` in a debug build: a changed template is seen at the next request.
    loaded: Option<Arc<Environment<'static>>>,
}

impl Templates {
    /// Loads and compiles every template.
    ///
    /// # Errors
    /// The first syntax error, with file and line.
    pub fn load() -> Result<Self, Error> {
        let environment = environment();
        for name in TemplateFiles::iter() {
            environment.get_template(&name)?;
        }
        let loaded = (!cfg!(debug_assertions)).then(|| Arc::new(environment));
        Ok(Self { loaded })
    }

    /// Renders the template `name`, such as `home/index.html`. What ends in `.html` is escaped; a name
    /// that the context lacks is an error.
    ///
    /// # Errors
    /// What is wrong in the template or missing in the context.
    pub fn render(&self, name: &str, context: impl Serialize) -> Result<String, Error> {
        match &self.loaded {
            Some(environment) => environment.get_template(name)?.render(context),
            None => environment().get_template(name)?.render(context),
        }
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_loader(|name| {
        let Some(file) = TemplateFiles::get(name) else {
            return Ok(None);
        };
        String::from_utf8(file.data.into_owned()).map(Some).map_err(|error| {
            Error::new(ErrorKind::InvalidOperation, "a template is not UTF-8").with_source(error)
        })
    });
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|name| {
        if name.ends_with(".html") { AutoEscape::Html } else { AutoEscape::None }
    });
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.add_function("asset", asset);
    environment.add_filter("time_ago", time_ago_filter);
    environment
}

fn asset(name: &str) -> Result<String, Error> {
    assets::address(name).ok_or_else(|| {
        Error::new(ErrorKind::InvalidOperation, format!("there is no file \"{name}\" in public/"))
    })
}

fn time_ago_filter(then: &str, now: &str) -> Result<String, Error> {
    Ok(time_ago(moment(then)?, moment(now)?))
}

/// Contexts carry moments as RFC 3339, which is also what `<time datetime>` wants.
fn moment(text: &str) -> Result<DateTime<Utc>, Error> {
    text.parse().map_err(|error: chrono::ParseError| {
        Error::new(ErrorKind::InvalidOperation, format!("\"{text}\" is not a moment"))
            .with_source(error)
    })
}
