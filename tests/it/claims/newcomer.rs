//! S1.14 to S1.19, as a newcomer sees them: real processes, the profiler and the mailbox.

use serde_json::Value;

use crate::accounts::{PASSWORD, sign_in};
use crate::console::project::Project;
use crate::support::{Visitor, photos};

use super::process::Running;

const MAILS: &str = "/dev/mailbox/api/messages?to=vera@example.com";

async fn mails(visitor: &Visitor) -> Vec<Value> {
    visitor.get(MAILS).await.json()["items"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s1_14_to_s1_19_a_newcomer_registers_sees_the_queue_and_finds_the_mail() {
    let project = Project::new();
    let mut gallery = project.gallery("--no-worker");
    let mut gallery = Running::start(gallery.env("DEFAULT_URI", "http://127.0.0.1:8000/home"));
    let visitor = Visitor::new(gallery.address());
    let photo = visitor.upload_one("cat.jpg", &photos::cat()).await;
    let answer = visitor.register("Vera Example", "vera@example.com", PASSWORD).await;
    let page = visitor.get(answer.header("location").unwrap()).await.text();

    // The page after the redirect leads to the request before it.
    let profile = answer.header("x-debug-token-link").unwrap();
    let shown = profile.rsplit('/').next().unwrap();
    assert!(page.contains(shown), "{page}");
    let emails = visitor.get(&format!("{profile}?panel=emails")).await.text();
    for words in ["Queued", "Welcome to Ponka, Vera", "vera@example.com"] {
        assert!(emails.contains(words), "{words} is missing in {emails}");
    }
    let messages = visitor.get(&format!("{profile}?panel=messages")).await.text();
    for words in ["SendEmailMessage", "welcome", "DispatchAfterCurrentBusStamp", "event.bus"] {
        assert!(messages.contains(words), "{words} is missing in {messages}");
    }
    assert_eq!(mails(&visitor).await, Vec::<Value>::new(), "S1.16: nothing yet");

    let mut consume = project.command("messenger:consume async -vv --limit=1");
    let said = consume.env("DEFAULT_URI", "http://127.0.0.1:8000/home").output().unwrap();
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    for words in [
        r"Received message App\Mailer\SendEmailMessage",
        r"Message App\Mailer\SendEmailMessage handled by SendEmailMessageHandler",
        r"App\Mailer\SendEmailMessage was handled successfully (acknowledging to transport).",
    ] {
        assert!(said.contains(words), "{words} is missing in {said}");
    }
    let waiting = "SELECT body AS value FROM messenger_messages WHERE queue_name = 'default'";
    assert_eq!(project.values(waiting), Vec::<String>::new());

    let mails = mails(&visitor).await;
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!(mail["subject"], "Welcome to Ponka, Vera");
    assert_eq!(mail["to"][0], "vera@example.com");
    for part in ["text", "html"] {
        assert!(mail[part].as_str().unwrap().contains("Vera"), "{mail}");
    }
    let links: Vec<&str> =
        mail["links"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(links.len() >= 2, "{links:?}");
    assert!(links.iter().all(|link| link.starts_with("http://127.0.0.1:8000/home/")), "{links:?}");

    let profiled = visitor.get(&format!("{profile}?panel=messages")).await.text();
    assert!(profiled.contains("handled by"), "the profile knows what became of it: {profiled}");
    sign_in(&visitor, "vera@example.com", PASSWORD).await;
    assert_eq!(visitor.get("/api/images").await.json()["items"][0]["id"], photo["id"]);
    gallery.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ux_29_with_the_worker_the_welcome_is_in_the_mailbox_at_once() {
    let project = Project::new();
    let mut gallery = Running::start(&mut project.gallery(""));
    let visitor = Visitor::new(gallery.address());
    visitor.register("Vera Example", "vera@example.com", PASSWORD).await;
    let items = visitor.get(&format!("{MAILS}&wait=10")).await.json();
    assert_eq!(items["items"].as_array().unwrap().len(), 1, "{items}");
    gallery.kill();
}

#[test]
fn s1_19_links_to_this_machine_are_warned_of_where_nobody_could_follow_them() {
    let project = Project::new();
    let mut gallery = project.gallery("--no-worker");
    let gallery = gallery.env("MAILER_DSN", "smtp://mail.example.com");
    let mut gallery = Running::start(gallery);
    let line = gallery.line("which is this machine");
    assert!(line.contains("DEFAULT_URI") && line.contains("WARN"), "{line}");
    gallery.kill();
}

#[test]
fn a_variable_leaves_the_worker_out_in_the_words_that_variables_have() {
    let project = Project::new();
    for value in ["1", "true", "yes"] {
        let mut gallery = project.gallery("");
        let mut gallery = Running::start(gallery.env("PONKA_NO_WORKER", value));
        gallery.line("No worker runs here");
        gallery.kill();
    }
}
