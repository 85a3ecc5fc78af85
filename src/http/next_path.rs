//! Where to go after signing in: only to an address of our own.

/// The path that a `next` parameter names, or `/` if it could lead to another site: it must begin
/// with one slash and something that is no second one, however that is written.
#[must_use]
pub fn next_path(wanted: Option<&str>) -> &str {
    let Some(wanted) = wanted else { return "/" };
    let decoded = percent_decode(wanted);
    let is_ours = |path: &str| {
        let mut characters = path.chars();
        characters.next() == Some('/')
            && !matches!(characters.next(), Some('/' | '\\'))
            && !path.contains(|c: char| c.is_control() || c == '\\')
    };
    if is_ours(wanted) && is_ours(&decoded) { wanted } else { "/" }
}

/// Decodes `%XX`; what is no UTF-8 then becomes a control character, which is refused.
fn percent_decode(text: &str) -> String {
    let form = format!("x={}", text.replace(['&', '+', ';'], ""));
    let decoded = url::form_urlencoded::parse(form.as_bytes()).next();
    decoded.map_or_else(String::new, |(_, value)| value.replace('\u{fffd}', "\0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_12_next_leads_to_our_own_pages_only() {
        for wanted in [
            "//evil.test",
            "/\\evil.test",
            "/%5cevil.test",
            "/%2fevil.test",
            "https:evil.test",
            "https://evil.test/",
            "/%09/evil.test",
            "/\t/evil",
            "javascript:alert(1)",
            "///evil",
            "",
            "account",
            "/a\r\nSet-Cookie: x=1",
            "/%ff",
        ] {
            assert_eq!(next_path(Some(wanted)), "/", "{wanted:?}");
        }
        for wanted in ["/", "/account", "/images/x?a=b", "/?cursor=a&b=c+d", "/#photo-1"] {
            assert_eq!(next_path(Some(wanted)), wanted);
        }
        assert_eq!(next_path(None), "/");
    }
}
