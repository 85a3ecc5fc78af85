//! Addresses and names of people: what is taken can be put into a header and taken again.

use ponka::mail_address::{DisplayName, EmailAddress, Mailbox};

use super::inputs;

const EXAMPLES: [&[u8]; 8] = [
    b"vera@example.org",
    b"Vera Example <vera@example.org>",
    b"\"Vera, Example\" <vera@mail.example.co.uk>",
    "vera@b\u{fc}cher.example".as_bytes(),
    "Jo\u{308}rg.o'neil+ponka@example.org".as_bytes(),
    b"vera@[192.0.2.1]",
    b"vera@xn--bcher-kva.example",
    "\u{130}\u{1e9e}\u{fb01}@\u{130}\u{1e9e}.\u{2488}com".as_bytes(),
];

fn is_one_line(text: &str) -> bool {
    !text.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202e}'))
}

#[test]
fn an_address_that_is_taken_stays_the_same() {
    for input in inputs(&EXAMPLES) {
        let text = input.text();
        if let Ok(address) = EmailAddress::parse(&text) {
            assert_eq!(EmailAddress::parse(address.as_str()), Ok(address.clone()), "{text:?}");
            assert!(is_one_line(address.as_str()) && address.domain().is_ascii(), "{text:?}");
            assert_eq!(address.as_str().matches(['@', ' ', '<', '>', ',']).count(), 1, "{text:?}");
            let mail: Result<lettre::Address, _> = address.as_str().parse();
            assert!(mail.is_ok(), "{text:?}");
        }
        if let Ok(name) = DisplayName::parse(&text) {
            assert_eq!(DisplayName::parse(name.as_str()), Ok(name.clone()), "{text:?}");
            assert!(is_one_line(name.as_str()), "{text:?}");
        }
        if let Ok(mailbox) = text.parse::<Mailbox>() {
            assert!(is_one_line(&mailbox.to_string()), "{text:?}");
        }
    }
}
