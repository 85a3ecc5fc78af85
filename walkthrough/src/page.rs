//! A page of the book, as its blocks.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};

use crate::block::Block;

/// A page: its text and its fenced blocks.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    /// Where it is, from the root of the repository.
    pub(crate) path: PathBuf,
    /// The Markdown.
    pub(crate) text: String,
    /// The fenced blocks, in order.
    pub(crate) blocks: Vec<Block>,
}

impl Page {
    /// Reads a page; `path` is relative to `root`.
    pub(crate) fn read(root: &Path, path: &Path) -> Result<Self> {
        let text = fs::read_to_string(root.join(path))
            .with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Self::parse(path, text))
    }

    /// A page with this text.
    pub(crate) fn parse(path: &Path, text: String) -> Self {
        let blocks = blocks(&text);
        Self { path: path.to_owned(), text, blocks }
    }

    /// Whether anything in it is executed; a block that makes no sense is, so that it is reported.
    pub(crate) fn is_scene(&self) -> bool {
        self.blocks.iter().any(|block| block.purpose().map_or(true, |purpose| purpose.runs()))
    }
}

/// How pages are read: what mdBook and code hosts have in common.
pub(crate) fn parser(text: &str) -> Parser<'_> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS;
    Parser::new_ext(text, options)
}

/// The line that holds this byte, counted from 1.
pub(crate) fn line_at(text: &str, at: usize) -> usize {
    text.as_bytes().iter().take(at).filter(|&&byte| byte == b'\n').count() + 1
}

/// What stands before the lines of a block whose fence follows these words: below the bullet or the
/// number of a list, spaces.
fn indent_of(before: &str) -> String {
    let bullet = before.trim();
    let digits = bullet.trim_end_matches(['.', ')']);
    let is_list = matches!(bullet, "-" | "*" | "+")
        || digits.len() + 1 == bullet.len() && digits.chars().all(|digit| digit.is_ascii_digit());
    if is_list { " ".repeat(before.len()) } else { before.to_owned() }
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut content: Option<String> = None;
    for (event, range) in parser(text).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                let line_start = text.get(..range.start).and_then(|before| before.rfind('\n'));
                let indent = text.get(line_start.map_or(0, |at| at + 1)..range.start);
                blocks.push(Block {
                    line: line_at(text, range.start),
                    indent: indent_of(indent.unwrap_or_default()),
                    info: info.trim().to_owned(),
                    lines: Vec::new(),
                });
                content = Some(String::new());
            }
            Event::Text(part) => {
                if let Some(content) = &mut content {
                    content.push_str(&part);
                }
            }
            Event::End(pulldown_cmark::TagEnd::CodeBlock) => {
                if let (Some(content), Some(block)) = (content.take(), blocks.last_mut()) {
                    block.lines = content.lines().map(str::to_owned).collect();
                }
            }
            _ => {}
        }
    }
    blocks
}
