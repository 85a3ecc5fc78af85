//! The public name of a rendition: its photo, a hash of its bytes, and an extension of ours.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::photo::PhotoFormat;

/// How many bytes of the SHA-256 are in a name: 128 bits, 32 hexadecimal digits.
const HASH_BYTES: usize = 16;

/// `<photo>-<hash>.<extension>`, photo and hash as 32 hexadecimal digits each: other bytes have
/// another name, so what a name stands for never changes. Two photos never share a rendition, so
/// that deleting one takes nothing from the other.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MediaName {
    photo: Uuid,
    hash: String,
    format: PhotoFormat,
}

/// The text is not the name of a rendition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a rendition")]
pub struct InvalidMediaName;

impl MediaName {
    /// The name of these bytes of this photo.
    #[must_use]
    pub fn of(photo: Uuid, bytes: &[u8], format: PhotoFormat) -> Self {
        let digest = Sha256::digest(bytes);
        let hash = digest[..HASH_BYTES].iter().map(|byte| format!("{byte:02x}")).collect();
        Self { photo, hash, format }
    }

    /// The format, and by it the content type.
    #[must_use]
    pub const fn format(&self) -> PhotoFormat {
        self.format
    }

    /// The photo it shows, by its file id.
    #[must_use]
    pub const fn photo(&self) -> Uuid {
        self.photo
    }

    /// The hash alone: a strong entity tag (without the quotes) and a stable file name for saving.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The key in the photo storage.
    #[must_use]
    pub fn key(&self) -> String {
        format!("media/{}/{}.{}", self.photo, self.hash, self.format.extension())
    }
}

impl fmt::Display for MediaName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (photo, extension) = (self.photo.simple(), self.format.extension());
        write!(f, "{photo}-{}.{extension}", self.hash)
    }
}

impl FromStr for MediaName {
    type Err = InvalidMediaName;

    /// Accepts exactly what [`MediaName::of`] produces: anything else cannot be stored, so that no
    /// path and no escape ever reaches the storage.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, extension) = text.split_once('.').ok_or(InvalidMediaName)?;
        let (photo, hash) = name.split_once('-').ok_or(InvalidMediaName)?;
        let format = PhotoFormat::from_extension(extension).ok_or(InvalidMediaName)?;
        let is_hex = |text: &str| {
            let lower = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            text.len() == 2 * HASH_BYTES && text.bytes().all(lower)
        };
        let photo = is_hex(photo).then(|| Uuid::try_parse(photo)).and_then(Result::ok);
        match photo {
            Some(photo) if is_hex(hash) => Ok(Self { photo, hash: hash.to_owned(), format }),
            _ => Err(InvalidMediaName),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHOTO: Uuid = Uuid::from_u128(0xc0ffee);

    #[test]
    fn a_name_is_made_of_photo_and_bytes_and_reads_back() {
        let name = MediaName::of(PHOTO, b"", PhotoFormat::Jpeg);
        let text = "00000000000000000000000000c0ffee-e3b0c44298fc1c149afbf4c8996fb924.jpg";
        assert_eq!(name.to_string(), text);
        assert_eq!(text.parse(), Ok(name));
    }

    #[test]
    fn nothing_else_is_a_name() {
        let good = MediaName::of(PHOTO, b"", PhotoFormat::Jpeg).to_string();
        for text in [
            "",
            "x.jpg",
            "..",
            "../../../../etc/passwd",
            good.trim_end_matches(".jpg"),
            &good.replace(".jpg", ".svg"),
            &good.to_uppercase(),
            &format!("{good}.jpg"),
            &good.replace("b924", "b92/"),
            &good.replace('-', "_"),
            &format!("{good}\0"),
        ] {
            assert_eq!(text.parse::<MediaName>(), Err(InvalidMediaName), "{text:?}");
        }
    }
}
