//! What becomes of the HTML of hostile and of honest mails.

use super::html::{self, InlineImages, frame_document};
use super::mail::Attachment;

fn framed(html: &str) -> String {
    frame_document(html, &InlineImages::of(&[]))
}

fn picture(content_id: &str, content_type: &str, bytes: &[u8]) -> Attachment {
    Attachment {
        name: None,
        content_type: content_type.to_owned(),
        content_id: Some(content_id.to_owned()),
        bytes: bytes.to_vec(),
    }
}

#[test]
fn what_loads_sends_or_leads_astray_is_left_out() {
    for (html, expected) in [
        ("a<script>alert(1)</script>b", "ab"),
        ("a<script>document.write('<b>')", "a"),
        ("<ScRiPt src=x></sCrIpT >b", "b"),
        ("<base href='http://evil.test/'>b", "b"),
        ("<meta http-equiv=refresh content='0;url=http://evil.test'>b", "b"),
        ("<link rel=preconnect href=http://evil.test>b", "b"),
        ("<iframe src=x><p>in</p></iframe>b", "b"),
        ("<object data=x><p>in</p></object>", "<p>in</p>"),
        ("<img src=http://evil.test/x onerror=alert(1) alt=cat>", "<img alt=\"cat\">"),
        ("<img srcset='x 2x' src='/logo.png'>", "<img>"),
        ("<img src='data:image/svg+xml,<svg/>'>", "<img>"),
        ("<form action=http://evil.test><button formaction=x>b", "<form><button>b"),
        ("<body background=x onload=y>", "<body>"),
        ("<a href=javascript:alert(1)>b</a>", "<a>b</a>"),
        ("<a href=' java\nscript:alert(1)'>b</a>", "<a>b</a>"),
        ("<a href=/logout ping=x>b</a>", "<a>b</a>"),
        ("<svg><use href=x xlink:href=y></svg>", "<svg><use></svg>"),
        (
            "<svg><style>a{}<meta http-equiv=refresh content='0;url=http://evil.test'></style>",
            "<svg><style>a{}\\3c meta http-equiv=refresh content='0;url=http://evil.test'></style>",
        ),
        ("<b <i \"x=1 y='&quot;>'>", "<b y=\"&quot;&gt;\">"),
        ("a<!-- b -->c", "ac"),
        ("a &lt;script&gt; b", "a &lt;script&gt; b"),
    ] {
        assert_eq!(framed(html), expected, "{html}");
    }
}

#[test]
fn an_honest_mail_keeps_its_looks() {
    let html = "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\" \
        \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\"><html lang=\"en\"><head>\
        <title>A &amp; B</title><style>a > b { color: red }</style></head>\
        <body bgcolor=\"#fff\"><table width=\"600\"><td style=\"color: #123\">é</td></table><br/>";
    assert_eq!(framed(html), html.replace("DOCTYPE html PUBLIC", "doctype html public"));
    let link = "<a href=\"https://ponka.test/?a=1&amp;b=2\" target=_top rel=opener>x</a>";
    let expected = "<a href=\"https://ponka.test/?a=1&amp;b=2\" target=\"_blank\" \
                    rel=\"noopener noreferrer\">x</a>";
    assert_eq!(framed(link), expected);
    assert_eq!(framed("<a href=#top>x</a>"), "<a href=\"#top\">x</a>");
}

#[test]
fn pictures_that_the_mail_brings_along_are_put_in_their_place() {
    let attachments = [
        picture("cat@ponka", "image/png", b"png"),
        picture("svg", "image/svg+xml", b"<svg/>"),
        picture("huge", "image/png", &vec![0; 5 << 20]),
        picture(".*", "image/gif", b"gif"),
    ];
    let images = InlineImages::of(&attachments);
    for (source, expected) in [
        ("cid:cat@ponka", "<img src=\"data:image/png;base64,cG5n\">"),
        ("CID:cat@ponka", "<img src=\"data:image/png;base64,cG5n\">"),
        ("cid:svg", "<img>"),
        ("cid:huge", "<img>"),
        ("cid:anything", "<img>"),
        ("cid:.*", "<img src=\"data:image/gif;base64,Z2lm\">"),
        ("data:image/png;base64,cG5n", "<img src=\"data:image/png;base64,cG5n\">"),
        ("data:text/html,x", "<img>"),
    ] {
        assert_eq!(
            frame_document(&format!("<img src=\"{source}\">"), &images),
            expected,
            "{source}"
        );
    }
}

#[test]
fn a_document_cannot_grow_without_end() {
    let attachments = [picture("a", "image/png", &vec![0; 4 << 20])];
    let html = "<img src=cid:a>".repeat(1000);
    let document = frame_document(&html, &InlineImages::of(&attachments));
    assert!(document.len() < 25 << 20, "{}", document.len());
    assert!(framed(&"a".repeat(3 << 20)).contains("too long"));
    assert!(framed(&"<div>".repeat(20_000)).starts_with("<div><div>"));
}

#[test]
fn links_are_listed_as_they_are_written() {
    let html = "<a href=\" https://a.test/?x=1&amp;y=2 \">a</a><area href=mailto:b@c.test>\
        <a href=#top>top</a><a name=x><a href='javascript:alert(1)'><!-- <a href=https://d.test> -->\
        <style><a href=https://e.test></style><script>'<a href=https://f.test>'</script>";
    assert_eq!(
        html::links(html),
        ["https://a.test/?x=1&y=2", "mailto:b@c.test", "javascript:alert(1)"]
    );
}
