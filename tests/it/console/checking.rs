//! `photos:check`, `photos:adopt`, and what `doctor` and the worker find by themselves.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::project::Project;
use crate::claims::process::Running;
use crate::support::{MARKER, Visitor, photos};

/// A project with one photo that Ponka has visited.
async fn with_a_photo() -> Project {
    let project = Project::new();
    let mut server = Running::start(&mut project.gallery("--no-worker"));
    Visitor::new(server.address()).upload_one("cat.jpg", &photos::cat()).await;
    server.stop();
    let said = project.console("messenger:consume async_priority_high --limit=1");
    assert_eq!(said.code, Some(0), "{said:?}");
    // Files of photos that are about to change are not counted.
    let then = "'2026-01-01 00:00:00'";
    project.execute(&format!("UPDATE image_post SET created_at = {then}, ponka_added_at = {then}"));
    project
}

fn picture(project: &Project) -> PathBuf {
    let name = project.values("SELECT media AS value FROM image_post").remove(0);
    let file = project.values("SELECT filename AS value FROM image_post").remove(0);
    project.path(&format!("uploads/media/{file}/{}", name.split('-').nth(1).unwrap()))
}

fn leave_old_file(project: &Project, name: &str) {
    let path = project.path(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    #[expect(clippy::disallowed_methods, reason = "the file system has no other clock")]
    let then = SystemTime::now() - Duration::from_secs(7200);
    std::fs::File::create(path).unwrap().set_modified(then).unwrap();
}

/// The invariants that do not hold.
fn broken(project: &Project) -> Vec<String> {
    let said = project.console("photos:check");
    let lines = said.out.lines().filter(|line| line.starts_with(" FAIL"));
    let broken: Vec<String> =
        lines.map(|line| line.split_whitespace().nth(1).unwrap().to_owned()).collect();
    assert_eq!(said.code, Some(i32::from(!broken.is_empty())), "{said:?}");
    assert_eq!(said.out.matches("  I").count(), 6, "{said:?}");
    broken
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn photos_check_tells_which_invariant_is_broken() {
    let project = with_a_photo().await;
    assert_eq!(broken(&project), Vec::<String>::new());
    project.execute("UPDATE image_post SET status = 'queued'");
    assert_eq!(broken(&project), ["I1", "I2"], "no message, and no original");
    project.execute("UPDATE image_post SET status = 'failed'");
    assert_eq!(broken(&project), ["I2", "I4"]);
    project.execute("UPDATE image_post SET status = 'done'");
    leave_old_file(&project, "uploads/media/0190a0a0-0000-7000-8000-00000000000a/0123.jpg");
    assert_eq!(broken(&project), ["I3"]);
    assert_eq!(project.console("photos:sweep").code, Some(0));
    assert_eq!(broken(&project), Vec::<String>::new());
    let id = project.values("SELECT id AS value FROM image_post").remove(0);
    let body = format!(r#"{{"imagePostId":"{id}"}}"#);
    for _ in 0..2 {
        project.send([&body, r"App\\Message\\AddPonkaToImage", "high"]);
    }
    assert_eq!(broken(&project), ["I5"]);
    project.execute("UPDATE messenger_messages SET available_at = '2026-01-01 00:00:00'");
    assert_eq!(broken(&project), ["I5", "I6"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r2_missing_files_are_counted_by_the_doctor_and_named_by_the_check() {
    let project = with_a_photo().await;
    let said = project.console("doctor");
    assert!(said.code == Some(0) && said.out.contains("; 0 missing"), "{said:?}");
    let picture = picture(&project);
    std::fs::remove_file(&picture).unwrap();
    let said = project.console("doctor");
    assert!(said.code == Some(1) && said.out.contains("; 1 missing"), "{said:?}");
    assert_eq!(broken(&project), ["I2"]);
    let said = project.console("photos:check");
    assert!(said.out.contains(picture.file_name().unwrap().to_str().unwrap()), "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r2_programs_start_without_the_folder_and_say_so() {
    let project = with_a_photo().await;
    let (uploads, away) = (project.path("uploads"), project.path("away"));
    std::fs::rename(&uploads, &away).unwrap();
    let mut server = Running::start(&mut project.gallery(""));
    let line = server.line("No photo can be stored");
    assert!(line.contains("uploads is away") && line.contains("photos:adopt"), "{line}");
    let visitor = Visitor::new(server.address());
    assert_eq!(visitor.get("/readyz").await.status, 503);
    assert_eq!(visitor.upload(&[("a.jpg", &photos::cat())]).await.status, 503);
    let said = project.console("doctor");
    assert!(said.code == Some(1) && said.out.contains(" FAIL  storage"), "{said:?}");
    assert_eq!(project.console("photos:sweep").code, Some(1));
    assert_eq!(project.console("photos:check").code, Some(1));
    assert!(!uploads.exists());
    std::fs::rename(&away, &uploads).unwrap();
    assert_eq!(visitor.get("/readyz").await.status, 200);
    visitor.upload_one("after.jpg", &photos::cat()).await;
    server.stop();
    // The photos are lost, and a person says that it goes on without them.
    std::fs::remove_dir_all(&uploads).unwrap();
    let said = project.console("photos:adopt");
    assert!(said.code == Some(0) && said.out.contains("are missing"), "{said:?}");
    assert!(uploads.join(MARKER).exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r6_a_worker_sweeps_by_itself() {
    let project = with_a_photo().await;
    let orphan = "uploads/media/0190a0a0-0000-7000-8000-00000000000a/0123.jpg";
    leave_old_file(&project, orphan);
    for program in [project.command("messenger:consume async -vv"), project.gallery("")] {
        let mut program = program;
        project.execute("UPDATE upkeep SET began_at = '2026-01-01 00:00:00'");
        let mut worker = Running::start(&mut program);
        let line = worker.line("The photo storage was swept");
        worker.stop();
        assert!(line.contains("INFO") && line.contains(" files ("), "{line}");
        assert!(!project.path(orphan).exists());
        leave_old_file(&project, orphan);
    }
    assert!(picture(&project).exists());
}
