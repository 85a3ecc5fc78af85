//! `messenger:failed:*`: what has failed is shown, retried, removed.

use super::project::{MISSING_FILE, Project};

#[test]
fn s3_24_the_list_shows_id_class_date_and_error() {
    let project = Project::new();
    assert!(
        project.console("messenger:failed:show").out.contains("No failed messages were found.")
    );
    let id = project.fail();
    let said = project.console("messenger:failed:show");
    assert!(said.out.contains("There is 1 message pending in the failure transport."));
    let header = said.out.lines().find(|line| line.contains("Failed at")).unwrap();
    let header: Vec<&str> =
        header.split("  ").map(str::trim).filter(|word| !word.is_empty()).collect();
    assert_eq!(header, ["Id", "Class", "Failed at", "Error"]);
    assert!(
        said.out.contains(&format!("  {id} ")) && said.out.contains(r"App\Message\DeletePhotoFile")
    );
    assert!(said.out.contains("there is no file \"originals/0190a0a0"));
}

#[test]
fn s3_24_one_message_is_shown_with_its_history_and_at_vv_with_its_body() {
    let project = Project::new();
    let id = project.fail();
    let said = project.console(&format!("messenger:failed:show {id}"));
    for words in
        ["Failed Message Details", "Error Class", "Transport     async", "Message history:"]
    {
        assert!(said.out.contains(words), "{words} is missing in {}", said.out);
    }
    assert_eq!(said.out.matches("and was redelivered").count(), 2);
    assert!(said.err.contains(&format!("Run messenger:failed:remove {id} --transport=failed")));
    assert!(!said.out.contains("\"filename\""));
    let said = project.console(&format!("messenger:failed:show {id} -vv"));
    assert!(said.out.contains("\"filename\": \"0190a0a0-0000-7000-8000-000000000002\""));
    assert!(said.out.contains("Exception:") && said.out.contains("StorageError (code 0):"));
}

#[test]
fn messages_are_counted_and_filtered_by_class() {
    let project = Project::new();
    project.fail();
    project.fail();
    let said = project.console("messenger:failed:show --stats");
    assert!(said.out.contains(r"App\Message\DeletePhotoFile   2"), "{}", said.out);
    let said = project.console("messenger:failed:show --class-filter AddPonkaToImage");
    assert!(said.out.contains("No failed messages were found."));
    let said = project.console("messenger:failed:show --max=1");
    assert!(said.err.contains("Showing first 1 messages."));
}

#[test]
fn s3_24_a_forced_retry_asks_nothing_and_a_missing_id_fails() {
    let project = Project::new();
    let id = project.fail();
    // The file is there now.
    let photo = "0190a0a0-0000-7000-8000-000000000002";
    std::fs::create_dir_all(project.path("uploads/originals")).unwrap();
    std::fs::write(project.path(&format!("uploads/originals/{photo}")), "a photo").unwrap();
    let said = project.console(&format!("messenger:failed:retry {id} --force"));
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("was handled.") && said.out.contains("All done!"));
    assert!(!project.path(&format!("uploads/originals/{photo}")).exists());
    let said = project.console(&format!("messenger:failed:retry {id} --force"));
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains(&format!("The message \"{id}\" was not found.")));
    assert_eq!(project.console("messenger:failed:retry").code, Some(2));
}

#[test]
fn a_retry_that_fails_is_said_to_have_failed() {
    let project = Project::new();
    let id = project.fail();
    let said = project.console(&format!("messenger:failed:retry {id} --force"));
    assert!(said.err.contains("has failed again") && said.err.contains("Sending for retry #1"));
}

#[test]
fn s3_24_removing_needs_a_yes_or_force_and_goes_on_after_a_missing_id() {
    let project = Project::new();
    let id = project.fail();
    let said = project.console(&format!("messenger:failed:remove {id}"));
    assert!(said.err.contains("not removed.") && said.code == Some(0));
    let said = project.console(&format!("messenger:failed:remove 999 {id} --force"));
    assert!(said.err.contains("The message \"999\" was not found.") && said.code == Some(0));
    assert!(said.out.contains(&format!("Message with id {id} removed.")));
    assert_eq!(project.console("messenger:failed:remove").code, Some(2));
    assert_eq!(project.console("messenger:failed:remove 1 --all").code, Some(2));
}

#[test]
fn all_are_removed_at_once() {
    let project = Project::new();
    project.fail();
    project.fail();
    let said = project.console("messenger:failed:remove --all --force");
    assert!(said.out.contains("2 messages were removed."));
}

#[test]
fn a_message_that_cannot_be_read_is_shown_and_can_be_removed_but_not_retried() {
    let project = Project::new();
    let [_, class, queue] = MISSING_FILE;
    project.send(["not json\u{1b}[2J", class, queue]);
    project.console("messenger:consume async --limit=1");
    let said = project.console("messenger:failed:show 2 -vv");
    assert!(said.out.contains("could not be decoded") && !said.out.contains('\u{1b}'), "{said:?}");
    let said = project.console("messenger:failed:retry 2 --force");
    assert!(said.code == Some(1) && said.err.contains("can only be shown or removed"), "{said:?}");
    assert!(project.console("messenger:failed:remove 2 --force").out.contains("removed."));
}
