//! The sentences as people read them.

use super::*;

#[test]
fn sentences_name_the_file_and_the_way_out() {
    for (refusal, code, status, sentence) in [
        (UploadRefusal::NoFile, "no_file", 422, "Choose at least one photo."),
        (
            UploadRefusal::TooMany { chosen: 31 },
            "too_many",
            422,
            "You can add 20 photos at a time. You chose 31.",
        ),
        (
            UploadRefusal::TooBig { size: 11_468_800 },
            "too_big",
            413,
            "cat.jpg is 11.5 MB. Photos can be up to 10 MB.",
        ),
        (
            UploadRefusal::TooManyPixels { width: 9000, height: 8000 },
            "too_many_pixels",
            422,
            "cat.jpg is 9000 × 8000 pixels. Photos can be up to 50 megapixels.",
        ),
        (
            UploadRefusal::SideTooLong { width: 12_001, height: 10 },
            "too_many_pixels",
            422,
            "cat.jpg is 12001 × 10 pixels. Photos can have up to 12,000 on a side.",
        ),
        (
            UploadRefusal::NotSupported,
            "not_supported",
            415,
            "cat.jpg isn't a JPEG, PNG, WebP or GIF image.",
        ),
        (
            UploadRefusal::Unavailable,
            "unavailable",
            503,
            "Ponka is having a moment. We'll retry by itself.",
        ),
    ] {
        assert_eq!(refusal.code(), code);
        assert_eq!(refusal.status().as_u16(), status, "{code}");
        assert_eq!(refusal.sentence("cat.jpg"), sentence);
    }
}

#[test]
fn a_long_or_hostile_name_cannot_take_a_sentence_over() {
    let name = format!("\u{202E}{}\0.jpg", "n".repeat(200));
    let sentence = UploadRefusal::Incomplete.sentence(&name);
    let shown = sentence.strip_suffix(" seems cut off. Try uploading it again.").unwrap();
    assert_eq!(shown.chars().count(), 40);
    assert!(shown.starts_with("\u{FFFD}nnn") && shown.ends_with("nn\u{FFFD}.jpg"), "{shown}");
    assert!(shown.contains("n…n"));
}

#[test]
fn a_name_cannot_fill_in_anything() {
    let sentence = UploadRefusal::TooBig { size: 10_500_000 }.sentence("{size}{file}.jpg");
    assert_eq!(sentence, "{size}{file}.jpg is 10.5 MB. Photos can be up to 10 MB.");
}

#[test]
fn scripts_know_the_same_sentences() {
    let patterns = patterns_for_scripts();
    let filled_in = patterns["too_many"].replace("{chosen}", "31");
    assert_eq!(filled_in, UploadRefusal::TooMany { chosen: 31 }.sentence(""));
}

#[test]
fn a_file_that_is_barely_too_big_does_not_look_as_if_it_fitted() {
    assert_eq!(megabytes(10 * 1024 * 1024 + 1), "10.5 MB");
    assert_eq!(megabytes(10_000_001), "10.1 MB");
}
