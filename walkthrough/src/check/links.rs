//! Links lead somewhere, pictures are there and have words for those who do not see them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use anyhow::Result;
use pulldown_cmark::{Event, Tag, TagEnd};
use regex::Regex;

use crate::failure::Failure;
use crate::page::{Page, line_at, parser};

static HTML_IMAGE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"<img\b[^>]*>").expect("a well-formed pattern"));
static HTML_ATTRIBUTE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"\b(src|alt|id)="([^"]*)""#).expect("a well-formed pattern"));

/// What is wrong with the links and pictures of a page.
pub(crate) fn check(page: &Page, root: &Path) -> Result<Vec<Failure>> {
    let mut failures = Vec::new();
    let mut image: Option<(usize, String)> = None;
    for (event, range) in parser(&page.text).into_offset_iter() {
        let line = line_at(&page.text, range.start);
        match event {
            Event::Start(Tag::Link { dest_url, .. }) => {
                failures.extend(broken(page, root, &dest_url, line)?);
            }
            Event::Start(Tag::Image { dest_url, .. }) => {
                failures.extend(broken(page, root, &dest_url, line)?);
                image = Some((line, String::new()));
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some((_, words)) = &mut image {
                    words.push_str(&text);
                }
            }
            Event::End(TagEnd::Image) => {
                if let Some((line, words)) = image.take()
                    && words.trim().is_empty()
                {
                    failures.push(Failure::new(line, "a picture without an alternative text"));
                }
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                failures.extend(html_images(page, root, &html, line)?);
            }
            _ => {}
        }
    }
    Ok(failures)
}

fn html_images(page: &Page, root: &Path, html: &str, line: usize) -> Result<Vec<Failure>> {
    let mut failures = Vec::new();
    for tag in HTML_IMAGE.find_iter(html) {
        let found: BTreeMap<String, String> = HTML_ATTRIBUTE
            .captures_iter(tag.as_str())
            .map(|found| (found[1].to_owned(), found[2].to_owned()))
            .collect();
        if found.get("alt").is_none_or(|words| words.trim().is_empty()) {
            failures.push(Failure::new(line, "a picture without an alternative text"));
        }
        if let Some(source) = found.get("src") {
            failures.extend(broken(page, root, source, line)?);
        }
    }
    Ok(failures)
}

/// Says so if a link of a page leads nowhere; addresses of other machines are not visited.
fn broken(page: &Page, root: &Path, link: &str, line: usize) -> Result<Option<Failure>> {
    if link.contains("://") || link.starts_with("mailto:") {
        return Ok(None);
    }
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, at)| (path, Some(at)));
    let folder = page.path.parent().unwrap_or(Path::new(""));
    let target = if path.is_empty() { root.join(&page.path) } else { root.join(folder).join(path) };
    if path.starts_with('/') || !target.exists() {
        return Ok(Some(Failure::new(line, format!("the link `{link}` leads nowhere"))));
    }
    if let Some(anchor) = anchor
        && target.extension().is_some_and(|extension| extension == "md")
        && !anchors(&fs::read_to_string(&target)?).contains(anchor)
    {
        return Ok(Some(Failure::new(line, format!("no heading is `#{anchor}` in `{path}`"))));
    }
    Ok(None)
}

/// The names that headings get, as mdBook and code hosts make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    let mut heading: Option<String> = None;
    for event in parser(text) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(words) | Event::Code(words) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&words);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let name = slug(&heading.take().unwrap_or_default());
                let free = (1..).map(|number| format!("{name}-{number}"));
                let mut names = std::iter::once(name.clone()).chain(free);
                anchors.extend(names.find(|name| !anchors.contains(name)));
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                let found = HTML_ATTRIBUTE.captures_iter(&html).filter(|found| &found[1] == "id");
                anchors.extend(found.map(|found| found[2].to_owned()));
            }
            _ => {}
        }
    }
    anchors
}

fn slug(heading: &str) -> String {
    let kept = heading.trim().chars().filter_map(|character| match character {
        ' ' => Some('-'),
        '-' | '_' => Some(character),
        character => character.is_alphanumeric().then_some(character),
    });
    kept.flat_map(char::to_lowercase).collect()
}
