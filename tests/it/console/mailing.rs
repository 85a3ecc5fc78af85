//! `mailer:test`, the doctor's look at the mail server, and failed mails for whoever looks after them.

use super::project::{Project, Said};
use crate::support::smtp::{SmtpServer, SmtpServerThatIsDown};

/// What the console says with this mail server.
fn console(project: &Project, dsn: &str, arguments: &[&str]) -> Said {
    let mut command = project.command("");
    Said::from(command.args(arguments).env("MAILER_DSN", dsn).output().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_mail_is_handed_over_past_every_queue() {
    let (project, server) = (Project::new(), SmtpServer::start());
    let to = "Vera Example <vera@example.org>";
    let said = console(&project, &server.dsn(), &["mailer:test", to]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let words = format!("\"Testing transport\" for vera@example.org went to {}.", server.dsn());
    assert!(said.out.contains(&words), "{said:?}");
    let options = ["--from=cat@example.org", "--subject=Do you hear me?", "--body=Meow"];
    let said = console(&project, &server.dsn(), &[&["mailer:test", to], &options[..]].concat());
    assert_eq!(said.code, Some(0), "{said:?}");
    let mails = server.mails();
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0].header("Subject").unwrap(), "Testing transport");
    assert_eq!(mails[0].from, "ponka@localhost");
    assert_eq!(mails[1].header("Subject").unwrap(), "Do you hear me?");
    assert_eq!(mails[1].from, "cat@example.org");
    assert!(String::from_utf8_lossy(&mails[1].message).contains("Meow"));
    let queued = "SELECT CAST(COUNT(*) AS TEXT) AS value FROM messenger_messages";
    assert_eq!(project.values(queued), ["0"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_is_not_taken_over_is_an_error_with_its_reason() {
    let (project, down) = (Project::new(), SmtpServerThatIsDown::new());
    let said = console(&project, &down.dsn(), &["mailer:test", "vera@example.org"]);
    assert_eq!(said.code, Some(1));
    for words in ["was not accepted", &down.dsn(), "refused"] {
        assert!(said.err.contains(words), "{words} is missing in {}", said.err);
    }
    let said = console(&project, &down.dsn(), &["mailer:test", "nobody"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("An email address has a name, an @ and a domain"), "{}", said.err);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_looks_whether_the_mail_server_answers() {
    let (project, server) = (Project::new(), SmtpServer::start());
    let said = console(&project, &server.dsn(), &["doctor"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let answers = format!("{} answers, not encrypted", server.dsn());
    assert!(said.out.contains(" OK    mail ") && said.out.contains(&answers), "{}", said.out);
    assert!(server.mails().is_empty());

    let down = SmtpServerThatIsDown::new();
    let said = console(&project, &down.dsn(), &["doctor"]);
    assert_eq!(said.code, Some(1));
    for words in [" FAIL  mail ", "check MAILER_DSN", &down.dsn()] {
        assert!(said.out.contains(words), "{words} is missing in {}", said.out);
    }
    let encrypted = format!("{}?require_tls=1", server.dsn());
    let said = console(&project, &encrypted, &["doctor"]);
    assert!(said.out.contains("offers no encryption (STARTTLS)"), "{}", said.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s1_4c_a_failed_mail_is_shown_with_recipient_subject_and_error_and_can_be_sent_again() {
    let (project, server) = (Project::new(), SmtpServer::start());
    let body =
        r#"{"template":"welcome","context":{"name":"Vera"},"to":[{"address":"vera@example.org"}]}"#;
    project.send([body, r"App\\Mailer\\SendEmailMessage", "default"]);
    server.state().script.refuse = Some((550, 1));
    let said = console(&project, &server.dsn(), &["messenger:consume", "async", "--limit=1"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let said = console(&project, &server.dsn(), &["messenger:failed:show"]);
    for words in
        [r"App\Mailer\SendEmailMessage", "Welcome to Ponka, Vera", "vera@example.org", "550"]
    {
        assert!(said.out.contains(words), "{words} is missing in {}", said.out);
    }
    let ids = "SELECT CAST(id AS TEXT) AS value FROM messenger_messages";
    let id = project.values(ids).remove(0);
    let said = console(&project, &server.dsn(), &["messenger:failed:retry", &id, "--force"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_starts_a_worker_is_warned_of_links_to_this_machine() {
    const WARNING: &str = "The links in mails will begin with http://127.0.0.1:8000";
    let project = Project::new();
    let consume = ["messenger:consume", "async", "--time-limit=1"];
    let said = console(&project, "smtp://mail.example.org", &consume);
    assert!(format!("{said:?}").contains(WARNING), "{said:?}");
    let said = console(&project, "smtp://localhost:1025", &consume);
    assert!(!format!("{said:?}").contains(WARNING), "{said:?}");
}

#[test]
fn the_routing_shows_the_retries_of_mails() {
    let said = Project::new().console("debug:routing SendEmailMessage");
    assert!(said.out.contains("async") && said.out.contains("10"), "{}", said.out);
    let said = Project::new().console("debug:config messenger");
    let line = "[retry_strategy]\nSendEmailMessage = { max_retries = 10, delay = 1000";
    assert!(said.out.contains(line), "{}", said.out);
}
