//! Where to go next, and what browsers report.

use actix_web::http::header::HeaderValue;
use ponka::http::csp_report::CspReport;
use ponka::http::next_path::next_path;
use url::Url;

use super::inputs;

#[test]
fn sec_12_next_never_leaves_our_host_and_always_fits_into_a_header() {
    let examples: [&[u8]; 8] = [
        b"/account",
        b"/images/x?a=b#c",
        b"//evil.test",
        b"/\\evil.test",
        b"/%5cevil.test",
        b"/%09/evil.test",
        "/\u{e9}".as_bytes(),
        b"/..//evil.test",
    ];
    let here = Url::parse("http://ponka.test/login").unwrap();
    for input in inputs(&examples) {
        let text = input.text();
        let next = next_path(Some(&text));
        let there = here.join(next).unwrap();
        assert_eq!(there.origin(), here.origin(), "{text:?}");
        assert!(HeaderValue::from_str(next).is_ok(), "{text:?}");
    }
}

#[test]
fn sec_18_a_report_is_one_short_line() {
    let examples: [&[u8]; 3] = [
        br#"[{"type":"csp-violation","body":{"documentURL":"http://a.test/?b","blockedURL":"c"}}]"#,
        br#"{"csp-report":{"document-uri":"a","effective-directive":"b","blocked-uri":"c"}}"#,
        br#"{"csp-report":{"document-uri":"\u001b\u2028\ud83d\ude3a\n"}}"#,
    ];
    for input in inputs(&examples) {
        let Some(report) = CspReport::parse(&input) else { continue };
        let line = report.to_string();
        assert!(line.chars().count() < 700 && !line.contains(char::is_control), "{line:?}");
    }
}
