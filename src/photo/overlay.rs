//! Where Ponka sits on a photo, and how her pixels are blended into it.

use super::picture::{Layout, Picture};

/// The largest share of the photo's width and height that Ponka takes, in hundredths.
const BOX_PERCENT: (u64, u64) = (30, 40);

/// The size at which a cat of `cat` pixels is drawn on a photo of `photo` pixels: as large as fits
/// into 30 % of the width and 40 % of the height, never enlarged, at least one pixel.
pub(super) fn size_on(photo: (u32, u32), cat: (u32, u32)) -> (u32, u32) {
    let (cat_width, cat_height) = (u64::from(cat.0), u64::from(cat.1));
    // In hundredths of a pixel, so that a fractional box needs no floating point.
    let box_width = u64::from(photo.0) * BOX_PERCENT.0;
    let box_height = u64::from(photo.1) * BOX_PERCENT.1;
    if cat_width * 100 <= box_width && cat_height * 100 <= box_height {
        return cat;
    }
    // The side that touches the box is cut to whole pixels, the other one follows.
    let (widest, tallest) = (whole(box_width / 100), whole(box_height / 100));
    if cat_width * box_height >= box_width * cat_height {
        (widest, nearest(box_width * cat_height, 100 * cat_width).min(tallest))
    } else {
        (nearest(box_height * cat_width, 100 * cat_height).min(widest), tallest)
    }
}

fn nearest(numerator: u64, denominator: u64) -> u32 {
    whole((numerator + denominator / 2) / denominator)
}

fn whole(pixels: u64) -> u32 {
    u32::try_from(pixels.max(1)).expect("never longer than the photo's side")
}

/// Blends an RGBA picture over the bottom-right corner of the photo; only that rectangle is read.
pub(super) fn draw(photo: &mut Picture, cat: &Picture) {
    debug_assert_eq!(cat.layout, Layout::Rgba);
    let blend = match photo.layout {
        Layout::Rgb => over_rgb,
        Layout::Rgba => over_rgba,
    };
    let pixel = photo.layout.bytes_per_pixel();
    let photo_row = photo.width as usize * pixel;
    let cat_row = cat.width as usize * 4;
    let left = photo_row - cat.width as usize * pixel;
    let top = (photo.height - cat.height) as usize;
    let rows = photo.pixels.chunks_exact_mut(photo_row).skip(top);
    for (below, above) in rows.zip(cat.pixels.chunks_exact(cat_row)) {
        let pixels = below[left..].chunks_exact_mut(pixel);
        for (below, above) in pixels.zip(above.as_chunks::<4>().0) {
            if above[3] != 0 {
                blend(below, *above);
            }
        }
    }
}

fn over_rgb(below: &mut [u8], [red, green, blue, alpha]: [u8; 4]) {
    for (channel, above) in below.iter_mut().zip([red, green, blue]) {
        *channel = mix(above, *channel, alpha);
    }
}

/// "Source over" for straight alpha, on both sides.
fn over_rgba(below: &mut [u8], [red, green, blue, alpha]: [u8; 4]) {
    let above_alpha = u32::from(alpha) * 255;
    let below_alpha = u32::from(below[3]) * (255 - u32::from(alpha));
    let total = above_alpha + below_alpha; // alpha is not 0, so neither is this
    for (channel, above) in below.iter_mut().zip([red, green, blue]) {
        let sum = u32::from(above) * above_alpha + u32::from(*channel) * below_alpha;
        *channel = byte((sum + total / 2) / total);
    }
    below[3] = byte((total + 127) / 255);
}

fn mix(above: u8, below: u8, alpha: u8) -> u8 {
    let alpha = u32::from(alpha);
    byte((u32::from(above) * alpha + u32::from(below) * (255 - alpha) + 127) / 255)
}

fn byte(value: u32) -> u8 {
    u8::try_from(value).expect("a weighted mean of bytes is a byte")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_the_reference_table() {
        let cats = [(1024, 919), (1024, 1585), (1024, 630), (1024, 1206)];
        let table = [
            ((575, 1024), [(172, 155), (172, 267), (172, 106), (172, 203)]),
            ((1600, 1200), [(480, 431), (310, 480), (480, 295), (408, 480)]),
            ((4000, 3000), [(1024, 919), (775, 1200), (1024, 630), (1019, 1200)]),
            ((3000, 600), [(267, 240), (155, 240), (390, 240), (204, 240)]),
        ];
        for (photo, expected) in table {
            assert_eq!(cats.map(|cat| size_on(photo, cat)), expected, "on {photo:?}");
        }
    }

    #[test]
    fn a_fractional_box_holds_a_tall_cat_too() {
        // 40 % of 1201 is 480.4
        assert_eq!(size_on((1600, 1201), (1024, 1585)), (310, 480));
    }

    #[test]
    fn the_smallest_photo_gets_one_pixel_of_cat() {
        assert_eq!(size_on((1, 1), (1024, 919)), (1, 1));
        assert_eq!(size_on((12_000, 1), (1024, 919)), (1, 1));
    }

    #[test]
    fn full_alpha_replaces_and_half_alpha_mixes() {
        let mut below = [10, 20, 30];
        over_rgb(&mut below, [200, 100, 50, 255]);
        assert_eq!(below, [200, 100, 50]);
        over_rgb(&mut below, [0, 0, 0, 128]);
        assert_eq!(below, [100, 50, 25]);
    }

    #[test]
    fn on_a_transparent_photo_the_cat_keeps_her_own_alpha() {
        let mut below = [9, 9, 9, 0];
        over_rgba(&mut below, [200, 100, 50, 77]);
        assert_eq!(below, [200, 100, 50, 77]);
    }
}
