//! Blocks of code: what is typed and what is changed can be told from the rest.

use pulldown_cmark::Event;

/// A block of code; `words` are those after the fence, of which the first is the language.
pub(super) fn block(words: &str, code: &str) -> Vec<Event<'static>> {
    let language = words.split(' ').next().unwrap_or_default();
    let (class, place) = (plain(language), plain(place(words)));
    let place = if place.is_empty() { place } else { format!(" data-place=\"{place}\"") };
    let begin = format!("<pre class=\"listing {class}\"{place} tabindex=\"0\"><code>");
    let mut events = vec![raw(begin)];
    for line in code.split_inclusive('\n') {
        match kind(language, line) {
            None => events.push(Event::Text(line.to_owned().into())),
            Some(kind) => events.extend([
                raw(format!("<span class=\"{kind}\">")),
                Event::Text(line.trim_end_matches('\n').to_owned().into()),
                raw("</span>\n".to_owned()),
            ]),
        }
    }
    events.push(raw("</code></pre>\n".to_owned()));
    events
}

/// Where the reader does this: in which terminal, if it is not the only one, or in the browser.
fn place(words: &str) -> &str {
    let terminal = words.split(' ').find_map(|word| word.strip_prefix("terminal="));
    terminal.unwrap_or(if words == "browser" { words } else { "" })
}

fn plain(word: &str) -> String {
    word.chars().filter(char::is_ascii_alphanumeric).collect()
}

fn kind(language: &str, line: &str) -> Option<&'static str> {
    match (language, line.as_bytes().first()?) {
        ("console", _) if line.starts_with("$ ") || line.starts_with("> ") => Some("typed"),
        ("diff", b'+') => Some("added"),
        ("diff", b'-') => Some("removed"),
        ("diff", b'@') => Some("place"),
        _ => None,
    }
}

fn raw(html: String) -> Event<'static> {
    Event::Html(html.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(language: &str, code: &str) -> String {
        let mut html = String::new();
        pulldown_cmark::html::push_html(&mut html, block(language, code).into_iter());
        html
    }

    #[test]
    fn what_is_typed_and_what_is_changed_is_marked_and_everything_is_escaped() {
        assert_eq!(
            html("console", "$ echo '<b>'\n<b>\n"),
            "<pre class=\"listing console\" tabindex=\"0\"><code>\
             <span class=\"typed\">$ echo '&lt;b&gt;'</span>\n&lt;b&gt;\n</code></pre>\n"
        );
        let html_of_diff = html("diff", "@@ -1 +1 @@\n-a\n+b\n c\n");
        for part in ["place\">@@ -1", "removed\">-a<", "added\">+b<", "\n c\n"] {
            assert!(html_of_diff.contains(part), "{part}: {html_of_diff}");
        }
        assert!(html("\"><x", "").starts_with("<pre class=\"listing x\" tabindex"));
    }

    #[test]
    fn a_block_says_in_which_terminal_it_is_typed() {
        for (words, place) in [
            ("console terminal=worker background", " data-place=\"worker\""),
            ("console exit=1", ""),
            ("browser", " data-place=\"browser\""),
            ("console terminal=\"><x", " data-place=\"x\""),
        ] {
            let begin = format!("\"{place} tabindex=\"0\"><code>");
            assert!(html(words, "").contains(&begin), "{words}: {}", html(words, ""));
        }
    }
}
