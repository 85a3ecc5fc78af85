//! How long ago something happened, as people say it.

use chrono::{DateTime, Utc};

/// "just now", "2 minutes ago", "yesterday", "on 4 March 2026". A moment in the future, which is two
/// clocks that disagree, is "just now".
#[must_use]
pub fn time_ago(then: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let elapsed = now - then;
    let (minutes, hours, days) = (elapsed.num_minutes(), elapsed.num_hours(), elapsed.num_days());
    match (days, hours, minutes) {
        (30.., _, _) => then.format("on %-d %B %Y").to_string(),
        (2.., _, _) => format!("{days} days ago"),
        (1, _, _) => "yesterday".to_owned(),
        (_, 2.., _) => format!("{hours} hours ago"),
        (_, 1, _) => "an hour ago".to_owned(),
        (_, _, 2..) => format!("{minutes} minutes ago"),
        (_, _, 1) => "a minute ago".to_owned(),
        _ => "just now".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn distances_are_said_in_the_largest_unit() {
        let now = "2026-11-23T12:00:00Z".parse::<DateTime<Utc>>().unwrap();
        for (seconds, expected) in [
            (-90, "just now"),
            (0, "just now"),
            (59, "just now"),
            (60, "a minute ago"),
            (120, "2 minutes ago"),
            (3_599, "59 minutes ago"),
            (3_600, "an hour ago"),
            (7_200, "2 hours ago"),
            (86_400, "yesterday"),
            (3 * 86_400, "3 days ago"),
            (60 * 86_400, "on 24 September 2026"),
        ] {
            assert_eq!(time_ago(now - TimeDelta::seconds(seconds), now), expected);
        }
    }
}
