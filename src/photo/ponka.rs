//! Ponka herself: her poses, compiled into the program, and which photo gets which.

use std::io::Cursor;

use image::DynamicImage;
use image::codecs::png::PngDecoder;
use uuid::Uuid;

use super::picture::{Layout, Picture};

/// One way for Ponka to sit on a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pose {
    /// Curled up, asleep.
    Sleeping,
    /// Sitting and looking up.
    Sitting,
    /// Lying full length, one paw out.
    Lying,
    /// Yawning.
    Yawning,
    /// Peeking over the bottom edge.
    Peeking,
}

impl Pose {
    /// All of her poses.
    pub const ALL: [Self; 5] =
        [Self::Sleeping, Self::Sitting, Self::Lying, Self::Yawning, Self::Peeking];

    /// The pose for the photo with this id: always the same one, so that a repeated delivery of a
    /// message draws the same picture.
    #[must_use]
    pub fn for_id(id: Uuid) -> Self {
        // A UUID v7 begins with the time and ends with random bits.
        let [.., last] = id.into_bytes();
        Self::ALL[usize::from(last) % Self::ALL.len()]
    }

    /// The drawing as a PNG with a transparent background, for the bottom-right corner.
    #[must_use]
    pub fn png(self) -> &'static [u8] {
        match self {
            Self::Sleeping => include_bytes!("ponka/sleeping.png"),
            Self::Sitting => include_bytes!("ponka/sitting.png"),
            Self::Lying => include_bytes!("ponka/lying.png"),
            Self::Yawning => include_bytes!("ponka/yawning.png"),
            Self::Peeking => include_bytes!("ponka/peeking.png"),
        }
    }

    /// The drawing's pixels. Decoding takes a few milliseconds, less than a hundredth of a photo's
    /// time: not worth megabytes held forever.
    pub(super) fn picture(self) -> Picture {
        let picture = PngDecoder::new(Cursor::new(self.png()))
            .and_then(DynamicImage::from_decoder)
            .map(Picture::from_image)
            .expect("our own drawings are sound PNG files: a test decodes them all");
        assert_eq!(picture.layout, Layout::Rgba, "our own drawings have a transparent background");
        picture
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn every_pose_decodes_and_is_as_large_as_a_photo_needs() {
        for pose in Pose::ALL {
            let picture = pose.picture();
            assert!((640..=1024).contains(&picture.width), "{pose:?} is {} wide", picture.width);
            assert!(pose.png().len() < 80_000, "{pose:?} is {} bytes", pose.png().len());
            assert_eq!(picture.pixels[3], 0, "{pose:?} has no transparent corner");
        }
    }

    #[test]
    fn the_same_id_always_gets_the_same_pose() {
        let id = Uuid::now_v7();
        assert_eq!(Pose::for_id(id), Pose::for_id(id));
    }

    #[test]
    fn ids_made_in_the_same_millisecond_spread_over_all_poses() {
        let mut seen = HashMap::new();
        for _ in 0..1000 {
            *seen.entry(Pose::for_id(Uuid::now_v7())).or_insert(0) += 1;
        }
        assert!(Pose::ALL.iter().all(|pose| seen[pose] > 120), "uneven: {seen:?}");
    }
}
