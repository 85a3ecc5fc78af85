//! `kill -9` between the server's taking a mail and the worker's knowing it.

use super::process::Running;
use crate::console::project::Project;
use crate::support::eventually;
use crate::support::smtp::{SmtpServer, message_ids};

const LEASE: &str = "[transports.async]\noptions = { redeliver_timeout = 2 }\n";
const CONSUME: &str = "messenger:consume async --concurrency=8 --fetch-size=1 --sleep=0.1 \
     --keepalive=0.5";
const MAILS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_09_mails_in_hand_when_a_worker_is_killed_come_again_under_the_same_id() {
    let (project, server) = (Project::new(), SmtpServer::start());
    project.configure(LEASE);
    for number in 0..MAILS {
        let body = format!(
            r#"{{"template":"welcome","context":{{"name":"Vera"}},"to":[{{"address":"vera{number}@example.org"}}]}}"#
        );
        project.send([&body, r"App\\Mailer\\SendEmailMessage", "default"]);
    }
    let worker = || Running::start(project.command(CONSUME).env("MAILER_DSN", server.dsn()));
    server.state().script.silent = true;
    let mut killed = worker();
    eventually("all mails to be in the window", || server.mails().len() == MAILS).await;
    killed.kill();

    server.state().script.silent = false;
    let other = worker();
    let waiting = "SELECT CAST(id AS TEXT) AS value FROM messenger_messages";
    eventually("nothing to wait any more", || project.values(waiting).is_empty()).await;
    other.stop();
    let mails = server.mails();
    assert_eq!(mails.len(), 2 * MAILS, "each comes once more");
    assert_eq!(message_ids(&mails).len(), MAILS);
}
