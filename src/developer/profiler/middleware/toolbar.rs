//! What the bar at the bottom of a page is given.

use minijinja::Value;
use serde::Serialize;

use super::super::{Recording, Summary};
use super::link;
use crate::watched::RequestWatcher;

#[derive(Serialize)]
struct Toolbar {
    token: String,
    link: String,
    /// The request that led here by a redirect.
    before: Option<Before>,
}

#[derive(Serialize)]
struct Before {
    link: String,
    #[serde(flatten)]
    summary: Summary,
}

impl RequestWatcher for Recording {
    fn form_field(&self, name: &str) {
        self.note_form_field(name);
    }

    fn toolbar(&self) -> Value {
        let before = |summary: Summary| Before { link: link(&summary.token), summary };
        Value::from_serialize(Toolbar {
            token: self.token().to_owned(),
            link: link(self.token()),
            before: self.redirected_from().map(before),
        })
    }
}
