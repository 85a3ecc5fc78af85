//! Fifty uploads of 10 MB at the same time: `cargo bench --bench upload`. The bar: the server's peak
//! memory (RSS) stays at or below 100 MB. Beside the time stands what the same disk takes to write
//! the same bytes through, and, where it is installed, nginx taking the same fifty files by `PUT`.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{fs, thread};

use nginx::Nginx;

mod nginx;
#[expect(dead_code, reason = "shared with the tests, which need more of it")]
#[path = "../../src/photo/tests/samples.rs"]
mod samples;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const UPLOADS: usize = 50;
const BYTES: usize = 10_000_000;
const PHOTO: (u32, u32) = (4000, 3000);

fn main() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    fs::copy("messenger.toml", folder.path().join("messenger.toml"))?;
    let file = Arc::new(photo());
    let photo = Arc::new(form(&file));
    let server = Server::start(folder.path())?;
    server.upload(&photo)?; // warm
    let idle = server.memory("VmRSS")?;

    let address = server.address.clone();
    let spent = at_once(move |_| upload(&address, &photo))?;
    println!("{UPLOADS} uploads of {} MB at the same time, fsync on", BYTES / 1_000_000);
    println!("  {:>6.2} s, {:.0} MB/s", spent.as_secs_f64(), megabytes_a_second(spent));
    let copied = copy(folder.path(), &file)?;
    println!(
        "  {:>6.2} s to write the same bytes with fsync, one after another",
        copied.as_secs_f64()
    );
    println!(
        "  server: {} MB idle, {} MB at its peak (bar: 100 MB)",
        idle,
        server.memory("VmHWM")?
    );
    compare_with_nginx(folder.path(), &file, spent)
}

/// Runs all uploads at the same time and gives how long they took together.
fn at_once(upload: impl Fn(usize) -> Outcome<()> + Clone + Send + 'static) -> Outcome<Duration> {
    let started = Instant::now();
    let uploads: Vec<_> = (0..UPLOADS)
        .map(|number| {
            let upload = upload.clone();
            thread::spawn(move || upload(number))
        })
        .collect();
    for upload in uploads {
        upload.join().map_err(|panic| format!("an upload panicked: {panic:?}"))??;
    }
    Ok(started.elapsed())
}

fn compare_with_nginx(folder: &Path, file: &Arc<Vec<u8>>, ours: Duration) -> Outcome<()> {
    let Some(nginx) = Nginx::start(folder)? else {
        println!("  nginx is not installed: no peer");
        return Ok(());
    };
    let (address, body) = (nginx.address.clone(), Arc::clone(file));
    nginx::put(&address, UPLOADS, &body)?; // warm
    let spent = at_once(move |number| nginx::put(&address, number, &body))?;
    let started = Instant::now();
    sync(folder)?;
    let synced = spent + started.elapsed();
    println!(
        "  {:>6.2} s nginx by PUT, fsync off (it has none), no picture looked at: we take {:.1} times that",
        spent.as_secs_f64(),
        ours.as_secs_f64() / spent.as_secs_f64()
    );
    println!(
        "  {:>6.2} s until its files are on the disk too: we take {:.1} times that",
        synced.as_secs_f64(),
        ours.as_secs_f64() / synced.as_secs_f64()
    );
    Ok(())
}

/// Writes every file that nginx has stored through to the disk.
fn sync(folder: &Path) -> Outcome<()> {
    for entry in fs::read_dir(folder.join("nginx/files"))? {
        fs::File::open(entry?.path())?.sync_all()?;
    }
    Ok(())
}

fn megabytes_a_second(spent: Duration) -> f64 {
    (UPLOADS * BYTES) as f64 / 1e6 / spent.as_secs_f64()
}

/// A 12-megapixel JPEG, filled up to 10 MB behind its end: the server reads and stores all of it.
fn photo() -> Vec<u8> {
    let mut photo = samples::jpeg(&samples::scene(PHOTO.0, PHOTO.1), false);
    photo.resize(BYTES, 0);
    photo
}

fn form(photo: &[u8]) -> Vec<u8> {
    let mut body =
        b"--cat\r\nContent-Disposition: form-data; name=\"file\"; filename=\"cat.jpg\"\r\n\
        Content-Type: image/jpeg\r\n\r\n"
            .to_vec();
    body.extend_from_slice(photo);
    body.extend_from_slice(b"\r\n--cat--\r\n");
    body
}

fn upload(address: &str, body: &[u8]) -> Outcome<()> {
    let mut stream = TcpStream::connect(address)?;
    let head = format!(
        "POST /api/images HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: multipart/form-data; boundary=cat\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    if answer.starts_with("HTTP/1.1 201") { Ok(()) } else { Err(answer.into()) }
}

fn copy(folder: &Path, body: &[u8]) -> Outcome<Duration> {
    let started = Instant::now();
    for number in 0..UPLOADS {
        let mut file = fs::File::create(folder.join(format!("copy-{number}")))?;
        file.write_all(body)?;
        file.sync_all()?;
    }
    Ok(started.elapsed())
}

/// The gallery without its worker, in a process of its own.
struct Server {
    process: Child,
    address: String,
    _output: BufReader<ChildStdout>,
}

impl Server {
    fn start(folder: &Path) -> Outcome<Self> {
        let mut process = Command::new(env!("CARGO_BIN_EXE_ponka"))
            .args(["--no-worker", "--bind", "127.0.0.1:0"])
            .env("RUST_LOG", "warn")
            .current_dir(folder)
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().ok_or("the server has no output")?;
        let mut output = BufReader::new(output);
        let mut line = String::new();
        output.read_line(&mut line)?;
        let address = line.trim().rsplit('/').next().unwrap_or_default().to_owned();
        Ok(Self { process, address, _output: output })
    }

    fn upload(&self, body: &[u8]) -> Outcome<()> {
        upload(&self.address, body)
    }

    /// Megabytes of a field of the kernel's account of the process.
    fn memory(&self, field: &str) -> Outcome<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(&format!("{field}:")));
        let kibibytes: u64 =
            line.ok_or("no such field")?.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kibibytes * 1024 / 1_000_000)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
