//! SEC-18: whatever strangers call themselves and their files, a line of the log is ours.

use std::process::Command;

use serde_json::Value;

use crate::accounts::PASSWORD;
use crate::claims::process::Running;
use crate::console::project::Project;
use crate::support::{BOUNDARY, FORM, Visitor, part_head, photos};

/// Everything that a log must not obey, in one text; each asks for a line of its own.
const FORGED: &str = "a\n2026-01-01T00:00:00.000Z ERROR [ponka] forged\r\
    {\"level\":\"ERROR\",\"msg\":\"forged\",\"message\":\"forged\"}\n\
    \u{1b}]0;pwn\u{7}\u{1b}[2J\u{9b}31m\u{85}\u{2028}\u{202e}";
/// The same where only one line can be sent.
const FORGED_LINE: &str =
    "{\"level\":\"ERROR\",\"msg\":\"forged\"} %0a%1b \u{9b}31m\u{85}\u{2028}\u{202e}";
const FORGED_PATH: &str = "%0A2026-01-01T00:00:00.000Z%20ERROR%20[ponka]%20forged%0D%1B]0;pwn%07";

/// Sends it in every place that a client fills in.
async fn send_everywhere(visitor: &Visitor) {
    let photo = photos::jpeg(16, 16);
    for name in [FORGED, FORGED_LINE, &FORGED.replace(['\n', '\r'], "%0a")] {
        let end = format!("\r\n--{BOUNDARY}--\r\n");
        for content in [&photo[..], b"no photo"] {
            let body = [&part_head(name.as_bytes())[..], content, end.as_bytes()].concat();
            for path in ["/api/images", "/images"] {
                visitor.send("POST", path, &[("Content-Type", FORM)], &body).await;
            }
        }
    }
    for (name, value) in [
        ("User-Agent", FORGED_LINE),
        ("User-Agent", "\u{1b}]0;pwn\u{7}"),
        ("Cookie", FORGED_LINE),
        ("Referer", FORGED_LINE),
        ("Host", FORGED_LINE),
        ("X-Forwarded-For", FORGED_LINE),
        ("Idempotency-Key", FORGED_LINE),
        ("Origin", FORGED_LINE),
        ("Sec-Fetch-Site", FORGED_LINE),
        ("Content-Type", FORGED_LINE),
    ] {
        for path in ["/images", "/api/images", &format!("/{FORGED_PATH}")] {
            visitor.send("POST", path, &[(name, value)], b"").await;
        }
    }
    for path in
        ["/", "/images/", "/api/images/", "/media/", "/assets/", "/dev/mailbox/", "/?cursor="]
    {
        visitor.get(&format!("{path}{FORGED_PATH}")).await;
    }
    visitor.register(FORGED, "eve@example.com", PASSWORD).await;
    visitor.register("Eve", &format!("{FORGED}@example.com"), PASSWORD).await;
    visitor.register("Vera {\"msg\":\"forged\"}", "vera@example.com", PASSWORD).await;
    visitor.sign_in(FORGED, PASSWORD).await;
    let report = serde_json::json!({"csp-report": {"document-uri": FORGED, "blocked-uri": FORGED}});
    let kind = [("Content-Type", "application/csp-report")];
    let reported = visitor.send("POST", "/csp-report", &kind, report.to_string().as_bytes()).await;
    assert_eq!(reported.status, 204);
}

fn poison(project: &Project) {
    let class = serde_json::to_string(FORGED).unwrap();
    let class = class.trim_matches('"');
    project.send([FORGED, r"App\\Message\\AddPonkaToImage", "high"]);
    project.send(["{}", class, "high"]);
    let filename = serde_json::json!({ "filename": FORGED }).to_string();
    project.send([&filename, r"App\\Message\\DeletePhotoFile", "default"]);
}

/// Whoever is told of an incident can be helped: the log has it under the same name, and says more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_20_an_incident_has_the_same_name_outside_and_in_the_log() {
    let project = Project::new();
    let mut gallery = Running::start(&mut project.gallery("--no-worker"));
    let visitor = Visitor::new(gallery.address());
    project.execute("DROP TABLE image_post");
    for path in ["/api/images", "/"] {
        let answer = visitor.get(path).await;
        let (incident, text) = (answer.header("x-incident").unwrap(), answer.text());
        assert_eq!((answer.status, incident.len()), (500, 36), "{text}");
        match path {
            "/" => assert!(text.contains(&format!("Incident {incident}")), "{text}"),
            _ => assert_eq!(answer.json()["instance"], format!("urn:uuid:{incident}")),
        }
        assert!(!text.contains("image_post"), "{text}");
        let line = gallery.line(incident);
        assert!(line.starts_with("ERROR") && line.contains("image_post"), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_07_the_log_says_what_another_site_has_tried() {
    let project = Project::new();
    let mut command = project.gallery("--no-worker");
    let mut gallery = Running::start(command.env("LOG_FORMAT", "json"));
    let visitor = Visitor::new(gallery.address());
    for (header, reason) in [
        (("Sec-Fetch-Site", "cross-site"), "Sec-Fetch-Site is neither same-origin nor none"),
        (("Origin", "https://evil.test"), "Origin is not this host"),
    ] {
        assert_eq!(visitor.send("POST", "/images", &[header], b"").await.status, 403);
        let line = gallery.line("csrf_rejected");
        let entry: Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&entry["level"], &entry["event"]), (&"WARN".into(), &"csrf_rejected".into()));
        assert_eq!((&entry["reason"], &entry["request.path"]), (&reason.into(), &"/images".into()));
        assert_eq!(entry["request.method"], "POST", "{line}");
    }
}

/// The lines of a gallery to which all this was sent, and those of its audit trail.
async fn logged(format: &str) -> (Vec<String>, Vec<String>) {
    let project = Project::new();
    project.configure("[retry_strategy]\nDeletePhotoFile = { max_retries = 0 }\n");
    let mut command: Command = project.gallery("");
    command.env("LOG_FORMAT", format).env("RUST_LOG", "trace");
    let mut gallery = Running::start(&mut command);
    let visitor = Visitor::new(gallery.address());
    send_everywhere(&visitor).await;
    poison(&project);
    for _ in 0..3 {
        gallery.line("will be sent to the failure transport");
    }
    let lines = gallery.stop();
    let audit = std::fs::read_to_string(project.path("var/log/messenger.log")).unwrap();
    (lines, audit.split('\n').map(str::to_owned).filter(|line| !line.is_empty()).collect())
}

fn assert_harmless(line: &str) {
    let turns = ['\u{2028}', '\u{2029}', '\u{202e}'];
    assert!(!line.contains(|c: char| c.is_control() || turns.contains(&c)), "{line:?}");
}

fn assert_text(line: &str) {
    assert_harmless(line);
    let rest = match line.split_once("Z ") {
        Some((date, rest)) if date.starts_with("20") => rest,
        _ => line,
    };
    let levels = ["ERROR [", "WARN  [", "INFO  [", "DEBUG [", "TRACE ["];
    assert!(levels.iter().any(|level| rest.starts_with(level)), "not a line of ours: {line}");
    assert!(!rest.starts_with("ERROR [ponka] forged"), "{line}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_18_no_line_of_text_can_be_forged() {
    let (lines, audit) = logged("text").await;
    let lines: Vec<_> =
        lines.iter().filter(|line| !line.starts_with("The gallery is open")).collect();
    assert!(lines.iter().any(|line| line.contains("forged")), "{lines:#?}");
    lines.into_iter().chain(&audit).for_each(|line| assert_text(line));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_18_every_line_of_json_parses_and_none_can_be_forged() {
    let (lines, audit) = logged("json").await;
    audit.iter().for_each(|line| assert_text(line));
    let lines: Vec<_> =
        lines.iter().filter(|line| !line.starts_with("The gallery is open")).collect();
    assert!(lines.iter().any(|line| line.contains("forged")), "{lines:#?}");
    for line in lines {
        assert_harmless(line);
        let entry: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!((&entry["msg"], entry["message"] == "forged"), (&Value::Null, false), "{line}");
        assert!(entry["level"].is_string() && entry["target"].is_string(), "{line}");
    }
}
