//! Where a mail links to. The links are listed; nobody follows them here.

use super::html;

/// How many links of a mail are listed.
const MAX_LINKS: usize = 1000;
/// What ends an address in a text.
const ENDS: [char; 6] = ['<', '>', '"', '`', '|', '\\'];
/// What belongs to the sentence when it stands at the end of an address.
const PUNCTUATION: [char; 9] = ['.', ',', ';', ':', '!', '?', '\'', '*', ']'];

/// Each address once, the HTML's first.
pub(super) fn of(html: Option<&str>, text: Option<&str>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let in_html = html.map(html::links).unwrap_or_default();
    for link in in_html.into_iter().chain(text.into_iter().flat_map(in_text)) {
        if all.len() < MAX_LINKS && !all.contains(&link) {
            all.push(link);
        }
    }
    all
}

fn in_text(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control() || ENDS.contains(&c));
    words.filter_map(|word| {
        let at = ["https://", "http://"].iter().filter_map(|scheme| word.find(scheme)).min()?;
        let (_, host) = word[at..].split_once("://")?;
        let link = without_punctuation(&word[at..]);
        host.starts_with(|c: char| c.is_alphanumeric() || c == '[').then(|| link.to_owned())
    })
}

/// A bracket at the end belongs to the address only if one was opened in it.
fn without_punctuation(link: &str) -> &str {
    let has_opened = link.contains('(');
    link.trim_end_matches(|c| PUNCTUATION.contains(&c) || (c == ')' && !has_opened))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_without_the_sentence_around_them() {
        let text = "Go to https://ponka.test/confirm?t=a.b_c-d. Or (http://127.0.0.1:8000/x)! \
            <https://a.test/(b)>, see https://a.test/(b), http:// and http://.. and \
            x=https://c.test/?next=https://d.test/ — https://[::1]/é";
        let links = of(Some("<a href='https://html.test/'>x</a>"), Some(text));
        assert_eq!(
            links,
            [
                "https://html.test/",
                "https://ponka.test/confirm?t=a.b_c-d",
                "http://127.0.0.1:8000/x",
                "https://a.test/(b)",
                "https://c.test/?next=https://d.test/",
                "https://[::1]/é",
            ]
        );
    }
    #[test]
    fn a_long_tail_of_punctuation_costs_no_time() {
        let text = format!("https://a.test/{}", ").".repeat(1 << 20));
        assert_eq!(of(None, Some(&text)), ["https://a.test/"]);
    }
}
