//! The pipeline from the outside: photos in, photos out, and nothing else comes through.

mod corpus;
mod hostile;
mod samples;

use std::path::Path;

use image::metadata::Orientation;
use image::{DynamicImage, GenericImageView, ImageFormat, Rgba, RgbaImage};
use jpeg_encoder::ColorType;
use uuid::Uuid;

use self::samples::{
    exif, four_corners, gif, jpeg, png, raw_jpeg, scene, webp, webp_with_exif, with_segment,
};
use super::{PhotoFormat, Ponkaficator, Pose, inspect, preview, thumbnail};

const ID: Uuid = Uuid::from_u128(0x0198_c0de_0000_7000_8000_0000_0000_0001);

fn ponkafy(file: &[u8]) -> Vec<u8> {
    Ponkaficator::new().ponkafy(file, ID).unwrap()
}

/// Any of our outputs as pixels, by decoders that the pipeline itself does not use for JPEG.
fn open(file: &[u8]) -> DynamicImage {
    if PhotoFormat::sniff(file) == Ok(PhotoFormat::Jpeg) {
        let mut decoder = jpeg_decoder::Decoder::new(file);
        let pixels = decoder.decode().unwrap();
        let info = decoder.info().unwrap();
        assert_eq!(info.pixel_format, jpeg_decoder::PixelFormat::RGB24);
        let (width, height) = (info.width.into(), info.height.into());
        return image::RgbImage::from_raw(width, height, pixels).unwrap().into();
    }
    image::load_from_memory(file).unwrap()
}

fn near(pixel: Rgba<u8>, expected: [u8; 3]) -> bool {
    pixel.0.iter().zip(expected).all(|(a, b)| a.abs_diff(b) < 30)
}

/// Turns an upright picture the way a camera would have stored it.
fn as_stored(orientation: u8, upright: &image::RgbImage) -> DynamicImage {
    let undo = match Orientation::from_exif(orientation).unwrap() {
        Orientation::Rotate90 => Orientation::Rotate270,
        Orientation::Rotate270 => Orientation::Rotate90,
        other => other,
    };
    let mut stored = DynamicImage::from(upright.clone());
    stored.apply_orientation(undo);
    stored
}

fn assert_upright(file: &[u8], what: &str) {
    let info = inspect(file).unwrap();
    assert_eq!((info.width, info.height), (96, 64), "{what}: inspect");
    let small = open(&thumbnail(file, 320).unwrap().bytes);
    let with_ponka = open(&ponkafy(file));
    for (name, picture) in [("thumbnail", &small), ("ponkafy", &with_ponka)] {
        assert_eq!(picture.dimensions(), (96, 64), "{what}: {name}");
        assert!(near(picture.get_pixel(5, 5), [220, 20, 20]), "{what}: {name}, top left");
        assert!(near(picture.get_pixel(90, 5), [20, 200, 20]), "{what}: {name}, top right");
        assert!(near(picture.get_pixel(5, 58), [240, 240, 240]), "{what}: {name}, bottom left");
    }
    assert!(near(small.get_pixel(90, 58), [20, 20, 220]), "{what}: bottom right");
}

#[test]
fn all_eight_orientations_end_upright() {
    let upright = four_corners(96, 64);
    for orientation in 1..=8 {
        let stored = as_stored(orientation, &upright);
        let block = [b"Exif\0\0", &exif(orientation)[..]].concat();
        let file = with_segment(&jpeg(&stored.to_rgb8(), false), 0xe1, &block);
        assert_upright(&file, &format!("JPEG {orientation}"));
        let file = webp_with_exif(&stored.to_rgba8(), orientation);
        assert_upright(&file, &format!("WebP {orientation}"));
        let file = corpus::png_with(&png(&stored), b"eXIf", &exif(orientation));
        assert_upright(&file, &format!("PNG {orientation}"));
    }
}

#[test]
fn ponka_changes_her_corner_and_nothing_else() {
    let photo = DynamicImage::from(scene(400, 300));
    let after = open(&ponkafy(&png(&photo)));
    let outside = |x, y| x < 400 - 120 || y < 300 - 120;
    let mut changed = 0;
    for (x, y, pixel) in after.pixels() {
        if pixel != photo.get_pixel(x, y) {
            assert!(!outside(x, y), "changed at {x}, {y}");
            changed += 1;
        }
    }
    assert!(changed > 3000, "only {changed} pixels of cat");
}

#[test]
fn a_jpeg_looks_the_same_outside_of_the_cat() {
    for progressive in [false, true] {
        let file = jpeg(&scene(575, 1024), progressive);
        let (before, after) = (open(&file).to_rgb8(), open(&ponkafy(&file)).to_rgb8());
        assert_eq!(after.dimensions(), (575, 1024));
        let rows = 575 * 3 * 600;
        let difference: u64 = before.as_raw()[..rows]
            .iter()
            .zip(&after.as_raw()[..rows])
            .map(|(a, b)| u64::from(a.abs_diff(*b)))
            .sum();
        assert!(difference < 4 * rows as u64, "mean difference {}", difference / rows as u64);
    }
}

#[test]
fn the_same_photo_and_id_give_the_same_bytes() {
    let file = jpeg(&scene(300, 200), false);
    assert_eq!(ponkafy(&file), ponkafy(&file));
    let other = (0..).map(Uuid::from_u128).find(|id| Pose::for_id(*id) != Pose::for_id(ID));
    let other = Ponkaficator::new().ponkafy(&file, other.unwrap()).unwrap();
    assert_ne!(ponkafy(&file), other);
}

#[test]
fn a_photo_keeps_its_format_size_and_transparency() {
    let mut photo = RgbaImage::from_pixel(200, 120, Rgba([200, 30, 30, 255]));
    photo.put_pixel(3, 3, Rgba([0, 0, 0, 0]));
    let files = [
        (png(&photo.clone().into()), ImageFormat::Png),
        (webp(&photo), ImageFormat::WebP),
        (gif(&photo), ImageFormat::Gif),
    ];
    for (file, format) in files {
        let after = ponkafy(&file);
        assert_eq!(image::guess_format(&after).unwrap(), format);
        let picture = open(&after);
        assert_eq!(picture.dimensions(), (200, 120), "{format:?}");
        assert_eq!(picture.get_pixel(3, 3)[3], 0, "{format:?} lost its transparency");
        assert_eq!(picture.get_pixel(9, 9)[3], 255, "{format:?}");
        assert_eq!(open(&thumbnail(&file, 320).unwrap().bytes).get_pixel(3, 3)[3], 0);
    }
}

#[test]
fn gray_cmyk_and_rgb_jpegs_are_understood() {
    let size = (120, 80);
    let gray = raw_jpeg(&[90; 120 * 80], size, ColorType::Luma);
    let ink = raw_jpeg(&[0, 255, 255, 0].repeat(120 * 80), size, ColorType::Cmyk);
    // Without its JFIF segment and with Adobe's instead, the samples mean R, G and B.
    let plain = raw_jpeg(&[30, 60, 200].repeat(120 * 80), size, ColorType::Ycbcr);
    let plain = [&plain[..2], &plain[20..]].concat();
    let rgb = with_segment(&plain, 0xee, b"Adobe\0\x64\0\0\0\0\0");
    for (file, expected) in [(gray, [90, 90, 90]), (ink, [255, 0, 0]), (rgb, [30, 60, 200])] {
        for after in [ponkafy(&file), preview(&file).unwrap().bytes] {
            let pixel = open(&after).get_pixel(10, 10);
            assert!(near(pixel, expected), "{pixel:?} instead of {expected:?}");
        }
    }
}

#[test]
fn the_smallest_photos_work() {
    for (width, height) in [(1, 1), (1, 50), (50, 1), (7, 9), (17, 33), (31, 16), (33, 2)] {
        let picture = scene(width, height);
        for file in [jpeg(&picture, false), png(&picture.into())] {
            assert_eq!(open(&ponkafy(&file)).dimensions(), (width, height));
            assert_eq!(preview(&file).unwrap().width, width);
        }
    }
}

#[test]
fn previews_and_thumbnails_have_the_size_they_promise() {
    let file = jpeg(&scene(1500, 1000), false);
    for rendition in [preview(&file), thumbnail(&file, 640), thumbnail(&file, 320)] {
        let rendition = rendition.unwrap();
        let picture = open(&rendition.bytes);
        assert_eq!(picture.dimensions(), (rendition.width, rendition.height));
        assert_eq!(rendition.format, PhotoFormat::Jpeg);
    }
    assert_eq!(preview(&file).unwrap().width, 1280);
    assert_eq!(thumbnail(&file, 320).unwrap().height, 213);
    assert_eq!(preview(&jpeg(&scene(300, 200), false)).unwrap().width, 300);
}

#[test]
fn the_fixtures_are_whole() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/photos");
    for (name, size) in [("portrait.jpg", (575, 1024)), ("landscape.jpg", (1200, 800))] {
        let info = inspect(&std::fs::read(folder.join(name)).unwrap()).unwrap();
        assert_eq!((info.width, info.height), size);
    }
}

#[test]
#[ignore = "writes the fixtures again"]
fn write_the_fixtures() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/photos");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("portrait.jpg"), jpeg(&scene(575, 1024), true)).unwrap();
    std::fs::write(folder.join("landscape.jpg"), jpeg(&scene(1200, 800), false)).unwrap();
}
