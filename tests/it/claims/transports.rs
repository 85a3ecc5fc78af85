//! Transports as they are configured: many of them, in one table, with their failure transport.

use crate::console::project::{MISSING_FILE, Project, Said};

#[test]
fn s0_14_in_the_end_the_worker_gives_up_and_the_message_is_kept_in_failed() {
    let project = Project::new();
    project.configure(
        "[transports.async]\nretry_strategy = { max_retries = 3, delay = 1, jitter = 0 }\n",
    );
    project.send(MISSING_FILE);
    let said = project.console("messenger:consume async -vv --limit=4");
    assert_eq!(said.err.matches("Received message").count(), 4, "{}", said.err);
    for retry in 1..=3 {
        assert!(said.err.contains(&format!("Sending for retry #{retry} using")), "{}", said.err);
    }
    assert!(said.err.contains("Removing from transport after 3 retries."), "{}", said.err);
    assert!(said.err.contains(r"Rejected message App\Message\DeletePhotoFile"), "{}", said.err);
    assert_eq!(queues(&project), ["failed 1"]);
}

#[test]
fn s3_2_without_failure_transport_what_is_rejected_is_lost_and_a_critical_line_says_so() {
    let project = Project::new();
    project.configure(
        "failure_transport = \"none\"\n[transports.async]\n\
         retry_strategy = { max_retries = 3, delay = 1, jitter = 0 }\n",
    );
    project.send(MISSING_FILE);
    let said = project.console("messenger:consume async --limit=4");
    let removing = "Removing from transport after 3 retries.";
    let line = said.err.lines().find(|line| line.contains(removing)).unwrap();
    assert!(line.contains("ERROR"), "{line}");
    let dropped = said.err.lines().filter(|line| line.contains("dropped")).count();
    assert_eq!(dropped, 1, "{}", said.err);
    assert_eq!(queues(&project), Vec::<String>::new());
}

#[test]
fn s3_4_what_failed_in_an_outage_is_retried_when_it_is_over() {
    let project = Project::new();
    let (originals, away) = (project.path("uploads/originals"), project.path("away"));
    let file = "0190a0a0-0000-7000-8000-000000000002";
    std::fs::create_dir_all(&away).unwrap();
    std::fs::write(away.join(file), "a photo").unwrap();
    let id = project.fail();
    std::fs::create_dir_all(project.path("uploads")).unwrap();
    std::fs::remove_dir_all(&originals).ok();
    std::fs::rename(&away, &originals).unwrap();
    let said = project.console(&format!("messenger:failed:retry {id} --force"));
    assert!(said.code == Some(0) && said.out.contains("All done!"), "{said:?}");
    assert!(!originals.join(file).exists());
    assert_eq!(queues(&project), Vec::<String>::new());
}

#[test]
fn s3_5_there_may_be_as_many_transports_as_wanted_and_all_are_counted() {
    let project = Project::new();
    let more: String = (1..=20)
        .map(|number| format!("more_{number} = \"doctrine://default?queue_name=q{number}\"\n"))
        .collect();
    project.configure(&format!("[transports]\n{more}"));
    let [body, class, _] = MISSING_FILE;
    project.send([body, class, "q7"]);
    let said = project.console("messenger:stats --format=json");
    let stats: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(stats["transports"].as_object().unwrap().len(), 24, "{stats}");
    assert_eq!(stats["transports"]["more_7"]["count"], 1);
    assert_eq!(stats["transports"]["more_8"]["count"], 0);
    let said = project.console("messenger:consume more_7 -vv --limit=1");
    assert_eq!(said.err.matches("Received message").count(), 1, "{}", said.err);
}

#[test]
fn s3_6_async_and_failed_differ_in_the_queue_name_only_and_share_a_table() {
    let project = Project::new();
    project.configure("[transports]\nasync = \"doctrine://default?queue_name=default\"\n");
    let shown = project.console("debug:config messenger").out;
    let dsn = |name: &str| {
        let section = shown.split(&format!("[transports.{name}]")).nth(1).unwrap();
        section.lines().nth(1).unwrap().to_owned()
    };
    assert_eq!(dsn("async").replace("=default\"", "=failed\""), dsn("failed"));
    project.configure("[transports.async]\nretry_strategy = { max_retries = 0 }\n");
    project.send(MISSING_FILE);
    project.console("messenger:consume async --limit=1");
    project.send(MISSING_FILE);
    assert_eq!(queues(&project), ["default 1", "failed 1"]);
    let tables = "SELECT name AS value FROM sqlite_master WHERE type = 'table' \
                  AND sql LIKE '%delivered_at%' AND name <> 'messenger_outbox'";
    assert_eq!(project.values(tables), ["messenger_messages"]);
}

#[test]
fn s3_10_an_unknown_option_stops_the_program_and_the_allowed_ones_are_listed() {
    let project = Project::new();
    project.configure("[transports]\nasync = \"doctrine://default?queue=x\"\n");
    let said = project.console("messenger:consume async");
    assert_eq!(said.code, Some(1), "{said:?}");
    for words in ["queue_name", "redeliver_timeout", "auto_setup", "did you mean \"queue_name\""] {
        assert!(said.err.contains(words), "{words} is missing in {}", said.err);
    }
}

#[test]
fn s3_15_an_unknown_failure_transport_stops_server_and_worker_at_their_start() {
    let project = Project::new();
    project.configure("failure_transport = \"fialed\"\n");
    let server = Said::from(project.gallery("--no-worker").output().unwrap());
    for said in [project.console("messenger:consume async"), server] {
        assert_eq!(said.code, Some(1), "{said:?}");
        assert!(said.err.contains("unknown transport \"fialed\""), "{}", said.err);
        assert!(said.err.contains("did you mean \"failed\"?"), "{}", said.err);
    }
}

/// The queues with their numbers of messages.
fn queues(project: &Project) -> Vec<String> {
    project.values(
        "SELECT queue_name || ' ' || count(*) AS value FROM messenger_messages \
         GROUP BY queue_name ORDER BY queue_name",
    )
}
