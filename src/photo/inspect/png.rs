//! The chunks of a PNG: size from `IHDR`, orientation from `eXIf`, completeness from `IEND`.

use image::metadata::Orientation;

use super::reader::Reader;
use super::{Header, PhotoProblem, check_size, orientation};

const SIGNATURE_BYTES: usize = 8;
const CHECKSUM_BYTES: usize = 4;

/// Walks the chunks up to `IEND`; whatever follows it is not looked at.
pub(super) fn header(bytes: &[u8]) -> Result<Header, PhotoProblem> {
    let mut reader = Reader::new(bytes);
    reader.take(SIGNATURE_BYTES)?;
    let (kind, data) = chunk(&mut reader)?;
    if &kind != b"IHDR" {
        return Err(PhotoProblem::Damaged("a PNG must begin with IHDR".into()));
    }
    let mut start = Reader::new(data);
    let (width, height) = (start.u32_be()?, start.u32_be()?);
    check_size(width, height)?;

    let mut header = Header { width, height, orientation: Orientation::NoTransforms };
    loop {
        match chunk(&mut reader)? {
            (kind, data) if &kind == b"eXIf" => header.orientation = orientation(data),
            (kind, _) if &kind == b"IEND" => return Ok(header),
            _ => {}
        }
    }
}

fn chunk<'a>(reader: &mut Reader<'a>) -> Result<([u8; 4], &'a [u8]), PhotoProblem> {
    let length = reader.u32_be()? as usize;
    let kind = reader.array()?;
    let data = reader.take(length)?;
    reader.take(CHECKSUM_BYTES)?;
    Ok((kind, data))
}
