//! What strangers may send: refused at once, or cleaned.

use std::time::{Duration, Instant};

use super::super::{PhotoProblem, Ponkaficator, inspect, preview, thumbnail};
use super::corpus::{
    SCRIPT, gif_of_frames, gif_with_html, half_jpeg_with_whole_thumbnail, jpeg_with_html,
    lying_jpeg, lying_png, png_with,
};
use super::samples::{exif, gif, jpeg, png, scene, webp, webp_with_exif, with_segment};
use super::{ID, ponkafy};

/// Through every door, and quickly.
fn refusal(file: &[u8]) -> PhotoProblem {
    let start = Instant::now();
    let problem = inspect(file).expect_err("must be refused");
    assert_eq!(preview(file).expect_err("must be refused"), problem);
    assert_eq!(Ponkaficator::new().ponkafy(file, ID).expect_err("must be refused"), problem);
    assert!(start.elapsed() < Duration::from_millis(100), "took {:?}", start.elapsed());
    problem
}

fn contains(file: &[u8], needle: &[u8]) -> bool {
    file.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn pixel_floods_are_refused_by_their_header() {
    let files = [
        lying_png(20_000, 20_000, 2),
        lying_png(13_000, 13_000, 2),
        lying_png(22_000, 22_000, 0),
        lying_png(65_535, 65_535, 6),
        lying_png(i32::MAX as u32, i32::MAX as u32, 6),
        lying_png(12_001, 1, 0),
        lying_jpeg(65_500, false),
        gif_of_frames(8_000, 1),
    ];
    for file in files {
        assert_eq!(refusal(&file).code(), "too_many_pixels");
    }
}

#[test]
fn a_claim_that_the_bytes_cannot_keep_is_refused() {
    assert_eq!(refusal(&lying_jpeg(6_000, false)), PhotoProblem::Incomplete);
    assert_eq!(refusal(&lying_jpeg(6_000, true)), PhotoProblem::Incomplete);
    assert_eq!(refusal(&lying_png(0, 0, 6)).code(), "incomplete");
    // Only decoding finds this one out.
    let file = lying_png(3_000, 2_000, 6);
    assert_eq!(preview(&file).map(|it| it.width).unwrap_err().code(), "incomplete");
}

#[test]
fn of_many_frames_only_the_first_costs_anything() {
    let file = gif_of_frames(400, 20_000);
    let start = Instant::now();
    assert_eq!(preview(&file).unwrap().width, 400);
    assert!(start.elapsed() < Duration::from_secs(2), "took {:?}", start.elapsed());
}

#[test]
fn cut_files_are_incomplete() {
    let picture = scene(320, 240);
    let alpha = image::DynamicImage::from(picture.clone()).to_rgba8();
    let files = [
        jpeg(&picture, false),
        jpeg(&picture, true),
        png(&picture.into()),
        webp(&alpha),
        gif(&alpha),
    ];
    for file in files {
        inspect(&file).expect("whole it is fine");
        for part in [9, 50, 90, 99] {
            let cut = &file[..file.len() * part / 100];
            assert_eq!(refusal(cut), PhotoProblem::Incomplete, "{part} %");
        }
    }
    assert_eq!(refusal(&half_jpeg_with_whole_thumbnail()), PhotoProblem::Incomplete);
    assert_eq!(refusal(b"\xff\xd8\xff\xe0"), PhotoProblem::Incomplete);
}

#[test]
fn other_kinds_of_files_are_named_for_what_they_are_not() {
    assert_eq!(refusal(b"<!doctype html><script>alert(1)</script>").code(), "not_supported");
    assert_eq!(refusal(b"").code(), "not_supported");
    assert_eq!(refusal(b"\0\0\0\x18ftypheic\0\0\0\0mif1").code(), "heic");
    assert_eq!(refusal(&gif_with_html()).code(), "incomplete");
}

#[test]
fn nothing_but_pixels_comes_out() {
    let block = [b"Exif\0\0", &exif(1)[..]].concat();
    let photo = scene(64, 64);
    let alpha = image::DynamicImage::from(photo.clone()).to_rgba8();
    let comment = [b"Comment\0", SCRIPT].concat();
    let drawing = png(&photo.clone().into());
    let files = [
        jpeg_with_html(),
        with_segment(&jpeg(&photo, false), 0xe1, &block),
        with_segment(&jpeg(&photo, false), 0xe1, b"http://ns.adobe.com/xap/1.0/\0SpyCam"),
        png_with(&drawing, b"tEXt", &comment),
        png_with(&drawing, b"eXIf", &exif(1)),
        [&drawing[..], SCRIPT].concat(),
        webp_with_exif(&alpha, 1),
        [&gif(&alpha)[..], SCRIPT].concat(),
    ];
    for file in files {
        assert!(contains(&file, b"SpyCam") || contains(&file, b"<script"));
        let tile = thumbnail(&file, 32).unwrap().bytes;
        for clean in [ponkafy(&file), preview(&file).unwrap().bytes, tile] {
            for needle in [&b"SpyCam"[..], b"<script", b"Exif", b"eXIf", b"EXIF", b"xap"] {
                assert!(!contains(&clean, needle), "{}", String::from_utf8_lossy(needle));
            }
        }
    }
}

#[test]
fn no_flipped_byte_makes_a_decoder_kill_us() {
    let picture = scene(48, 40);
    let alpha = image::DynamicImage::from(picture.clone()).to_rgba8();
    let mut seed = 7_usize;
    for file in [jpeg(&picture, false), png(&picture.into()), webp(&alpha), gif(&alpha)] {
        for _ in 0..100 {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let mut broken = file.clone();
            let place = (seed >> 33) % broken.len();
            broken[place] ^= 1 << (seed >> 29 & 7);
            drop(preview(&broken)); // either answer is right, as long as there is one
        }
    }
}

/// Set `PHOTO_CORPUS` to a folder of good and bad images (Pillow's tests, say).
#[test]
#[ignore = "needs a corpus"]
fn every_file_of_a_corpus_gets_an_answer_soon() {
    let folder = std::env::var("PHOTO_CORPUS").expect("PHOTO_CORPUS names a folder");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let Ok(file) = std::fs::read(&path) else {
            continue;
        };
        let start = Instant::now();
        let answer = preview(&file).map(|it| (it.width, it.height));
        let again = Ponkaficator::new().ponkafy(&file, ID).map(|it| it.len());
        println!("{:?} {} {answer:?} {again:?}", start.elapsed(), path.display());
        assert_ne!(answer, Err(PhotoProblem::Damaged("the decoder panicked".into())));
    }
}
