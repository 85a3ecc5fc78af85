//! Small files that become very large: bombs made by hand, because nobody packs so much air.

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// The longest piece that one code of deflate repeats.
const LONGEST: u64 = 258;

/// A PNG of so many black pixels. Colour types: 0 grey, 2 RGB, 6 RGBA.
pub(super) fn black(width: u32, height: u32, color_type: u8) -> Vec<u8> {
    let samples = match color_type {
        0 => 1,
        2 => 3,
        _ => 4,
    };
    let row = 1 + u64::from(width) * samples;
    let pixels = repeated(0, row * u64::from(height));
    png(width, height, color_type, &[(b"IDAT", pixels)])
}

/// One grey pixel, and a comment of so many bytes.
pub(super) fn long_comment(length: u64) -> Vec<u8> {
    let comment = [b"Comment\0\0".to_vec(), repeated(b'A', length)].concat();
    png(1, 1, 0, &[(b"zTXt", comment), (b"IDAT", repeated(0, 2))])
}

/// One grey pixel with a chunk of any kind.
pub(super) fn with_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    png(1, 1, 0, &[(kind, data.to_vec()), (b"IDAT", repeated(0, 2))])
}

fn png(width: u32, height: u32, color_type: u8, chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let mut file = SIGNATURE.to_vec();
    file.extend(chunk(b"IHDR", &[&size[..], &[8, color_type, 0, 0, 0]].concat()));
    for (kind, data) in chunks {
        file.extend(chunk(kind, data));
    }
    file.extend(chunk(b"IEND", b""));
    file
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).expect("not that long").to_be_bytes();
    let body = [&kind[..], data].concat();
    [&length[..], &body, &crc(&body).to_be_bytes()].concat()
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    let table: Vec<u32> = (0..256).map(|byte| (0..8).fold(byte, step)).collect();
    let next = |crc: u32, byte: &u8| table[usize::from(crc.to_le_bytes()[0] ^ byte)] ^ (crc >> 8);
    !bytes.iter().fold(!0, next)
}

/// Writes bits, the lowest first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    waiting: u64,
    count: u32,
}

impl Bits {
    fn push(&mut self, bits: u64, count: u32) {
        self.waiting |= bits << self.count;
        self.count += count;
        while self.count >= 8 {
            self.bytes.push(self.waiting.to_le_bytes()[0]);
            self.waiting >>= 8;
            self.count -= 8;
        }
    }

    /// Huffman codes begin with their highest bit.
    fn push_code(&mut self, code: u64, count: u32) {
        self.push(code.reverse_bits() >> (64 - count), count);
    }
}

/// A zlib stream that unpacks to `length` times this byte, which is below 144: one literal, then
/// copies of 258 bytes, 13 bits each.
fn repeated(byte: u8, length: u64) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.push(0b011, 3); // the last block, with the codes that everybody knows
    let literal = 0x30 + u64::from(byte);
    let copies = (length - 1) / LONGEST;
    for _ in 0..length - copies * LONGEST {
        bits.push_code(literal, 8);
    }
    for _ in 0..copies {
        bits.push_code(0b1100_0101, 8); // 258 bytes
        bits.push_code(0, 5); // from one byte before
    }
    bits.push_code(0, 7); // the end
    bits.push(0, 7);
    let (n, value, prime) = (u128::from(length), u128::from(byte), 65_521);
    let (low, high) = ((1 + n * value) % prime, (n + value * (n * (n + 1) / 2)) % prime);
    let adler = u32::try_from(high << 16 | low).expect("two halves of 16 bits");
    [&[0x78, 0x01], &bits.bytes[..], &adler.to_be_bytes()].concat()
}

/// A GIF with a large canvas and so many tiny frames.
pub(super) fn frames(side: u16, count: usize) -> Vec<u8> {
    let mut file = b"GIF89a".to_vec();
    file.extend([side.to_le_bytes(), side.to_le_bytes()].concat());
    file.extend(b"\x80\0\0\0\0\0\xff\xff\xff");
    let mut bits = Bits::default();
    for code in (0..16).flat_map(|_| [4, 0]).chain([5]) {
        bits.push(code, 3); // clear, black, …, end
    }
    bits.push(0, 7);
    let length = u8::try_from(bits.bytes.len()).expect("a few bytes");
    let head = b"\x21\xf9\x04\0\x01\0\0\0\x2c\0\0\0\0\x04\0\x04\0\0\x02";
    let frame = [&head[..], &[length], &bits.bytes, &[0]].concat();
    file.extend(frame.repeat(count));
    file.push(b';');
    file
}
