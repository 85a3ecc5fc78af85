//! The pages of the book, in their order.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use pulldown_cmark::{Event, Tag};

use crate::page::{Page, parser};
use crate::scratch;

/// Where the book is.
pub(crate) const FOLDER: &str = "docs";
/// Its table of contents.
pub(crate) const SUMMARY: &str = "docs/SUMMARY.md";

/// All pages: first those of the table of contents, in its order, then the others.
pub(crate) fn pages(root: &Path) -> Result<Vec<Page>> {
    let mut paths = contents(root)?;
    let files = scratch::files(root)?;
    let is_page = |path: &PathBuf| {
        path.starts_with(FOLDER) && path.extension().is_some_and(|extension| extension == "md")
    };
    let others: Vec<PathBuf> = files
        .into_iter()
        .filter(|path| is_page(path) && path != Path::new(SUMMARY) && !paths.contains(path))
        .collect();
    paths.extend(others);
    paths.iter().map(|path| Page::read(root, path)).collect()
}

/// The pages that the table of contents names; none if there is no such table.
pub(crate) fn contents(root: &Path) -> Result<Vec<PathBuf>> {
    let path = root.join(SUMMARY);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = fs::read_to_string(&path).context("cannot read the table of contents")?;
    let links = parser(&text).filter_map(|event| match event {
        Event::Start(Tag::Link { dest_url, .. }) => Some(dest_url.into_string()),
        _ => None,
    });
    let pages = links.map(|link| Path::new(FOLDER).join(link.trim_start_matches("./")));
    Ok(pages.filter(|page| root.join(page).is_file()).collect())
}

/// The pages that somebody names by the beginning of their file names (or any part of their paths).
pub(crate) fn choose(pages: Vec<Page>, names: &[String]) -> Result<Vec<Page>> {
    if names.is_empty() {
        return Ok(pages);
    }
    let named = |page: &Page, name: &str| {
        let file = page.path.file_name().unwrap_or_default().to_string_lossy();
        match name.chars().all(|character| character.is_ascii_digit()) {
            true => file.starts_with(&format!("{name}-")),
            false => page.path.to_string_lossy().contains(name),
        }
    };
    if let Some(name) = names.iter().find(|name| !pages.iter().any(|page| named(page, name))) {
        bail!("no page is named `{name}`");
    }
    Ok(pages.into_iter().filter(|page| names.iter().any(|name| named(page, name))).collect())
}
