//! Renders subject, text and HTML of a mail from its template.

use anyhow::{Context as _, ensure};
use css_inline::CSSInliner;
use minijinja::Error;
use serde_json::{Map, Value};

use crate::template_files::TemplateSet;

/// Renders mails from `templates/email/`.
///
/// Templates have two names beside minijinja's own: the function `url("/account")` gives an absolute
/// link that begins with `DEFAULT_URI`, never with what a visitor's browser says, and the filter
/// `name|first_name` gives what a person is called.
#[derive(Clone)]
pub struct BodyRenderer {
    templates: TemplateSet,
    inliner: std::sync::Arc<CSSInliner<'static>>,
}

/// What a mail says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedBody {
    /// What it is about; one line.
    pub subject: String,
    /// For programs that show text.
    pub text: String,
    /// For programs that show HTML; styles are inlined.
    pub html: String,
}

impl BodyRenderer {
    /// Loads and compiles every template; links begin with `default_uri`.
    ///
    /// # Errors
    /// The first syntax error, with file and line.
    pub fn load(default_uri: &str) -> Result<Self, Error> {
        let base = default_uri.to_owned();
        let templates = TemplateSet::load(move |environment| {
            let base = base.clone();
            environment.add_function("url", move |path: &str| format!("{base}{path}"));
            environment.add_filter("first_name", first_name);
        })?;
        // What a mail program's dark mode needs cannot be inlined, so it stays.
        let inliner = CSSInliner::options().load_remote_stylesheets(false).keep_at_rules(true);
        Ok(Self { templates, inliner: std::sync::Arc::new(inliner.build()) })
    }

    /// Renders a template of this name.
    ///
    /// # Errors
    /// When there is no such template, its context lacks something, or the subject is not one line.
    pub fn render(
        &self,
        template: &str,
        context: &Map<String, Value>,
    ) -> anyhow::Result<RenderedBody> {
        let is_name = template.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        let subject = format!("email/{template}/subject.txt");
        ensure!(
            is_name && self.templates.contains(&subject),
            "there is no mail template {template:?}"
        );
        let render = |file: &str| {
            let name = format!("email/{template}/{file}");
            let rendered = self.templates.render(&name, context);
            rendered.with_context(|| format!("could not render templates/{name}"))
        };
        let subject = render("subject.txt")?.trim().to_owned();
        ensure!(
            !subject.contains(char::is_control),
            "the subject {subject:?} contains a control character: it could become a header"
        );
        let html = self.inliner.inline(&render("body.html")?).context("could not inline styles")?;
        Ok(RenderedBody { subject, text: render("body.txt")?, html })
    }
}

/// The first word of a name; or `there`, if a mail program would make a link of it: whoever
/// registers with the address of somebody else does not choose what that person is led to.
fn first_name(name: &str) -> String {
    let first = name.split_whitespace().next().unwrap_or(name);
    let is_link =
        first.contains(['/', ':', '@', '\\']) || first.trim_end_matches('.').contains('.');
    if is_link { "there".to_owned() } else { first.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_would_become_a_link_is_not_repeated() {
        for (name, first) in [
            ("Vera Example", "Vera"),
            ("Jean-Luc", "Jean-Luc"),
            ("Dr. Vera", "Dr."),
            ("O’Neil", "O’Neil"),
            ("http://evil.test Vera", "there"),
            ("evil.test", "there"),
            ("eve@evil.test", "there"),
        ] {
            assert_eq!(first_name(name), first, "{name}");
        }
    }
}
