//! PostgreSQL carries out a COMMIT, and its answer is lost: what is committed counts, and nothing is
//! undone or done again on a guess.

use crate::accounts::{PASSWORD, sign_in, vera};
use crate::support::proxy::{Network, Proxy};
use crate::support::{Answer, TestApp, Visitor, network, photos};

/// The gallery, which reaches its database through a proxy; `None`, said aloud, without a server.
async fn behind_a_proxy() -> Option<(TestApp, Proxy)> {
    let (app, proxy) = network::behind_a_proxy()?;
    Some((app.start().await, proxy))
}

async fn upload(visitor: &Visitor, key: Option<&str>) -> Answer {
    let headers: Vec<_> = key.map(|key| ("Idempotency-Key", key)).into_iter().collect();
    visitor.post_form("/api/images", &headers, &[("cat.jpg", &photos::cat())]).await
}

/// The photo of an answer is shown now, and after Ponka's visit too.
async fn is_whole(app: &TestApp, visitor: &Visitor, answer: &Answer) {
    assert_eq!(answer.status, 201, "{}", answer.text());
    let image =
        answer.json()["items"].as_array().map_or_else(|| answer.json(), |all| all[0].clone());
    let path = image["@id"].as_str().unwrap();
    for visit in ["before", "after"] {
        let now = visitor.get(path).await.json();
        let shown = visitor.get(now["url"].as_str().unwrap()).await;
        assert_eq!(shown.status, 200, "{visit} Ponka's visit");
        app.work().await;
    }
    assert_eq!(visitor.get(path).await.json()["status"], "done");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r1_an_upload_whose_commit_is_not_answered_is_taken_and_keeps_its_files() {
    let Some((app, proxy)) = behind_a_proxy().await else { return };
    for (number, key) in [None, Some("one-photo")].into_iter().enumerate() {
        let visitor = app.visitor();
        visitor.get("/").await;
        proxy.lose_answer_to(b"COMMIT");
        let answer = upload(&visitor, key).await;
        assert_eq!(proxy.lost_answers(), number + 1, "{}", answer.text());
        is_whole(&app, &visitor, &answer).await;
        assert_eq!(app.rows(), number + 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r1_an_upload_of_which_nobody_knows_is_503_keeps_its_files_and_is_found_again() {
    let Some((app, proxy)) = behind_a_proxy().await else { return };
    let visitor = app.visitor();
    visitor.get("/").await;
    proxy.lose_answers_to(b"COMMIT", 1, Network::Cut);
    let answer = upload(&visitor, Some("one-photo")).await;
    assert_eq!((answer.status, proxy.lost_answers()), (503, 1), "{}", answer.text());
    assert!(answer.text().contains("We don't know yet whether"), "{}", answer.text());
    assert!(!app.files().is_empty(), "its files may belong to a photo");
    proxy.set(Network::Works);
    let answer = upload(&visitor, Some("one-photo")).await;
    is_whole(&app, &visitor, &answer).await;
    assert_eq!(app.rows(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r1_a_registration_whose_commits_are_not_answered_is_done() {
    let Some((app, proxy)) = behind_a_proxy().await else { return };
    let visitor = app.visitor();
    visitor.upload_one("cat.jpg", &photos::cat()).await;
    // One counts the attempt, one makes the account, one is that of the event.
    proxy.lose_answers_to(b"COMMIT", 3, Network::Works);
    let answer = visitor.register("Vera", "vera@example.com", PASSWORD).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!((proxy.lost_answers(), app.database.count("app_user")), (3, 1));
    let mails = app.queue("default");
    assert!(mails.len() == 1 && mails[0].contains("welcome"), "{mails:?}");
    sign_in(&visitor, "vera@example.com", PASSWORD).await;
    assert!(visitor.get("/account").await.text().contains("1 photo<"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r1_deletions_whose_commits_are_not_answered_are_done() {
    let Some((app, proxy)) = behind_a_proxy().await else { return };
    let visitor = vera(&app).await;
    let mut images = Vec::new();
    for name in ["one.jpg", "two.jpg"] {
        images.push(visitor.upload_one(name, &photos::cat()).await);
    }
    app.work().await;
    proxy.lose_answer_to(b"COMMIT");
    let answer = visitor.delete(images[0]["@id"].as_str().unwrap()).await;
    assert_eq!((answer.status, proxy.lost_answers(), app.rows()), (204, 1, 1), "{}", answer.text());
    // Two are about the password.
    proxy.lose_answers_to(b"COMMIT", 3, Network::Works);
    let answer = visitor.post("/account/delete", &[("confirm", PASSWORD)]).await;
    assert_eq!((answer.status, proxy.lost_answers()), (303, 4), "{}", answer.text());
    assert_eq!(app.database.count("app_user"), 0);
    app.work().await;
    app.assert_empty("all is deleted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r1_a_worker_none_of_whose_commits_is_answered_does_its_work_once() {
    let Some((app, proxy)) = behind_a_proxy().await else { return };
    let visitor = app.visitor();
    let answer = upload(&visitor, None).await;
    proxy.lose_answers_to(b"COMMIT", 1000, Network::Works);
    app.work().await;
    assert!(proxy.lost_answers() >= 3, "{}", proxy.lost_answers());
    proxy.lose_answers_to(b"nothing at all", 1, Network::Works);
    assert_eq!((app.queued(), app.queue("failed").len()), (0, 0));
    is_whole(&app, &visitor, &answer).await;
}
