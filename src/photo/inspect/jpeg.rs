//! The segments of a JPEG, from the first to the end-of-image marker behind the last scan.

use image::metadata::Orientation;

use super::reader::Reader;
use super::{Header, PhotoProblem, check_size, orientation};

/// More scans than any camera or optimiser writes; each costs a walk over all coefficients.
const MAX_SCANS: u32 = 100;

/// Walks all segments. A thumbnail in the EXIF has an end marker too, but lies inside a segment,
/// so it is never mistaken for the photo's own end.
pub(super) fn header(bytes: &[u8]) -> Result<Header, PhotoProblem> {
    let mut reader = Reader::new(bytes);
    reader.take(2)?; // start of image, seen by `sniff`
    let mut walk = Walk::default();
    while !walk.step(&mut reader)? {}
    walk.finish()
}

#[derive(Default)]
struct Walk {
    frame: Option<Frame>,
    orientation: Option<Orientation>,
    scans: u32,
    /// Bytes of compressed pixels seen so far.
    entropy: u64,
}

impl Walk {
    /// Reads one segment; true at the end of the image.
    fn step(&mut self, reader: &mut Reader<'_>) -> Result<bool, PhotoProblem> {
        match next_marker(reader)? {
            0xd9 => return Ok(true),
            0x01 | 0xd0..=0xd8 => {} // markers without a body
            0xda => {
                segment(reader)?;
                self.scans += 1;
                self.entropy += skip_entropy(reader)?;
            }
            0xc0..=0xc2 if self.frame.is_some() => {
                return Err(PhotoProblem::Damaged("a JPEG with two frames".into()));
            }
            marker @ 0xc0..=0xc2 => self.frame = Some(Frame::parse(marker, segment(reader)?)?),
            // DHT and DAC are tables; the other codes of this row are lossless, arithmetic, …
            0xc4 | 0xcc => drop(segment(reader)?),
            0xc3..=0xcf => return Err(PhotoProblem::NotSupported),
            0xe1 => {
                let data = segment(reader)?;
                if data.starts_with(b"Exif\0\0") && self.orientation.is_none() {
                    self.orientation = Some(orientation(data));
                }
            }
            _ => drop(segment(reader)?),
        }
        Ok(false)
    }

    fn finish(self) -> Result<Header, PhotoProblem> {
        let frame = self.frame.ok_or(PhotoProblem::Incomplete)?;
        if self.scans > MAX_SCANS {
            return Err(PhotoProblem::Damaged(format!("a JPEG of {} scans", self.scans)));
        }
        if self.entropy * 8 < frame.fewest_bits {
            return Err(PhotoProblem::Incomplete);
        }
        let orientation = self.orientation.unwrap_or(Orientation::NoTransforms);
        Ok(Header { width: frame.width, height: frame.height, orientation })
    }
}

struct Frame {
    width: u32,
    height: u32,
    /// What the emptiest picture of this size takes; fewer bits cannot be the whole photo.
    fewest_bits: u64,
}

impl Frame {
    fn parse(marker: u8, data: &[u8]) -> Result<Self, PhotoProblem> {
        let mut reader = Reader::new(data);
        let precision = reader.u8()?;
        let (height, width) = (u32::from(reader.u16_be()?), u32::from(reader.u16_be()?));
        check_size(width, height)?;
        let components = reader.u8()?;
        if precision != 8 || !matches!(components, 1 | 3 | 4) {
            return Err(PhotoProblem::NotSupported);
        }
        let (mut widest, mut tallest, mut per_unit) = (1, 1, 0);
        for _ in 0..components {
            let [_id, sampling, _table] = reader.array()?;
            let (across, down) = (u32::from(sampling >> 4), u32::from(sampling & 15));
            widest = widest.max(across);
            tallest = tallest.max(down);
            per_unit += u64::from(across * down);
        }
        if components == 1 {
            (widest, tallest, per_unit) = (1, 1, 1); // alone, its sampling means nothing
        }
        // No Huffman code is shorter than a bit. A baseline block has at least two codes (DC, end
        // of block), a progressive one its DC. Units cut by the edge are not counted: a promise
        // that is too low refuses nobody.
        let units = u64::from(width / (8 * widest)) * u64::from(height / (8 * tallest));
        let codes = if marker == 0xc2 { 1 } else { 2 };
        Ok(Self { width, height, fewest_bits: units * per_unit * codes })
    }
}

/// The next marker's code. Bytes before it are skipped, as every decoder does.
fn next_marker(reader: &mut Reader<'_>) -> Result<u8, PhotoProblem> {
    let mut previous = reader.u8()?;
    loop {
        let byte = reader.u8()?;
        if previous == 0xff && !matches!(byte, 0x00 | 0xff) {
            return Ok(byte);
        }
        previous = byte;
    }
}

fn segment<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], PhotoProblem> {
    let length = usize::from(reader.u16_be()?);
    let body = length.checked_sub(2);
    reader.take(body.ok_or_else(|| PhotoProblem::Damaged("a JPEG segment without length".into()))?)
}

/// Skips compressed pixels up to the next marker that ends them, and counts their bytes.
fn skip_entropy(reader: &mut Reader<'_>) -> Result<u64, PhotoProblem> {
    let mut count = 0;
    loop {
        let rest = reader.rest();
        let run = rest.iter().position(|&byte| byte == 0xff).ok_or(PhotoProblem::Incomplete)?;
        reader.take(run)?;
        count += run as u64;
        match reader.rest().get(1) {
            None => return Err(PhotoProblem::Incomplete),
            Some(0x00 | 0xd0..=0xd7) => reader.take(2)?, // an escaped 0xff, or a restart
            Some(0xff) => reader.take(1)?,
            Some(_) => return Ok(count),
        };
        count += 2;
    }
}
