//! The panels *SQL* and *Timeline*.

use super::recorded::profiler;
use super::{dev, panel, token};
use crate::support::{TestDatabase, on_both_databases, photos};

on_both_databases![
    the_transaction_is_listed_with_what_was_written_in_it,
    what_is_asked_again_and_again_is_pointed_out,
];

async fn the_transaction_is_listed_with_what_was_written_in_it(database: TestDatabase) {
    let app = dev(database).start().await;
    let visitor = app.visitor();
    let answer = visitor.post_form("/images", &[], &[("cat.jpg", &photos::cat())]).await;
    let profile = profiler(&app).find(&token(&answer)).unwrap();
    let place = |words: &[&str]| {
        let has = |sql: &str| words.iter().all(|word| sql.contains(word));
        let found = profile.statements.iter().position(|statement| has(&statement.sql));
        found.unwrap_or_else(|| panic!("{words:?}: {:#?}", profile.statements))
    };
    let (photo, message) =
        (place(&["INSERT INTO", "image_post"]), place(&["INSERT INTO", "messenger_messages"]));
    assert!(place(&["BEGIN"]) < photo && photo < message && message < place(&["COMMIT"]));
    let photo = &profile.statements[photo];
    assert!(photo.duration > 0.0 && photo.start <= profile.duration);
    assert!(!photo.sql.contains("cat.jpg"), "values are not kept: {}", photo.sql);

    let page = panel(&visitor, &answer, "sql").await;
    assert!(page.contains(" in all<") && page.contains(">COMMIT<"), "{page}");
    let page = panel(&visitor, &answer, "timeline").await;
    assert!(page.contains("<rect x=\"") && page.contains("AddPonkaToImage on command.bus"));
    assert!(!page.contains("style="), "{page}");
}

async fn what_is_asked_again_and_again_is_pointed_out(database: TestDatabase) {
    let app = dev(database).start().await;
    let visitor = app.visitor();
    let (one, other) = (photos::cat(), photos::jpeg(200, 100));
    let answer = visitor.upload(&[("cat.jpg", &one), ("dog.jpg", &other)]).await;
    let page = panel(&visitor, &answer, "sql").await;
    let (_, hint) = page.split_once("Ran more than once").unwrap_or_else(|| panic!("{page}"));
    let hint = hint.split("</ul>").next().unwrap();
    assert!(hint.contains("2 times:") && hint.contains("image_post"), "{hint}");
    assert!(!hint.contains("COMMIT"), "{hint}");
    let home = visitor.get("/").await;
    let page = panel(&visitor, &home, "sql").await;
    assert!(!page.contains("Ran more than once"), "{page}");
}
