//! What a worker prints, and from which transports it reads.

use super::process::{Running, count};
use crate::console::project::{MISSING_PHOTO, Project};
use crate::console::terminal::type_into;

const FILE: &str = "0190a0a0-0000-7000-8000-000000000003";

/// Has somebody ask to delete a file that is there.
fn send_deletion(project: &Project) {
    let folder = project.path("uploads/originals");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(FILE), "a photo").unwrap();
    let body = format!("{{\"filename\":\"{FILE}\"}}");
    project.send([&body, r"App\\Message\\DeletePhotoFile", "default"]);
}

#[test]
fn s0_10_at_vv_each_step_is_a_line_with_class_and_id() {
    let project = Project::new();
    send_deletion(&project);
    let worker = Running::start(&mut project.command("messenger:consume async -vv --limit=1"));
    let (status, lines) = worker.ended();
    assert!(status.success());
    let class = r"App\Message\DeletePhotoFile";
    let of_message: Vec<&str> =
        lines.iter().map(String::as_str).filter(|line| line.contains("message_id=")).collect();
    assert_eq!(
        of_message,
        [
            format!("INFO  [messenger] Received message {class} message_id=1"),
            format!(
                "INFO  [messenger] Message {class} handled by DeletePhotoFileHandler message_id=1"
            ),
            format!(
                "INFO  [messenger] {class} was handled successfully (acknowledging to transport). \
                 message_id=1"
            ),
        ]
    );
    assert!(!project.path(&format!("uploads/originals/{FILE}")).exists());
}

#[test]
fn s0_10_without_vv_there_is_only_the_banner() {
    let project = Project::new();
    send_deletion(&project);
    let said = project.console("messenger:consume async --limit=1");
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let lines: Vec<&str> = said.out.lines().filter(|line| !line.is_empty()).collect();
    let starts = [
        " [OK] Consuming messages from",
        " // The worker will",
        " // Quit",
        " // Ponka",
        " // Re-run",
    ];
    assert_eq!(lines.len(), starts.len(), "{lines:#?}");
    assert!(lines.iter().zip(starts).all(|(line, start)| line.starts_with(start)), "{lines:#?}");
    assert!(!project.path(&format!("uploads/originals/{FILE}")).exists());
}

#[test]
fn with_q_there_is_nothing_at_all() {
    let project = Project::new();
    send_deletion(&project);
    let said = project.console("messenger:consume async --limit=1 -q");
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (Some(0), "", ""));
    assert!(!project.path(&format!("uploads/originals/{FILE}")).exists());
}

#[test]
fn s3_18_one_worker_reads_many_transports_and_the_first_one_first() {
    let project = Project::new();
    send_deletion(&project);
    project.send(MISSING_PHOTO);
    let consume = "messenger:consume async_priority_high async -vv --limit=2";
    let (status, lines) = Running::start(&mut project.command(consume)).ended();
    assert!(status.success());
    assert_eq!(count(&lines, "transports \"async_priority_high, async\""), 1, "{lines:#?}");
    let received: Vec<&str> =
        lines.iter().filter_map(|line| line.split("Received message ").nth(1)).collect();
    let expected =
        [r"App\Message\AddPonkaToImage message_id=2", r"App\Message\DeletePhotoFile message_id=1"];
    assert_eq!(received, expected);
}

#[test]
fn s3_19_a_name_avoids_the_question_wherever_the_options_stand() {
    let project = Project::new();
    for arguments in [
        "messenger:consume -vv async --time-limit=1",
        "messenger:consume --time-limit=1 async -vv",
        "-vv messenger:consume async --time-limit=1",
    ] {
        let screen = type_into(&project, arguments, "");
        assert!(!screen.contains("Select receivers"), "{arguments}: {screen}");
        let banner = "Consuming messages from transport \"async\".";
        assert!(screen.contains(banner) && !screen.contains("Re-run"), "{arguments}: {screen}");
    }
}
