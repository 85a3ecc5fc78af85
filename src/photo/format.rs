//! The four formats that the gallery takes, told apart by their first bytes.

use super::problem::PhotoProblem;

/// A kind of photo that we can read and write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PhotoFormat {
    /// JPEG, baseline or progressive.
    Jpeg,
    /// PNG, of an animated one the default image.
    Png,
    /// WebP, of an animated one the first frame.
    WebP,
    /// GIF, first frame only.
    Gif,
}

impl PhotoFormat {
    /// Tells the format by its magic bytes; a file name or a declared media type is never asked.
    ///
    /// # Errors
    /// [`PhotoProblem::Heic`] for what iPhones make, [`PhotoProblem::NotSupported`] for all else.
    pub fn sniff(bytes: &[u8]) -> Result<Self, PhotoProblem> {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Ok(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Ok(Self::Png),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Ok(Self::Gif),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(Self::WebP),
            _ if is_heic(bytes) => Err(PhotoProblem::Heic),
            _ => Err(PhotoProblem::NotSupported),
        }
    }

    /// The media type, for a `Content-Type` header.
    #[must_use]
    pub fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Gif => "image/gif",
        }
    }

    /// The format whose files we give this extension.
    #[must_use]
    pub fn from_extension(extension: &str) -> Option<Self> {
        let all = [Self::Jpeg, Self::Png, Self::WebP, Self::Gif];
        all.into_iter().find(|format| format.extension() == extension)
    }

    /// The file extension, without the dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
            Self::Gif => "gif",
        }
    }
}

/// HEIF files begin with an `ftyp` box whose brand says which codec is inside.
fn is_heic(bytes: &[u8]) -> bool {
    let brand = match bytes {
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => brand.first_chunk::<4>(),
        _ => None,
    };
    brand.is_some_and(|brand| {
        matches!(
            brand,
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_decide() {
        assert_eq!(PhotoFormat::sniff(b"\xff\xd8\xff\xe0"), Ok(PhotoFormat::Jpeg));
        assert_eq!(PhotoFormat::sniff(b"GIF89a..."), Ok(PhotoFormat::Gif));
        assert_eq!(PhotoFormat::sniff(b"\0\0\0\x18ftypheic\0\0"), Err(PhotoProblem::Heic));
        assert_eq!(PhotoFormat::sniff(b"\0\0\0\x18ftypmif1\0\0"), Err(PhotoProblem::Heic));
    }

    #[test]
    fn everything_else_is_not_supported() {
        let others: [&[u8]; 9] = [
            b"",
            b"\xff\xd8",
            b"<!doctype html><script>",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            b"%PDF-1.7",
            b"II*\0",
            b"BM......",
            b"\0\0\0\x18ftypisom",
            b"\x1f\x8b\x08",
        ];
        for bytes in others {
            assert_eq!(PhotoFormat::sniff(bytes), Err(PhotoProblem::NotSupported));
        }
    }
}
