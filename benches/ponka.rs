//! What a 12-megapixel photo costs, beside PHP's GD, `ImageMagick` and libvips on the same files:
//! `cargo bench --bench ponka`. Tools that are not installed are left out.
//!
//! Every row runs in a process of its own; CPU time and peak memory are the kernel's figures for
//! it. "in a worker" is the cost of one more photo in a process that is already running.

use std::error::Error;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use ponka::photo::{Ponkaficator, Pose, preview, preview_with_copies, thumbnail};
use uuid::Uuid;

#[expect(dead_code, reason = "shared with the tests, which need more of it")]
#[path = "../src/photo/tests/samples.rs"]
mod samples;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// An id that gets the same pose as the one given to the other tools.
const ID: Uuid = Uuid::from_u128(0);
const PHOTO: (u32, u32) = (4000, 3000);
const RUNS: u32 = 7;
const MORE_PHOTOS: u32 = 5;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["run", what, photo, out, photos] => run(what, photo, out, photos.parse()?),
        ["measure", command @ ..] => measure(command),
        _ => table(),
    }
}

/// Our own work, in a child process.
fn run(what: &str, photo: &str, out: &str, photos: u32) -> Outcome<()> {
    for _ in 0..photos {
        let photo = fs::read(photo)?;
        let done = match what {
            "ponkafy" => Ponkaficator::new().ponkafy(&photo, ID)?,
            "visit" => Ponkaficator::new().ponkafy_with_copies(&photo, ID)?.0.bytes,
            "preview" => preview(&photo)?.bytes,
            "upload" => preview_with_copies(&photo)?.0.bytes,
            _ => thumbnail(&photo, 320)?.bytes,
        };
        fs::write(out, done)?;
    }
    Ok(())
}

/// Runs a command, and prints the CPU milliseconds and peak KiB that the kernel counted for it.
fn measure(command: &[&str]) -> Outcome<()> {
    let [program, arguments @ ..] = command else {
        return Err("nothing to measure".into());
    };
    let status = Command::new(program).args(arguments).stdout(Stdio::null()).status()?;
    if !status.success() {
        return Err(format!("{program}: {status}").into());
    }
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    println!("{micros} {}", usage.max_rss());
    Ok(())
}

/// The middle of several runs: CPU milliseconds, and peak MiB.
fn cost(command: &[String]) -> Outcome<(f64, f64)> {
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        let output = Command::new(env::current_exe()?).arg("measure").args(command).output()?;
        let text = String::from_utf8(output.stdout)?;
        let (micros, kib) = text.trim().split_once(' ').ok_or("no measurement")?;
        runs.push((micros.parse::<f64>()? / 1e3, kib.parse::<f64>()? / 1024.0));
    }
    runs.sort_by(|a, b| a.0.total_cmp(&b.0));
    Ok(runs[runs.len() / 2])
}

struct Row {
    name: &'static str,
    command: Vec<String>,
    /// The command wants a number of photos as its last word; others start anew for each.
    takes_many: bool,
}

impl Row {
    fn for_photos(&self, photos: u32) -> Vec<String> {
        let mut command = self.command.clone();
        if self.takes_many {
            command.push(photos.to_string());
        }
        command
    }

    /// The row as text; `ours` is the CPU time to compare with, and set by the first row.
    fn measured(&self, ours: &mut Option<f64>) -> Outcome<String> {
        let (cpu, peak) = cost(&self.for_photos(1))?;
        let more = if self.takes_many {
            let many = cost(&self.for_photos(1 + MORE_PHOTOS))?.0;
            format!("{:.0}", (many - cpu) / f64::from(MORE_PHOTOS))
        } else {
            "-".into()
        };
        let ratio = cpu / *ours.get_or_insert(cpu);
        Ok(format!("{cpu:>8.0} {more:>12} {peak:>9.0} {ratio:>9.2}"))
    }
}

fn table() -> Outcome<()> {
    let folder = env::temp_dir().join(format!("ponka-bench-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let photo = folder.join("photo.jpg");
    fs::write(&photo, samples::jpeg(&samples::scene(PHOTO.0, PHOTO.1), false))?;
    let size = fs::metadata(&photo)?.len() as f64 / 1e6;
    println!("{} × {} JPEG, {:.1} MB; {:?}", PHOTO.0, PHOTO.1, size, Pose::for_id(ID));
    println!("{:34} {:>8} {:>12} {:>9} {:>9}", "", "CPU ms", "in a worker", "peak MiB", "CPU/ours");

    let mut ours = None;
    for row in rows(&folder)? {
        let text = row.measured(&mut ours).unwrap_or_else(|_| "not installed".into());
        println!("{:34} {text}", row.name);
    }
    fs::remove_dir_all(&folder)?;
    Ok(())
}

/// The commands, as `@names` of files and plain words.
const ROWS: [(&str, &str, bool); 9] = [
    ("Ponka: decode, draw, encode q90", "@ponka run ponkafy @photo @out", true),
    ("PHP GD, the same", "php -d memory_limit=-1 -r @script @photo @cat @out", true),
    ("ImageMagick 7, the same", "magick @magick", false),
    ("ImageMagick 6, the same", "convert-im6.q16 @magick", false),
    (
        "libvips, the same",
        "vips composite2 @photo @cat @out[Q=90,strip] over --x 3100 --y 2400",
        false,
    ),
    ("Ponka: the same, and its copies", "@ponka run visit @photo @out", true),
    ("Ponka: preview, 1280 px", "@ponka run preview @photo @out", true),
    ("Ponka: preview, and its copies", "@ponka run upload @photo @out", true),
    ("Ponka: thumbnail, 320 px", "@ponka run thumbnail @photo @out", true),
];
const MAGICK: &str =
    "@photo ( @cat -resize 1200x1200> ) -gravity SouthEast -composite -quality 90 @out";

fn rows(folder: &Path) -> Outcome<Vec<Row>> {
    let file = |name: &str| folder.join(name).display().to_string();
    fs::write(file("cat.png"), Pose::for_id(ID).png())?;
    let ponka = env::current_exe()?.display().to_string();
    let word = |word: &str| match word {
        "@script" => PHP.to_owned(),
        word => word
            .replace("@ponka", &ponka)
            .replace("@photo", &file("photo.jpg"))
            .replace("@cat", &file("cat.png"))
            .replace("@out", &file("out.jpg")),
    };
    let row = |(name, command, takes_many): (_, &str, _)| {
        let command = command.replace("@magick", MAGICK);
        Row { name, command: command.split(' ').map(word).collect(), takes_many }
    };
    Ok(ROWS.map(row).into())
}

/// What the tutorial's library does with GD: contain fit, smooth resampling, quality 90.
const PHP: &str = r#"
[, $in, $catFile, $out, $photos] = $argv;
for ($i = 0; $i < $photos; $i++) {
    $photo = imagecreatefromjpeg($in);
    $cat = imagecreatefrompng($catFile);
    [$W, $H, $w, $h] = [imagesx($photo), imagesy($photo), imagesx($cat), imagesy($cat)];
    $scale = min(1, 0.3 * $W / $w, 0.4 * $H / $h);
    [$dw, $dh] = [(int) ($w * $scale), (int) ($h * $scale)];
    imagecopyresampled($photo, $cat, $W - $dw, $H - $dh, 0, 0, $dw, $dh, $w, $h);
    imagejpeg($photo, $out, 90);
}
"#;
