//! Nobody learns whether an address has an account: not by the answer, not by its time.

use std::time::{Duration, Instant};

use super::{PASSWORD, vera};
use crate::support::{Answer, TestApp, TestDatabase};

/// How often each is measured.
const SAMPLES: usize = 40;

fn without_what_varies(answer: &Answer) -> String {
    let headers = answer.headers.iter().filter(|(name, _)| name != "date");
    let mut headers: Vec<String> = headers
        .map(|(name, value)| match name.as_str() {
            "set-cookie" => format!("{name}: {}", value.split('=').next().unwrap_or_default()),
            _ => format!("{name}: {value}"),
        })
        .collect();
    headers.sort();
    format!("{}\n{}\n\n{}", answer.status, headers.join("\n"), answer.text())
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_10_known_and_unknown_addresses_get_the_same_answers() {
    let app = TestApp::start(TestDatabase::sqlite()).await;
    vera(&app).await;
    let mut answers = Vec::new();
    for email in ["vera@example.com", "evan@example.com"] {
        let visitor = app.visitor();
        visitor.get("/").await;
        let wrong = visitor.sign_in(email, "wrong password").await;
        let registered = visitor.register("Vera", email, PASSWORD).await;
        let done = visitor.get("/register/done").await;
        let home = visitor.get("/").await;
        let all = [wrong, registered, done, home];
        answers.push(all.map(|answer| without_what_varies(&answer).replace(email, "EMAIL")));
    }
    assert_eq!(answers[0], answers[1]);
}

/// The sum of ranks of the first sample, as a z-score: 0 when nothing tells the two apart
/// (Mann–Whitney).
fn z_score(known: &[Duration], unknown: &[Duration]) -> f64 {
    let mut all: Vec<(Duration, bool)> = known.iter().map(|time| (*time, true)).collect();
    all.extend(unknown.iter().map(|time| (*time, false)));
    all.sort();
    let ranks = all.iter().zip(1_u32..).filter(|((_, is_known), _)| *is_known);
    let sum: f64 = ranks.map(|(_, rank)| f64::from(rank)).sum();
    let (n, m) = (known.len() as f64, unknown.len() as f64);
    (sum - n * (n + m + 1.0) / 2.0) / (n * m * (n + m + 1.0) / 12.0).sqrt()
}

#[test]
fn ranks_tell_samples_apart_that_differ() {
    let times = |offset: u64| (0..40).map(|i| Duration::from_millis(offset + 7 * i % 40)).collect();
    let (one, other): (Vec<Duration>, Vec<Duration>) = (times(0), times(20));
    assert!(z_score(&one, &times(0)).abs() < 1.0);
    assert!(z_score(&one, &other) < -3.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_10_known_and_unknown_addresses_take_the_same_time() {
    let app = TestApp::start(TestDatabase::sqlite()).await;
    vera(&app).await;
    let mut times = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
    for number in 0..SAMPLES {
        // So that no guess has to wait.
        app.clock.advance(Duration::from_secs(3600));
        let unknown = format!("nobody{number}@example.com");
        let requests = [
            ("/login", "vera@example.com"),
            ("/login", "nobody@example.com"),
            ("/register", "vera@example.com"),
            ("/register", &unknown),
        ];
        // In turn, and each sometimes first: what the machine does meanwhile meets all alike.
        for offset in 0..requests.len() {
            let which = (number + offset) % requests.len();
            let (path, email) = requests[which];
            let fields = [("name", "Vera"), ("email", email), ("password", "a wrong password")];
            let visitor = app.visitor();
            let begin = Instant::now();
            let answer = visitor.post(path, &fields).await;
            times[which].push(begin.elapsed());
            assert_eq!(answer.status, if path == "/login" { 422 } else { 303 });
        }
    }
    for (what, pair) in [("login", &times[..2]), ("register", &times[2..])] {
        let z = z_score(&pair[0], &pair[1]);
        // p > 0.001: one false alarm in a thousand runs.
        assert!(z.abs() < 3.3, "{what}: z = {z:.2}\n{:?}\n{:?}", pair[0], pair[1]);
    }
}
