//! The panel *Timeline*: when everything happened, as bars.

use serde::Serialize;

use super::text::milliseconds;
use crate::developer::profiler::Profile;

/// How wide the whole request is drawn.
const WIDTH: f64 = 1000.0;
/// No bar is thinner.
const THINNEST: f64 = 6.0;
/// More bars are not drawn.
const MOST: usize = 400;

#[derive(Debug, Serialize)]
pub(super) struct TimelinePanel {
    bars: Vec<Bar>,
    left_out: usize,
}

/// One bar, in thousandths of the request.
#[derive(Debug, Serialize)]
struct Bar {
    /// For the colour: `request`, `message`, `sql`.
    kind: &'static str,
    label: String,
    x: String,
    width: String,
    took: String,
    #[serde(skip)]
    start: f64,
}

impl TimelinePanel {
    pub(super) fn new(profile: &Profile) -> Self {
        let messages = profile.messages.iter().map(|one| {
            let label = format!("{} on {}", one.name, one.bus);
            ("message", label, one.start, one.duration)
        });
        let statements = profile.statements.iter().map(|one| {
            let label: String = one.sql.chars().take(80).collect();
            ("sql", label, one.start, one.duration)
        });
        let whole =
            (format!("{} {}", profile.request.method, profile.request.path), profile.duration);
        let ends = messages.clone().chain(statements.clone()).map(|(.., at, took)| at + took);
        let end = ends.fold(profile.duration, f64::max).max(f64::MIN_POSITIVE);
        let bar = |(kind, label, start, duration)| Bar::new(kind, label, start, duration, end);
        let mut bars: Vec<Bar> = messages.chain(statements).map(bar).collect();
        bars.sort_by(|one, other| one.start.total_cmp(&other.start));
        let left_out = bars.len().saturating_sub(MOST);
        bars.truncate(MOST);
        bars.insert(0, bar(("request", whole.0, 0.0, whole.1)));
        Self { bars, left_out }
    }
}

impl Bar {
    fn new(kind: &'static str, label: String, start: f64, duration: f64, end: f64) -> Self {
        let width = (duration / end * WIDTH).clamp(THINNEST, WIDTH);
        let x = (start / end * WIDTH).clamp(0.0, WIDTH - width);
        let (x, width) = (format!("{x:.1}"), format!("{width:.1}"));
        Self { kind, label, x, width, took: milliseconds(duration), start }
    }
}
