//! Mails in the folder of developers, and their HTML in its cage.

use ponka::developer::mailbox::MailFolder;

use super::inputs;

const PLAIN: &[u8] = b"From: Ponka <ponka@ponka.test>\r\nTo: vera@example.com, \"M, ax\" <m@x.test>\r\n\
    Subject: =?utf-8?q?K=C3=A4se?= =?x?b?=3D?=\r\nMessage-ID: <1@x>\r\nDate: Mon, 1 Jan 2026 00:00:00 +0000\
    \r\n\r\nSee https://ponka.test/(a)?b=c). And (http://x.test/)).\r\n";
const PARTS: &[u8] = b"From: a@b.test\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\n\
    Content-Type: text/html; charset=iso-8859-15\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
    <p>=E4<img src=3D\"cid:cat\">=\r\n\r\n--b\r\nContent-ID: <cat>\r\nContent-Type: image/png; name*=3D\
    utf-8''a%00\r\nContent-Transfer-Encoding: base64\r\n\r\ncG5n\r\n--b--\r\n";
/// Mails within mails, each said in another way.
const WITHIN: &[u8] = b"From: a@b.test\r\nContent-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nTo: \
    c@d.test\r\nContent-Type: message/rfc822\r\n\r\nContent-Type: (x)Message/(;)Global\r\n\r\n\r\n--b\r\n\
    Con tent-Type:\r\n message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nQ29udGVudC1UeXBlOiBtZXNzYWdl\
    L3JmYzgyMgoKCg==\r\n--bContent-Type: message/rfc822\r\n\r\nHello\r\n--b--\r\n";
const HTML: &[u8] = b"From: a@b.test\r\nContent-Type: text/html\r\n\r\n<!doctype html public \"a\" 'b'><base \
    href=x><meta http-equiv=refresh content='0;url=http://evil.test'><style>a > b { c: 'd' }</style>\
    <svg><style><script>alert(1)</script></style><a xlink:href='javascript:x' href=\"java\nscript:x\">\
    </svg><math><mi></mi><xmp><link rel=preconnect href=//evil.test></xmp><textarea></title><img src=x \
    onerror=y></textarea><plaintext><iframe srcdoc='<script>'>";

/// Elements that run, load or lead elsewhere without being asked.
const FORBIDDEN: [&str; 12] = [
    "script",
    "base",
    "meta",
    "link",
    "iframe",
    "object",
    "embed",
    "frame",
    "frameset",
    "plaintext",
    "xmp",
    "noembed",
];

/// The names of everything in the document that a browser could take for an element, wherever it is.
fn tags(document: &str) -> impl Iterator<Item = String> {
    document.split('<').skip(1).map(|rest| {
        let name = rest.split([' ', '\t', '\n', '\r', '\u{c}', '/', '>']).next();
        name.unwrap_or_default().to_ascii_lowercase()
    })
}

#[tokio::test]
async fn ops_17_any_mail_is_shown_and_its_html_can_do_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mails = MailFolder::new(folder.path().to_path_buf());
    let path = folder.path().join("fuzz.eml");
    for input in inputs(&[PLAIN, PARTS, WITHIN, HTML]) {
        std::fs::write(&path, &*input).unwrap();
        let mail = mails.find("fuzz".parse().unwrap()).await.unwrap();
        assert_eq!(mail.raw, &*input);
        let Some(document) = mail.frame_document() else { continue };
        for tag in tags(&document) {
            assert!(!FORBIDDEN.contains(&tag.as_str()), "<{tag}> in {document}");
        }
        assert!(!document.to_ascii_lowercase().contains(" href=\"javascript:"), "{document}");
    }
    assert_eq!(mails.page(1).await.unwrap().total, 1);
}
