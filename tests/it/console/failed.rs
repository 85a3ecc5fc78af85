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
fn q1_a_retry_that_fails_says_so_and_ends_with_1_and_the_message_stays() {
    let project = Project::new();
    let mut id = project.fail().to_string();
    for _ in 0..5 {
        let said = project.console(&format!("messenger:failed:retry {id} --force"));
        let [new] = failed(&project).try_into().unwrap();
        assert_ne!(new, id);
        let stays = format!("It stays in \"failed\" as {new}.");
        assert!(
            said.err.contains(&format!("Message {id} has failed again: there is no file")),
            "{said:?}"
        );
        assert!(said.err.contains(&stays) && !said.out.contains("All done!"), "{said:?}");
        assert_eq!(said.code, Some(1));
        id = new;
    }
    let said = project.console("messenger:consume failed --limit=1");
    assert!(said.code == Some(0) && said.err.contains("failed again; it stays"), "{said:?}");
    assert_eq!(failed(&project).len(), 1);
    let said = project.console(&format!("messenger:failed:show {}", failed(&project)[0]));
    assert!(said.out.contains("Transport     async"), "{}", said.out);
}

#[test]
fn q1_with_an_error_that_stays_a_message_stays_too() {
    let project = Project::new();
    let [_, class, queue] = MISSING_FILE;
    project.send([r#"{"filename":"holiday.jpg"}"#, class, queue]);
    project.console("messenger:consume async --limit=1");
    for _ in 0..2 {
        let [id] = failed(&project).try_into().unwrap();
        let said = project.console(&format!("messenger:failed:retry {id} --force"));
        assert!(said.code == Some(1) && said.err.contains("has failed again"), "{said:?}");
    }
    assert_eq!(failed(&project).len(), 1);
}

#[test]
fn q3_a_message_that_is_delayed_is_shown_and_counted_with_the_time_it_is_due() {
    let project = Project::new();
    let id = project.fail();
    let said = project.console("messenger:failed:show");
    assert!(!said.out.contains("Due"), "{}", said.out);
    project.execute(
        "UPDATE messenger_messages SET available_at = strftime('%Y-%m-%d %H:%M:%f', 'now', \
         '+100 years')",
    );
    let said = project.console("messenger:failed:show");
    assert!(said.out.contains("There is 1 message pending"), "{}", said.out);
    assert!(said.out.contains("Due") && said.out.contains(" in 36"), "{}", said.out);
    let said = project.console(&format!("messenger:failed:show {id}"));
    assert!(said.out.contains("Due           in 36"), "{}", said.out);
    let said = project.console("messenger:stats");
    let row = said.out.lines().find(|line| line.contains("  failed ")).unwrap();
    let words: Vec<&str> = row.split_whitespace().collect();
    assert!(said.out.contains("Delayed") && words == ["failed", "0", "1"], "{}", said.out);
    let json: serde_json::Value =
        serde_json::from_str(&project.console("messenger:stats --format=json").out).unwrap();
    assert_eq!(json["transports"]["failed"]["delayed"], 1);
    let said = project.console("doctor");
    assert!(said.out.contains("set up, 0 due, 1 delayed"), "{}", said.out);
    let said = project.console("messenger:failed:remove --all --force");
    assert!(said.out.contains("1 messages were removed."), "{}", said.out);
}

#[test]
fn q9_nothing_to_show_is_wrong_usage_and_nothing_to_remove_a_failure() {
    let project = Project::new();
    project.fail();
    let said = project.console("messenger:failed:show --max=0");
    assert!(said.code == Some(2) && said.err.contains("not a positive number"), "{said:?}");
    let said = project.console("messenger:failed:remove 99 --force");
    assert!(said.code == Some(1) && said.err.contains("\"99\" was not found"), "{said:?}");
}

#[test]
fn q9_with_q_nothing_is_printed_but_errors() {
    let project = Project::new();
    let id = project.fail();
    for arguments in [
        "messenger:stats",
        "messenger:failed:show",
        "debug:messenger",
        "debug:transports",
        "doctor",
        "messenger:setup-transports",
        "messenger:consume async --time-limit=1",
    ] {
        let said = project.console(&format!("-q {arguments}"));
        assert_eq!((said.out.as_str(), said.err.as_str(), said.code), ("", "", Some(0)));
    }
    let said = project.console(&format!("-q messenger:failed:remove 99 {id} --force"));
    assert!(said.out.is_empty() && said.err.contains("\"99\" was not found"), "{said:?}");
}

/// The ids in the failure transport.
fn failed(project: &Project) -> Vec<String> {
    project.values(
        "SELECT CAST(id AS TEXT) AS value FROM messenger_messages WHERE queue_name = 'failed'",
    )
}

#[test]
fn s3_24_removing_needs_a_yes_or_force_and_goes_on_after_a_missing_id() {
    let project = Project::new();
    let id = project.fail();
    let said = project.console(&format!("messenger:failed:remove {id}"));
    assert!(said.err.contains("not removed.") && said.code == Some(0));
    let said = project.console(&format!("messenger:failed:remove 999 {id} --force"));
    assert!(said.err.contains("The message \"999\" was not found.") && said.code == Some(1));
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
