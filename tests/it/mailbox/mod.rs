//! The dev mailbox: mails in a folder, seen through HTTP and through a real browser.

mod api;
mod browser;
mod files;
mod pages;
mod robust;

use std::fs;
use std::path::PathBuf;

use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use ponka::developer::mailbox::{DevMailbox, MailFolder};
use tempfile::TempDir;

use crate::support::{Answer, TestApp, TestDatabase};

/// An application in dev with a mailbox of its own.
pub(super) struct Post {
    pub(super) app: TestApp,
    pub(super) folder: PathBuf,
    _folder: TempDir,
}

impl Post {
    pub(super) async fn open() -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().join("mail");
        let app = TestApp::builder(TestDatabase::sqlite())
            .var("APP_ENV", "dev")
            .var("MAILER_DSN", format!("file://{}", folder.display()))
            .start()
            .await;
        Self { app, folder, _folder: temporary }
    }

    /// Puts a mail into the folder as the mailer does: by a rename.
    pub(super) fn deliver(&self, id: &str, mail: &[u8]) {
        self.write(&format!("{id}.eml"), mail);
    }

    /// Who gets the mail in truth.
    pub(super) fn address(&self, id: &str, recipients: &[&str]) {
        let envelope =
            serde_json::json!({"forward_path": recipients, "reverse_path": "bounce@ponka.test"});
        self.write(&format!("{id}.json"), envelope.to_string().as_bytes());
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::create_dir_all(&self.folder).unwrap();
        let unfinished = self.folder.join(format!(".{name}.tmp"));
        fs::write(&unfinished, bytes).unwrap();
        fs::rename(unfinished, self.folder.join(name)).unwrap();
    }

    pub(super) fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.app.visitor().get(path).await
    }

    /// The text of a page, which must be there, above the profiler's bar.
    pub(super) async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let text = answer.text();
        let page = text.split("<aside class=\"debug\"").next().unwrap_or_default();
        page.to_owned()
    }

    /// The folder as the application sees it.
    pub(super) fn mail_folder(&self) -> MailFolder {
        match &self.app.kernel.developer.as_ref().expect("tools for developers").mailbox {
            DevMailbox::Here(folder) => folder.clone(),
            DevMailbox::Elsewhere(_) => panic!("the mails are in a folder"),
        }
    }

    /// The ids that a search finds.
    pub(super) async fn ids(&self, query: &str) -> Vec<String> {
        let answer = self.get(&format!("/dev/mailbox/api/messages{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text());
        let items = answer.json()["items"].as_array().unwrap().clone();
        items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    }
}

/// A mail by hand, with these headers.
pub(super) fn letter(headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut mail = String::new();
    for (name, value) in headers {
        mail.push_str(&format!("{name}: {value}\r\n"));
    }
    format!("{mail}\r\n{body}").into_bytes()
}

/// A short mail to somebody.
pub(super) fn note(to: &str, subject: &str) -> Vec<u8> {
    let headers = [("From", "Ponka <ponka@ponka.test>"), ("To", to), ("Subject", subject)];
    letter(&headers, "Meow.\r\n")
}

/// A mail of nothing but HTML.
pub(super) fn html_mail(html: &str) -> Vec<u8> {
    let headers = [
        ("From", "ponka@ponka.test"),
        ("To", "vera@example.com"),
        ("Subject", "HTML"),
        ("Content-Type", "text/html; charset=utf-8"),
    ];
    letter(&headers, html)
}

/// A mail with everything, as our own mailer builds it.
pub(super) fn welcome() -> Vec<u8> {
    let png = ContentType::parse("image/png").unwrap();
    let pdf = ContentType::parse("application/pdf").unwrap();
    let html = "<h1 style=\"color: #b03a55\">Welcome, Vera</h1>\
        <p><a href=\"https://ponka.test/confirm?a=1&amp;b=2\">Confirm</a></p>\
        <img src=\"cid:cat\" alt=\"a cat\"><img src=\"http://tracker.test/pixel\">";
    let body = MultiPart::alternative()
        .singlepart(SinglePart::plain(
            "Welcome, Vera!\n\nConfirm: https://ponka.test/confirm?a=1&b=2\nHelp: https://ponka.test/help."
                .to_owned(),
        ))
        .multipart(
            MultiPart::related()
                .singlepart(SinglePart::html(html.to_owned()))
                .singlepart(Attachment::new_inline("cat".to_owned()).body(b"a png".to_vec(), png)),
        );
    let mixed = MultiPart::mixed().multipart(body).singlepart(
        Attachment::new("Käse \"1\".pdf".to_owned()).body(b"%PDF a cheese".to_vec(), pdf),
    );
    let mailbox = |text: &str| text.parse::<Mailbox>().unwrap();
    let mail = lettre::Message::builder()
        .from(mailbox("Ponka the Cat <ponka@ponka.test>"))
        .to(mailbox("Vera <vera@example.com>"))
        .cc(mailbox("Max <max@example.com>"))
        .subject("Welcome to Ponka, Vera — schön!")
        .message_id(Some("<welcome-1@ponka.test>".to_owned()))
        .multipart(mixed);
    mail.unwrap().formatted()
}
