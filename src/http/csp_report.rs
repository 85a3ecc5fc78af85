//! What a browser tells of a page that did what its policy forbids, made fit for one line of a log.

use std::fmt;

use serde::Deserialize;

use super::original_filename::visible;

/// Longer texts are cut, in characters: the log is ours, not that of whoever sends reports.
const LONGEST: usize = 200;

/// One violation. Anybody can send one, about anything.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Violation {
    #[serde(alias = "document-uri", rename = "documentURL")]
    document: String,
    #[serde(alias = "effective-directive", rename = "effectiveDirective")]
    directive: String,
    #[serde(alias = "blocked-uri", rename = "blockedURL")]
    blocked: String,
}

/// A report as the two kinds of browsers send it: a list, or (older) a single one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Body {
    List(Vec<Report>),
    Single {
        #[serde(rename = "csp-report")]
        report: Violation,
    },
}

#[derive(Deserialize)]
struct Report {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    body: Violation,
}

/// The violations of one request.
#[derive(Debug, PartialEq, Eq)]
pub struct CspReport {
    first: Violation,
    /// How many there are.
    pub count: usize,
}

impl CspReport {
    /// Reads the body of a report; `None` if no violation of a policy is in it.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Self> {
        let violations: Vec<Violation> = match serde_json::from_slice(body).ok()? {
            Body::Single { report } => vec![report],
            Body::List(reports) => reports
                .into_iter()
                .filter(|report| report.kind == "csp-violation")
                .map(|report| report.body)
                .collect(),
        };
        let count = violations.len();
        violations.into_iter().next().map(|first| Self { first, count })
    }
}

/// `script-src-elem forbids inline on http://127.0.0.1:8000/`, without anything that a terminal
/// would obey, and without queries.
impl fmt::Display for CspReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Violation { document, directive, blocked } = &self.first;
        let (directive, blocked) = (shown(directive), shown(without_query(blocked)));
        write!(f, "{directive} forbids {blocked} on {}", shown(without_query(document)))
    }
}

fn without_query(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or_default()
}

fn shown(text: &str) -> String {
    if text.is_empty() {
        return "(unknown)".to_owned();
    }
    text.chars().take(LONGEST).map(visible).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_reports_become_one_sentence() {
        let list = r#"[
            {"type": "deprecation", "body": {"id": "x"}},
            {"type": "csp-violation", "age": 1, "body": {"documentURL": "http://ponka.test/?token=1",
             "effectiveDirective": "script-src-elem", "blockedURL": "inline", "lineNumber": 3}},
            {"type": "csp-violation", "body": {}}]"#;
        let single = r#"{"csp-report": {"document-uri": "http://ponka.test/#x",
            "effective-directive": "img-src", "blocked-uri": "http://evil.test/a?b"}}"#;
        for (body, sentence, count) in [
            (list, "script-src-elem forbids inline on http://ponka.test/", 2),
            (single, "img-src forbids http://evil.test/a on http://ponka.test/", 1),
            (r#"{"csp-report": {}}"#, "(unknown) forbids (unknown) on (unknown)", 1),
        ] {
            let report = CspReport::parse(body.as_bytes()).unwrap();
            assert_eq!((report.to_string().as_str(), report.count), (sentence, count));
        }
    }

    #[test]
    fn a_report_cannot_write_into_the_log_what_it_likes() {
        let body = serde_json::json!({"csp-report": {
            "document-uri": "a\n2026-01-01 ERROR forged",
            "effective-directive": "\u{1b}]0;x\u{7}",
            "blocked-uri": "b".repeat(9_000),
        }});
        let line = CspReport::parse(body.to_string().as_bytes()).unwrap().to_string();
        assert!(line.len() < 300 && !line.contains(char::is_control), "{line}");
    }

    #[test]
    fn what_is_no_report_is_none() {
        for body in
            ["", "null", "[]", "{}", "{\"csp-report\":7}", "[{\"type\":\"csp-violation\",", "[7]"]
        {
            assert_eq!(CspReport::parse(body.as_bytes()), None, "{body}");
        }
    }
}
