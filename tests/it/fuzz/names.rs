//! Names of files, renditions and mails.

use ponka::developer::mailbox::MailId;
use ponka::http::original_filename::OriginalFilename;
use ponka::photo_storage::MediaName;

use super::inputs;

#[test]
fn every_filename_becomes_a_harmless_one() {
    let examples: [&[u8]; 6] = [
        b"../../etc/passwd",
        b"C:\\Users\\me\\cat.jpg",
        "cafe\u{301}\u{202e}gpj.exe".as_bytes(),
        &[b'a'; 4096],
        "\u{1f408}.\u{1f408}".as_bytes(),
        b"  .. ",
    ];
    for input in inputs(&examples) {
        let name = OriginalFilename::clean(&input.text()).to_string();
        assert!((1..=120).contains(&name.chars().count()), "{name:?}");
        assert!(!name.contains(['/', '\\', '\u{202e}']), "{name:?}");
        assert!(!name.contains(char::is_control) && name != "." && name != "..", "{name:?}");
    }
}

#[test]
fn what_is_taken_for_a_name_of_ours_is_written_as_we_write_it() {
    let media = b"00000000000000000000000000c0ffee-e3b0c44298fc1c149afbf4c8996fb924.jpg";
    for input in inputs(&[&media[..], b".jpg", b"-.png", b"a..b"]) {
        let text = input.text();
        if let Ok(name) = text.parse::<MediaName>() {
            assert_eq!(name.to_string(), text);
        }
        if let Ok(id) = text.parse::<MailId>() {
            assert_eq!(id.as_str(), text);
            assert!(!text.contains(['/', '\\', '\0', '%']) && !text.starts_with('.'), "{text:?}");
        }
    }
}
