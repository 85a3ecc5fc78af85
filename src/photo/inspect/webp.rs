//! The RIFF chunks of a WebP: lossy, lossless or extended, and the EXIF beside them.

use image::metadata::Orientation;

use super::reader::Reader;
use super::{Header, PhotoProblem, check_size, orientation};

/// Walks the chunks inside the length that RIFF declares; trailing bytes are not looked at.
pub(super) fn header(bytes: &[u8]) -> Result<Header, PhotoProblem> {
    let mut file = Reader::new(bytes);
    file.take(4)?; // RIFF
    let length = file.u32_le()? as usize;
    let mut chunks = Reader::new(file.take(length)?);
    chunks.take(4)?; // WEBP

    let mut size = None;
    let mut upright = Orientation::NoTransforms;
    while !chunks.is_empty() {
        let (kind, data) = chunk(&mut chunks)?;
        let stated = match &kind {
            b"VP8X" => extended_size(data)?,
            b"VP8 " => lossy_size(data)?,
            b"VP8L" => lossless_size(data)?,
            b"EXIF" => {
                upright = orientation(data);
                continue;
            }
            _ => continue,
        };
        check_size(stated.0, stated.1)?;
        size.get_or_insert(stated); // VP8X comes first and tells the canvas
    }
    let (width, height) = size.ok_or(PhotoProblem::Incomplete)?;
    Ok(Header { width, height, orientation: upright })
}

fn chunk<'a>(reader: &mut Reader<'a>) -> Result<([u8; 4], &'a [u8]), PhotoProblem> {
    let kind = reader.array()?;
    let length = reader.u32_le()? as usize;
    let data = reader.take(length)?;
    // Chunks are padded to even lengths; some writers forget it at the very end.
    reader.take((length % 2).min(reader.rest().len()))?;
    Ok((kind, data))
}

fn extended_size(data: &[u8]) -> Result<(u32, u32), PhotoProblem> {
    let mut reader = Reader::new(data);
    reader.take(4)?; // flags
    Ok((reader.u24_le()? + 1, reader.u24_le()? + 1))
}

fn lossy_size(data: &[u8]) -> Result<(u32, u32), PhotoProblem> {
    let mut reader = Reader::new(data);
    reader.take(3)?; // frame tag
    if reader.array()? != [0x9d, 0x01, 0x2a] {
        return Err(PhotoProblem::Damaged("a WebP without a key frame".into()));
    }
    let side = |stored: u16| u32::from(stored & 0x3fff); // the upper bits ask for scaling
    Ok((side(reader.u16_le()?), side(reader.u16_le()?)))
}

fn lossless_size(data: &[u8]) -> Result<(u32, u32), PhotoProblem> {
    let mut reader = Reader::new(data);
    if reader.u8()? != 0x2f {
        return Err(PhotoProblem::Damaged("a lossless WebP without its signature".into()));
    }
    let packed = reader.u32_le()?;
    Ok(((packed & 0x3fff) + 1, (packed >> 14 & 0x3fff) + 1))
}
