//! The first page of the gallery with 60 tiles, asked for 100 times a second:
//! `cargo bench --bench page`. The bars: 95 of 100 answers begin within 20 ms, and within 1.3 times
//! that of a small table when there are 1,000,000 photos in it.

use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const TILES: usize = 60;
const PHOTOS: usize = 1_000_000;
const A_SECOND: u32 = 100;
const SECONDS: u32 = 20;
/// Each sends its share; one that is late does not hold the others up.
const CLIENTS: u32 = 10;

fn main() -> Outcome<()> {
    let small = measure(0)?;
    let large = measure(PHOTOS)?;
    println!("{TILES} tiles, {A_SECOND} requests a second for {SECONDS} s, time to the first byte");
    for (what, times) in [("60 photos in the table", &small), ("1,000,060 photos", &large)] {
        println!(
            "  {what:<24} median {:>6.2} ms, p95 {:>6.2} ms, p99 {:>6.2} ms",
            at(times, 50),
            at(times, 95),
            at(times, 99)
        );
    }
    println!(
        "  ratio of the p95: {:.2} (bar: 1.3; p95 bar: 20 ms)",
        at(&large, 95) / at(&small, 95)
    );
    Ok(())
}

fn at(times: &[Duration], percent: usize) -> f64 {
    times[times.len() * percent / 100].as_secs_f64() * 1e3
}

/// The times of all requests, the shortest first, with so many photos of others in the table.
fn measure(others: usize) -> Outcome<Vec<Duration>> {
    let folder = tempfile::tempdir()?;
    fs::copy("messenger.toml", folder.path().join("messenger.toml"))?;
    let server = Server::start(folder.path())?;
    let cookie = server.visitor()?;
    seed(&folder.path().join("var/ponka.sqlite"), &owner(&cookie)?, others)?;
    let request =
        Arc::new(format!("GET / HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\n\r\n", server.address));
    let page = ask(&mut TcpStream::connect(&server.address)?, &request)?.1;
    let tiles = page.matches("class=\"tile\"").count();
    if tiles != TILES {
        return Err(format!("{tiles} tiles instead of {TILES}").into());
    }
    let begin = Instant::now() + Duration::from_millis(200);
    let clients = (0..CLIENTS).map(|client| {
        let (request, address) = (Arc::clone(&request), server.address.clone());
        thread::spawn(move || run(client, begin, &address, &request))
    });
    let mut times = Vec::new();
    for client in clients.collect::<Vec<_>>() {
        times.extend(client.join().map_err(|panic| format!("{panic:?}"))??);
    }
    times.sort();
    Ok(times)
}

/// One client's requests, each at its time, whenever the one before was answered.
fn run(client: u32, begin: Instant, address: &str, request: &str) -> Outcome<Vec<Duration>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut times = Vec::new();
    for number in 0..A_SECOND * SECONDS / CLIENTS {
        let due = begin + Duration::from_secs(1) / A_SECOND * (number * CLIENTS + client);
        wait_until(due);
        // From when it was due: waiting for a late answer counts.
        times.push(ask(&mut stream, request)?.0 - due);
    }
    Ok(times)
}

#[expect(clippy::disallowed_methods, reason = "requests come at their times")]
fn wait_until(due: Instant) {
    thread::sleep(due.saturating_duration_since(Instant::now()));
}

/// Sends a request; gives when the first byte came, and the answer.
fn ask(stream: &mut TcpStream, request: &str) -> Outcome<(Instant, String)> {
    stream.write_all(request.as_bytes())?;
    let mut received = vec![0; 256 * 1024];
    let mut length = stream.read(&mut received)?;
    let first = Instant::now();
    loop {
        let text = String::from_utf8_lossy(&received[..length]);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let wanted = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let wanted: usize = wanted.ok_or("an answer without a length")?.trim().parse()?;
            if body.len() >= wanted {
                return Ok((first, text.into_owned()));
            }
        }
        let more = stream.read(&mut received[length..])?;
        if more == 0 {
            return Err("the answer ended early".into());
        }
        length += more;
    }
}

fn owner(cookie: &str) -> Outcome<String> {
    let id = cookie.split_once('=').and_then(|(_, value)| value.get(..32));
    let id: String = id.ok_or("no visitor")?.to_owned();
    Ok(format!("{}-{}-{}-{}-{}", &id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]))
}

fn seed(database: &Path, owner: &str, others: usize) -> Outcome<()> {
    let mut connection = SqliteConnection::establish(&database.display().to_string())?;
    connection.batch_execute("PRAGMA busy_timeout = 10000; PRAGMA synchronous = OFF")?;
    let insert = |count: usize, prefix: &str, owner: &str| {
        format!(
            "INSERT INTO image_post (id, owner_id, filename, original_filename, status, width, \
             height, media, thumbnail, ponka_added_at, created_at) \
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
             SELECT printf('{prefix}-%04x-7000-8000-%012x', i % 65536, i), {owner}, \
             printf('{prefix}-%04x-7000-9000-%012x', i % 65536, i), printf('cat%d.jpg', i), 'done', \
             4000, 3000, printf('%x.jpg', i), printf('%x-t.jpg', i), '2026-11-23 00:00:00', \
             '2026-11-23 00:00:00' FROM n;"
        )
    };
    if others > 0 {
        let owners = "printf('0000%04x-0000-4000-8000-000000000000', i % 20000)";
        connection.batch_execute(&insert(others, "01900000", owners))?;
    }
    connection.batch_execute(&insert(TILES, "01a00000", &format!("'{owner}'")))?;
    connection.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

/// The gallery, without its worker, in a folder of its own.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(folder: &Path) -> Outcome<Self> {
        let mut process = Command::new(env!("CARGO_BIN_EXE_ponka"))
            .args(["--bind", "127.0.0.1:0", "--no-worker"])
            .current_dir(folder)
            .env_clear()
            // As in production: no profiler.
            .envs([("APP_ENV", "test"), ("DATABASE_URL", "sqlite://var/ponka.sqlite")])
            .env("RUST_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().ok_or("no output")?;
        let mut lines = BufReader::new(output).lines();
        let line = lines.next().ok_or("it said nothing")??;
        let address = line.rsplit('/').next().ok_or("no address")?.to_owned();
        Ok(Self { process, address })
    }

    /// The cookie of somebody new.
    fn visitor(&self) -> Outcome<String> {
        let request = format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", self.address);
        let (_, answer) = ask(&mut TcpStream::connect(&self.address)?, &request)?;
        let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: "));
        let cookie = cookie.and_then(|cookie| cookie.split(';').next());
        Ok(cookie.ok_or("no cookie")?.to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is asked for no answer any more.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
