//! Good addresses and names in one form, and why others are refused.

use super::{DisplayName, EmailAddress, InvalidMailbox, Mailbox};

#[test]
fn addresses_are_brought_into_one_form() {
    for (text, expected) in [
        (" Vera@Example.ORG ", "vera@example.org"),
        ("vera.o'neil+ponka@example.org", "vera.o'neil+ponka@example.org"),
        ("vera@B\u{fc}cher.example", "vera@xn--bcher-kva.example"),
        ("J\u{f6}rg@example.org", "j\u{f6}rg@example.org"),
        ("Jo\u{308}rg@example.org", "j\u{f6}rg@example.org"),
        ("vera@localhost", "vera@localhost"),
        ("vera@mail.example.co.uk", "vera@mail.example.co.uk"),
    ] {
        let address = EmailAddress::parse(text).unwrap();
        assert_eq!(address.as_str(), expected, "{text}");
        assert_eq!(format!("{}@{}", address.local_part(), address.domain()), expected);
    }
}

#[test]
fn what_is_no_address_is_refused_with_a_reason() {
    use InvalidMailbox::{AddressTooLong, ControlInAddress, Domain, LocalPart, NoAddress, NoAt};
    let long = format!("vera@{}example", "a.".repeat(122));
    for (text, expected) in [
        ("  ", NoAddress),
        ("vera", NoAt),
        ("@example.org", NoAt),
        ("vera@", Domain),
        ("vera@example", Domain),
        ("vera@example.org.", Domain),
        ("vera@-example.org", Domain),
        ("vera@exa mple.org", Domain),
        ("vera@%65xample.org", Domain),
        ("vera@192.0.2.1", Domain),
        ("vera@[192.0.2.1]", Domain),
        ("vera@example.org>", Domain),
        (".vera@example.org", LocalPart),
        ("ve..ra@example.org", LocalPart),
        ("ve ra@example.org", LocalPart),
        ("vera@home@example.org", LocalPart),
        ("\"vera\"@example.org", LocalPart),
        ("<vera@example.org", LocalPart),
        ("a@b.example,vera@example.org", LocalPart),
        ("vera@example.org\r\nBcc: eve@example.org", ControlInAddress),
        ("vera\0@example.org", ControlInAddress),
        ("vera\u{202e}@example.org", ControlInAddress),
        (&long, AddressTooLong),
        (&format!("{}@example.org", "v".repeat(65)), AddressTooLong),
    ] {
        assert_eq!(EmailAddress::parse(text), Err(expected), "{text:?}");
    }
}

#[test]
fn sec_14_a_name_shows_itself_and_controls_nothing() {
    use InvalidMailbox::{ControlInName, NameTooLong, NoName};
    for (text, expected) in [
        ("", Err(NoName)),
        ("  ", Err(NoName)),
        (" Vera Example ", Ok("Vera Example")),
        ("Zoe\u{308}", Ok("Zo\u{eb}")),
        ("\u{1f469}\u{200d}\u{1f680} Vera", Ok("\u{1f469}\u{200d}\u{1f680} Vera")),
        ("O\"Neil <x>, \\", Ok("O\"Neil <x>, \\")),
        ("Eve\r\nBcc: v@x.example", Err(ControlInName)),
        ("Eve\n", Err(ControlInName)),
        ("\tEve", Err(ControlInName)),
        ("Eve\u{7f}", Err(ControlInName)),
        ("Eve\u{85}x", Err(ControlInName)),
        ("Eve\u{2028}x", Err(ControlInName)),
        ("Eve\u{202e}gnp.", Err(ControlInName)),
        (&"x".repeat(256), Err(NameTooLong)),
    ] {
        let name = DisplayName::parse(text);
        let found = name.as_ref().map(DisplayName::as_str).map_err(|problem| *problem);
        assert_eq!(found, expected, "{text:?}");
    }
}

#[test]
fn a_mailbox_is_read_with_and_without_a_name() {
    for (text, expected) in [
        ("vera@example.org", Ok("vera@example.org")),
        ("Vera Example <Vera@Example.org>", Ok("Vera Example <vera@example.org>")),
        ("\"Vera, Example\" <vera@example.org>", Ok("Vera, Example <vera@example.org>")),
        ("<vera@example.org>", Ok("vera@example.org")),
        ("Vera <vera>", Err(InvalidMailbox::NoAt)),
        ("Vera <vera@example.org", Err(InvalidMailbox::LocalPart)),
    ] {
        let mailbox = text.parse::<Mailbox>().map(|mailbox| mailbox.to_string());
        assert_eq!(mailbox.as_deref().map_err(|problem| *problem), expected, "{text}");
    }
}
