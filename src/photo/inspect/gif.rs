//! The blocks of a GIF up to the end of its first frame: we use no other.

use image::metadata::Orientation;

use super::reader::Reader;
use super::{Header, PhotoProblem, check_size};

const SIGNATURE_BYTES: usize = 6;
const EXTENSION: u8 = 0x21;
const IMAGE: u8 = 0x2c;

/// Reads the canvas size, then walks to the end of the first frame to see that it is all there.
pub(super) fn header(bytes: &[u8]) -> Result<Header, PhotoProblem> {
    let mut reader = Reader::new(bytes);
    reader.take(SIGNATURE_BYTES)?;
    let (width, height) = (u32::from(reader.u16_le()?), u32::from(reader.u16_le()?));
    check_size(width, height)?;
    let flags = reader.u8()?;
    reader.take(2)?; // background colour, pixel aspect ratio
    skip_palette(&mut reader, flags)?;
    loop {
        match reader.u8()? {
            EXTENSION => {
                reader.u8()?; // which one
                skip_sub_blocks(&mut reader)?;
            }
            IMAGE => {
                first_frame(&mut reader)?;
                return Ok(Header { width, height, orientation: Orientation::NoTransforms });
            }
            _ => return Err(PhotoProblem::Damaged("a GIF without a frame".into())),
        }
    }
}

/// A frame says its own size, which must not be a bomb beside a harmless canvas.
fn first_frame(reader: &mut Reader<'_>) -> Result<(), PhotoProblem> {
    reader.take(4)?; // left, top
    let (width, height) = (u32::from(reader.u16_le()?), u32::from(reader.u16_le()?));
    check_size(width, height)?;
    let flags = reader.u8()?;
    skip_palette(reader, flags)?;
    reader.u8()?; // the code size of LZW
    skip_sub_blocks(reader)
}

fn skip_palette(reader: &mut Reader<'_>, flags: u8) -> Result<(), PhotoProblem> {
    if flags & 0x80 != 0 {
        reader.take(3 << ((flags & 7) + 1))?;
    }
    Ok(())
}

fn skip_sub_blocks(reader: &mut Reader<'_>) -> Result<(), PhotoProblem> {
    loop {
        match reader.u8()? {
            0 => return Ok(()),
            length => reader.take(usize::from(length))?,
        };
    }
}
