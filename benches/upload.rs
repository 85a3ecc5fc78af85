//! Fifty uploads of 10 MB at the same time: `cargo bench --bench upload`. The bar: the server's peak
//! memory (RSS) stays at or below 100 MB. Beside the time stands what copying the same bytes to the
//! same disk takes, written through to it.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Instant;
use std::{fs, thread};

#[expect(dead_code, reason = "shared with the tests, which need more of it")]
#[path = "../src/photo/tests/samples.rs"]
mod samples;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const UPLOADS: usize = 50;
const BYTES: usize = 10_000_000;
const PHOTO: (u32, u32) = (4000, 3000);

fn main() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    fs::copy("messenger.toml", folder.path().join("messenger.toml"))?;
    let photo = Arc::new(form(&photo()));
    let server = Server::start(folder.path())?;
    server.upload(&photo)?; // warm
    let idle = server.memory("VmRSS")?;

    let started = Instant::now();
    let uploads: Vec<_> = (0..UPLOADS)
        .map(|_| {
            let (photo, address) = (Arc::clone(&photo), server.address.clone());
            thread::spawn(move || upload(&address, &photo))
        })
        .collect();
    for upload in uploads {
        upload.join().map_err(|panic| format!("an upload panicked: {panic:?}"))??;
    }
    let spent = started.elapsed();
    println!("{UPLOADS} uploads of {} MB at the same time, fsync on", BYTES / 1_000_000);
    println!("  {:>6.2} s, {:.0} MB/s", spent.as_secs_f64(), megabytes_a_second(spent));
    let copied = copy(folder.path(), &photo)?;
    println!(
        "  {:>6.2} s to write the same bytes with fsync, one after another",
        copied.as_secs_f64()
    );
    println!(
        "  server: {} MB idle, {} MB at its peak (bar: 100 MB)",
        idle,
        server.memory("VmHWM")?
    );
    Ok(())
}

fn megabytes_a_second(spent: std::time::Duration) -> f64 {
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

fn copy(folder: &std::path::Path, body: &[u8]) -> Outcome<std::time::Duration> {
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
    fn start(folder: &std::path::Path) -> Outcome<Self> {
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
