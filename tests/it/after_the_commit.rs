//! The database goes away right after the answer to a COMMIT: what was asked for is done, is answered so,
//! and what follows from it comes when the database is back.

use crate::accounts::{PASSWORD, vera};
use crate::support::proxy::{Network, Proxy};
use crate::support::smtp::SmtpServer;
use crate::support::{LET_LEASES_END, TestApp, network, photos};

/// The gallery, which reaches its database through a proxy; `None`, said aloud, without a server.
async fn behind_a_proxy(mails: &SmtpServer) -> Option<(TestApp, Proxy)> {
    let (app, proxy) = network::behind_a_proxy()?;
    Some((app.var("MAILER_DSN", mails.dsn()).start().await, proxy))
}

/// From the answer to the so many-th COMMIT on there is no database.
fn cut_after(proxy: &Proxy, commits: usize) {
    proxy.change_after_answers_to(b"COMMIT", commits, Network::Cut);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r3_a_registration_is_done_although_the_database_is_away_when_its_event_comes() {
    let mails = SmtpServer::start();
    let Some((app, proxy)) = behind_a_proxy(&mails).await else { return };
    let visitor = app.visitor();
    visitor.upload_one("cat.jpg", &photos::cat()).await;
    app.work().await;
    // One counts the attempt, one makes the account.
    cut_after(&proxy, 2);
    let answer = visitor.register("Vera", "vera@example.com", PASSWORD).await;
    let user = app.database.values("SELECT id AS value FROM app_user");
    assert_eq!((user.len(), app.database.count("messenger_outbox")), (1, 1), "its event waits");
    let location = answer.header("location");
    assert_eq!((answer.status, location), (303, Some("/register/done")), "{}", answer.text());

    proxy.set(Network::Works);
    app.database.execute(LET_LEASES_END);
    app.work().await;
    let mails = mails.mails();
    assert!(mails.len() == 1 && mails[0].to == ["vera@example.com"], "{}", mails.len());
    let owner = app.database.values("SELECT owner_id AS value FROM image_post");
    assert_eq!((owner, app.database.count("messenger_outbox")), (user, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r3_an_upload_is_done_although_the_database_is_away_after_its_commit() {
    let mails = SmtpServer::start();
    let Some((app, proxy)) = behind_a_proxy(&mails).await else { return };
    let visitor = app.visitor();
    visitor.get("/").await;
    cut_after(&proxy, 1);
    let answer = visitor.upload(&[("cat.jpg", &photos::cat())]).await;
    assert_eq!((app.rows(), app.queue("high").len()), (1, 1), "{}", answer.text());
    assert_eq!(answer.status, 201, "{}", answer.text());
    proxy.set(Network::Works);
    app.work().await;
    let image = visitor.get(answer.json()["@id"].as_str().unwrap()).await.json();
    assert_eq!(image["status"], "done");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r3_a_photo_is_deleted_although_the_database_is_away_after_the_commit() {
    let mails = SmtpServer::start();
    let Some((app, proxy)) = behind_a_proxy(&mails).await else { return };
    let visitor = app.visitor();
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    app.work().await;
    cut_after(&proxy, 1);
    let answer = visitor.delete(image["@id"].as_str().unwrap()).await;
    assert_eq!((answer.status, app.rows()), (204, 0), "{}", answer.text());
    proxy.set(Network::Works);
    app.work().await;
    app.assert_empty("all is deleted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r3_an_account_is_deleted_although_the_database_is_away_after_the_commit() {
    let mails = SmtpServer::start();
    let Some((app, proxy)) = behind_a_proxy(&mails).await else { return };
    let visitor = vera(&app).await;
    visitor.upload_one("cat.jpg", &photos::cat()).await;
    app.work().await;
    // Two are about the password.
    cut_after(&proxy, 3);
    let answer = visitor.post("/account/delete", &[("confirm", PASSWORD)]).await;
    let accounts = app.database.count("app_user");
    assert_eq!((answer.status, accounts), (303, 0), "{}", answer.text());
    proxy.set(Network::Works);
    app.work().await;
    app.assert_empty("all is deleted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r3_a_photo_waits_again_although_the_database_is_away_after_its_commit() {
    let mails = SmtpServer::start();
    let Some((app, proxy)) = behind_a_proxy(&mails).await else { return };
    let visitor = app.visitor();
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    app.work().await;
    app.database.execute("UPDATE image_post SET status = 'failed'");
    cut_after(&proxy, 1);
    let path = format!("{}/retry", image["@id"].as_str().unwrap());
    let answer = visitor.post(&path, &[]).await;
    assert_eq!(app.queue("high").len(), 1, "its message waits");
    assert_eq!((answer.status, &answer.json()["status"]), (200, &"queued".into()));
    proxy.set(Network::Works);
}
