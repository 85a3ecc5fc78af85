//! SEC-20: what is secret is in no log, on no page of an error and in no queue.

use crate::accounts::sign_in;
use crate::console::project::Project;
use crate::support::Visitor;
use crate::support::smtp::SmtpServerThatIsDown;

use super::process::Running;

const PASSWORD: &str = "canary-password-6f1c";
const NEW_PASSWORD: &str = "canary-new-password-90ab";
const MAIL_PASSWORD: &str = "canary-smtp-4d2e";
const SECRET: &str = "canary-secret-that-has-more-than-32-bytes";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_20_secrets_are_in_no_log_and_in_no_queue() {
    let project = Project::new();
    let down = SmtpServerThatIsDown::new();
    let dsn = down.dsn().replace("smtp://", &format!("smtp://ponka:{MAIL_PASSWORD}@"));
    project.configure("[retry_strategy]\nSendEmailMessage = { max_retries = 0 }\n");
    let mut gallery = project.gallery("");
    gallery.env("RUST_LOG", "trace").env("MAILER_DSN", &dsn).env("APP_SECRET", SECRET);
    let mut gallery = Running::start(&mut gallery);
    let visitor = Visitor::new(gallery.address());
    visitor.get("/").await;
    let mut secrets: Vec<String> = [PASSWORD, NEW_PASSWORD, MAIL_PASSWORD, SECRET]
        .iter()
        .map(ToString::to_string)
        .chain(visitor.cookie("ponka_visitor"))
        .collect();
    let mut pages = vec![visitor.register("Vera", "vera@example.com", PASSWORD).await];
    gallery.line("will be sent to the failure transport");
    pages.push(visitor.sign_in("vera@example.com", NEW_PASSWORD).await);
    sign_in(&visitor, "vera@example.com", PASSWORD).await;
    secrets.extend(visitor.cookie("session"));
    secrets.extend(visitor.cookie("ponka_device"));
    let fields = [("current", PASSWORD), ("password", NEW_PASSWORD)];
    pages.push(visitor.post("/account/password", &fields).await);
    secrets.extend(visitor.cookie("session"));
    project.execute("ALTER TABLE session RENAME TO gone");
    pages.push(visitor.post("/account/delete", &[("confirm", NEW_PASSWORD)]).await);
    assert_eq!(pages.last().unwrap().status, 500);
    project.execute("ALTER TABLE gone RENAME TO session");
    assert!(secrets.len() >= 8, "{}", secrets.len());

    let mut said = gallery.stop();
    for command in ["messenger:failed:show -vv", "debug:config messenger", "doctor"] {
        let mut command = project.command(command);
        let output = command.env("MAILER_DSN", &dsn).env("APP_SECRET", SECRET).output().unwrap();
        said.push(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned());
    }
    said.push(std::fs::read_to_string(project.path("var/log/messenger.log")).unwrap());
    said.extend(project.values("SELECT body || headers AS value FROM messenger_messages"));
    said.extend(pages.iter().map(crate::support::Answer::text));
    said.extend(project.values("SELECT token_hash AS value FROM session"));
    let said = said.join("\n");
    assert!(
        said.contains("SendEmailMessage") && said.contains("INFO"),
        "there is something to read"
    );
    for secret in secrets {
        if let Some((before, _)) = said.split_once(&secret) {
            let line = before.lines().last().unwrap_or_default();
            panic!("{secret} was told: {line}");
        }
    }
}
