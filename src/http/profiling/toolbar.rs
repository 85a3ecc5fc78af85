//! What the bar at the bottom of a page is given.

use minijinja::Value;
use serde::Serialize;

use super::link;
use crate::profiler::{self, Recording, Summary};

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

/// The template function `debug_profile()`: `none` if the request is not recorded.
pub(in crate::http) fn toolbar() -> Value {
    Value::from_serialize(profiler::current().as_ref().map(of))
}

fn of(recording: &Recording) -> Toolbar {
    let before = |summary: Summary| Before { link: link(&summary.token), summary };
    Toolbar {
        token: recording.token().to_owned(),
        link: link(recording.token()),
        before: recording.redirected_from().map(before),
    }
}
