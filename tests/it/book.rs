//! The book in the gallery: every page, every link, and nothing but the book.

use std::path::Path;

use ponka::developer::book;
use url::Url;

use crate::support::{Answer, TestApp, TestDatabase, Visitor};

async fn app_in(environment: &str) -> TestApp {
    TestApp::builder(TestDatabase::sqlite())
        .var("APP_ENV", environment)
        .var("APP_SECRET", "0123456789abcdef0123456789abcdef")
        .start()
        .await
}

/// The page, without the bar that the profiler puts under it.
fn text(answer: &Answer) -> String {
    answer.text().split("<aside class=\"debug\"").next().unwrap_or_default().to_owned()
}

/// The values of this attribute in a page.
fn values(html: &str, attribute: &str) -> Vec<String> {
    let quoted = format!(" {attribute}=\"");
    let rests = html.split(&*quoted).skip(1);
    let values = rests.filter_map(|rest| rest.split('"').next());
    values.map(|value| value.replace("&amp;", "&").replace("&#x2f;", "/")).collect()
}

/// Follows what a page of the book links to and shows, as a browser does; gives what leads nowhere.
async fn follow(visitor: &Visitor, path: &str, html: &str) -> Vec<String> {
    let base = Url::parse("http://ponka.test").unwrap().join(path).unwrap();
    let mut broken = Vec::new();
    for link in [values(html, "href"), values(html, "src")].concat() {
        let place = base.join(&link).unwrap();
        if place.host_str() != Some("ponka.test") {
            continue;
        }
        let target = visitor.get(place.path()).await;
        let is_named = |name: &str| values(&text(&target), "id").iter().any(|id| id == name);
        if target.status != 200 || !place.fragment().is_none_or(is_named) {
            broken.push(format!("{path} leads to {link}: {}", target.status));
        }
    }
    broken
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_of_the_book_answers_and_so_do_all_its_links_and_pictures() {
    let app = app_in("dev").await;
    let (visitor, chapters) = (app.visitor(), book::chapters());
    assert!(chapters.len() > 5, "{chapters:?}");
    let mut broken = Vec::new();
    for (number, chapter) in chapters.iter().enumerate() {
        let path = format!("/dev/book/{}", chapter.path);
        let page = visitor.get(&path).await;
        assert_eq!(page.status, 200, "{path}");
        let html = text(&page);
        assert_eq!(html.matches("<h1").count(), 1, "{path}");
        assert!(!html.contains(" style=") && !html.contains("<style"), "{path}");
        assert!(!html.contains("<script") && !html.contains(" onclick"), "{path}");
        let is_turned = |rel: &str, to: Option<usize>| {
            let link = to.and_then(|to| chapters.get(to));
            let link = link.map(|to| format!("<a rel=\"{rel}\" href=\"/dev/book/{}\"", to.path));
            let html = html.replace("&#x2f;", "/");
            link.map_or(!html.contains(&format!("rel=\"{rel}\"")), |link| html.contains(&link))
        };
        assert!(is_turned("prev", number.checked_sub(1)), "{path}");
        assert!(is_turned("next", Some(number + 1)), "{path}");
        broken.extend(follow(&visitor, &path, &html).await);
    }
    let first = visitor.get("/dev/book/").await;
    assert_eq!(first.status, 200);
    broken.extend(follow(&visitor, "/dev/book/", &text(&first)).await);
    assert!(broken.is_empty(), "{broken:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_have_their_types_and_the_book_without_a_slash_leads_to_it() {
    let app = app_in("dev").await;
    let visitor = app.visitor();
    let picture = visitor.get("/dev/book/gallery.png").await;
    assert_eq!(picture.header("content-type"), Some("image/png"));
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    assert_eq!(picture.body, std::fs::read(docs.join("gallery.png")).unwrap());
    let drawing = visitor.get("/dev/book/walkthrough/drawings/whole.svg").await;
    assert_eq!(drawing.header("content-type"), Some("image/svg+xml; charset=utf-8"));
    let moved = visitor.get("/dev/book").await;
    assert_eq!((moved.status, moved.header("location")), (308, Some("/dev/book/")));
    let posted = visitor.send("POST", "/dev/book/", &[], b"").await;
    assert_eq!((posted.status, posted.header("allow")), (405, Some("GET, HEAD")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_but_the_book_can_be_read() {
    let app = app_in("dev").await;
    let visitor = app.visitor();
    for path in [
        "../README.md",
        "..%2fREADME.md",
        "%2e%2e/README.md",
        "walkthrough/../../README.md",
        "walkthrough/..%2f..%2fREADME.md",
        "reference/%2e%2e/%2e%2e/ARCHITECTURE.md",
        "..%5cREADME.md",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "//README.md/..",
        "book.toml",
        ".env",
        "reference",
        "reference/",
        "README.md%00.png",
        "nothing.md",
        "nothing.png",
    ] {
        let answer = visitor.get(&format!("/dev/book/{path}")).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_in_dev_there_is_a_book_and_a_link_to_it() {
    const LINK: &str = "<a href=\"/dev/book/\">How it works: the walkthrough</a>";
    let dev = app_in("dev").await;
    for path in ["/", "/login", "/nowhere", "/_profiler", "/dev/mailbox", "/dev/book/"] {
        assert!(dev.visitor().get(path).await.text().contains(LINK), "{path}");
    }
    for environment in ["test", "prod"] {
        let app = app_in(environment).await;
        let visitor = app.visitor();
        let nowhere = visitor.get("/nowhere").await;
        for path in ["/dev/book", "/dev/book/", "/dev/book/README.md", "/dev/book/gallery.png"] {
            let answer = visitor.get(path).await;
            assert_eq!((answer.status, &answer.body), (404, &nowhere.body), "{environment} {path}");
        }
        for path in ["/", "/login", "/nowhere"] {
            assert!(!visitor.get(path).await.text().contains("/dev/"), "{environment} {path}");
        }
    }
}
