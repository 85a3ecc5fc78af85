//! The panel *Messages*.

use serde_json::json;

use super::recorded::{Anything, messenger, profiler, record};
use super::{dev, panel, panel_of, token};
use crate::support::{TestDatabase, on_both_databases, photos};

on_both_databases![
    s2_11_the_stamp_is_there_when_dispatching_and_absent_after,
    a_nested_dispatch_is_listed_after_the_one_around_it,
    each_bus_has_a_tab_with_its_count,
    a_failure_is_shown_with_its_message,
    requests_at_the_same_time_do_not_mix,
];

/// The rows of the first message with this name, tags taken out.
fn entry(page: &str, name: &str) -> String {
    let (_, rest) = page
        .split_once(&format!("class=\"entry-name\">{name}<"))
        .unwrap_or_else(|| panic!("{name}: {page}"));
    let entry = rest.split("</details>").next().unwrap();
    let mut text = String::new();
    let mut is_tag = true;
    for c in entry.chars() {
        match c {
            '<' => {
                is_tag = true;
                text.push(' ');
            }
            '>' => is_tag = false,
            c if !is_tag => text.push(c),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn s2_11_the_stamp_is_there_when_dispatching_and_absent_after(database: TestDatabase) {
    let app = dev(database).start().await;
    let visitor = app.visitor();
    let answer = visitor.post_form("/images", &[], &[("cat.jpg", &photos::cat())]).await;
    let message = entry(&panel(&visitor, &answer, "messages").await, "AddPonkaToImage");

    let (_, caller) = message
        .split_once("Caller src/controller/upload/store.rs:")
        .unwrap_or_else(|| panic!("{message}"));
    assert!(caller.starts_with(|c: char| c.is_ascii_digit()), "{message}");
    assert!(
        message.contains("Bus command.bus Message { &quot;imagePostId&quot;: &quot;"),
        "{message}"
    );
    let (before, after) = message.split_once("Envelope stamps after dispatch").unwrap();
    let (_, before) = before.split_once("Envelope stamps when dispatching").unwrap();
    assert_eq!(before.trim(), "DispatchAfterCurrentBusStamp");
    let after = after.split(" Now ").next().unwrap();
    for stamp in ["BusNameStamp", "UniqueIdStamp", "SentStamp", "TransportMessageIdStamp"] {
        assert!(after.contains(stamp), "{stamp}: {after}");
    }
    assert!(!after.contains("DispatchAfterCurrentBusStamp"), "{after}");
    let headers = app.database.values("SELECT headers AS value FROM messenger_messages");
    assert!(!headers[0].contains("DispatchAfterCurrentBus"), "{headers:?}");
}

async fn a_nested_dispatch_is_listed_after_the_one_around_it(database: TestDatabase) {
    let app = dev(database).start().await;
    let visitor = app.visitor();
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    let answer = visitor.delete(image["@id"].as_str().unwrap()).await;
    assert_eq!(answer.status, 204);

    let profile = profiler(&app).find(&token(&answer)).unwrap();
    let messages: Vec<_> = profile
        .messages
        .iter()
        .map(|message| (message.name.as_str(), message.queued_on.join(","), message.is_waiting))
        .collect();
    let queued = ("DeletePhotoFile", "async".to_owned(), false);
    assert_eq!(messages, [("DeleteImagePost", String::new(), false), queued]);
    let callers: Vec<_> =
        profile.messages.iter().map(|message| message.caller.split(':').next().unwrap()).collect();
    let handler = "src/handler/command/delete_image_post.rs";
    assert_eq!(callers, ["src/controller/gallery.rs", handler]);
    let page = panel(&visitor, &answer, "messages").await;
    assert!(entry(&page, "DeleteImagePost").contains("HandledStamp"));
}

async fn each_bus_has_a_tab_with_its_count(database: TestDatabase) {
    let app = dev(database).start().await;
    let visitor = app.visitor();
    let refused = visitor.post_form("/images", &[], &[("cat.txt", b"no photo")]).await;
    let page = panel(&visitor, &refused, "messages").await;
    assert!(!page.contains("aria-label=\"Buses\""), "one bus needs no tabs: {page}");
    assert!(entry(&page, "GetTotalImageCount").contains("Caller src/controller/gallery.rs:"));

    let profile = profiler(&app).begin(ponka::developer::profiler::Request::default(), None);
    ponka::developer::profiler::record(profile.clone(), async {
        let query = ponka::message::query::GetTotalImageCount {};
        let _: u64 = app.kernel.messenger.ask_on(ponka::message::QUERY_BUS, query).await.unwrap();
        let unknown = ponka::message::command::DeleteImagePost { image_post_id: uuid::Uuid::nil() };
        let _ = app.kernel.messenger.dispatch_on(ponka::message::COMMAND_BUS, unknown).await;
    })
    .await;
    profiler(&app).keep(profile.clone());
    let page = panel_of(&visitor, profile.token(), "messages").await;
    let link = format!("/_profiler/{}?panel=messages&amp;bus=query.bus", profile.token());
    assert!(page.contains(&link), "{page}");
    let one = visitor.get(&link.replace("&amp;", "&")).await.text();
    assert!(one.contains("GetTotalImageCount") && !one.contains("entry-name\">DeleteImagePost"));
}

async fn a_failure_is_shown_with_its_message(database: TestDatabase) {
    let app = dev(database).start().await;
    let messenger = messenger(&app, &[]);
    let failing = Anything(json!({"refuse": "no <b>way</b>, password=canary"}));
    let token = record(&app, &messenger, [failing.into(), Anything(json!({})).into()]).await;
    let visitor = app.visitor();
    let page = panel_of(&visitor, &token, "messages").await;
    let message = entry(&page, "Anything");
    assert!(message.contains("no &lt;b&gt;way&lt;/b&gt;, password=***"), "{message}");
    assert!(page.contains("<span class=\"badge bad\">exception</span>"), "{page}");
    assert!(page.contains("Messages <span class=\"count bad\">2</span>"), "{page}");
    assert!(!page.contains("canary"), "{page}");
    let summary = visitor.get(&format!("/_profiler/{token}.json")).await.json();
    assert_eq!((&summary["messages"], &summary["failedMessages"]), (&json!(2), &json!(1)));
}

async fn requests_at_the_same_time_do_not_mix(database: TestDatabase) {
    let app = dev(database).start().await;
    let photo = photos::cat();
    let uploads = (0..8).map(|_| async {
        let answer = app.visitor().upload(&[("cat.jpg", &photo)]).await;
        assert_eq!(answer.status, 201);
        answer
    });
    for answer in futures_util::future::join_all(uploads).await {
        let profile = profiler(&app).find(&token(&answer)).unwrap();
        let own: Vec<_> = profile.messages.iter().map(|one| &one.contents["imagePostId"]).collect();
        assert_eq!(own, [&answer.json()["id"]]);
        let inserts = profile
            .statements
            .iter()
            .filter(|one| one.sql.contains("INSERT INTO") && one.sql.contains("original_filename"))
            .count();
        assert_eq!(inserts, 1, "{:#?}", profile.statements);
    }
}
