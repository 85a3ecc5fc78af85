//! Renders the pages in `templates/`.

use chrono::{DateTime, Utc};
use minijinja::{Error, ErrorKind, Value};
use serde::Serialize;

use super::assets;
use super::time_ago::time_ago;
use crate::config::AppEnv;
use crate::template_files::TemplateSet;
use crate::watched::watcher;

/// The templates. A clone is cheap.
///
/// Templates have some names beside minijinja's own: the function `asset("app.css")` gives the
/// versioned address of a file in `public/`, `debug_profile()` the profile of the request that is
/// answered (outside dev there is none), the filter `moment|time_ago(now)` says how long ago
/// `moment` was, and `app_env` is `dev`, `test` or `prod`.
#[derive(Clone)]
pub struct Templates(TemplateSet);

impl Templates {
    /// Loads and compiles every template, for the application in this environment.
    ///
    /// # Errors
    /// The first syntax error, with file and line.
    pub fn load(app_env: AppEnv) -> Result<Self, Error> {
        let set = TemplateSet::load(move |environment| {
            environment.add_global("app_env", app_env.name());
            environment.add_function("asset", asset);
            environment.add_filter("time_ago", time_ago_filter);
            environment.add_function("debug_profile", toolbar);
        });
        set.map(Self)
    }

    /// Renders the template `name`, such as `home/index.html`. What ends in `.html` is escaped; a name
    /// that the context lacks is an error.
    ///
    /// # Errors
    /// What is wrong in the template or missing in the context.
    pub fn render(&self, name: &str, context: impl Serialize) -> Result<String, Error> {
        self.0.render(name, context)
    }
}

fn asset(name: &str) -> Result<String, Error> {
    assets::address(name).ok_or_else(|| {
        Error::new(ErrorKind::InvalidOperation, format!("there is no file \"{name}\" in public/"))
    })
}

/// `none` if nobody watches the request.
fn toolbar() -> Value {
    watcher().map_or(Value::from(()), |watcher| watcher.toolbar())
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
