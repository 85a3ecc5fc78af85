//! One client takes what it can get: streams, connections, answers that it never reads. Everybody
//! else is served, and so are health checks.

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::claims::process::Running;
use crate::console::project::Project;
use crate::support::{Answer, Visitor, eventually, photos};

/// As many descriptors as many systems allow.
const FEW: u32 = 1024;
/// What is left to one client of these, as the reference says.
const CONNECTIONS: usize = 112;
const REQUESTS: usize = 84;
const STREAMS: usize = 56;
/// How long an answer may make no progress, and then some.
const STALLED: Duration = Duration::from_secs(75);

/// Only prod answers what a proxy passes on.
const PROD_BEHIND_A_PROXY: [(&str, &str); 4] = [
    ("APP_ENV", "prod"),
    ("APP_SECRET", "a secret of the tests that is long enough"),
    ("GUEST_UPLOADS", "1"),
    ("TRUSTED_PROXIES", "127.0.0.1"),
];

/// The gallery with so few descriptors.
fn with_few_descriptors(project: &Project, variables: &[(&str, &str)]) -> Running {
    let gallery = project.gallery("--no-worker");
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", &format!("ulimit -n {FEW} && exec \"$0\" \"$@\"")])
        .arg(gallery.get_program())
        .args(gallery.get_args())
        .current_dir(gallery.get_current_dir().unwrap())
        .env_clear()
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Running::start(&mut command)
}

/// A connection from one of this machine's many addresses.
async fn connect(server: SocketAddr, from: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
    socket.connect(server).await.unwrap()
}

/// Sends this and reads what is said first.
async fn first_words(server: SocketAddr, from: &str, request: &str) -> (TcpStream, String) {
    let mut stream = connect(server, from).await;
    let _refused = stream.write_all(request.as_bytes()).await;
    let mut words = vec![0; 1024];
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read(&mut words)).await;
    let length = read.expect("an answer in time").unwrap_or(0);
    (stream, String::from_utf8_lossy(&words[..length]).into_owned())
}

async fn get(server: SocketAddr, from: &str, path: &str) -> u16 {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let (_, words) = first_words(server, from, &request).await;
    words.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0)
}

/// The sockets that a server has open.
fn sockets(server: &Running) -> usize {
    let files = std::fs::read_dir(format!("/proc/{}/fd", server.id())).unwrap();
    let leads_to = files.filter_map(|file| std::fs::read_link(file.ok()?.path()).ok());
    leads_to.filter(|to| to.to_string_lossy().starts_with("socket:")).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s2_a_thousand_streams_of_one_client_leave_room_for_everybody() {
    let project = Project::new();
    let mut server = with_few_descriptors(&project, &[]);
    let address = server.address();
    let listen = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut streams = Vec::new();
    while streams.len() < 1100 {
        let some = (0..20).map(|_| first_words(address, "127.0.0.1", listen));
        streams.extend(join_all(some).await);
    }
    for (from, path) in [
        ("127.0.0.1", "/healthz"),
        ("127.0.0.1", "/"),
        ("127.0.0.2", "/healthz"),
        ("127.0.0.2", "/"),
    ] {
        assert_eq!(get(address, from, path).await, 200, "{from} {path}");
    }
    let (_stream, words) = first_words(address, "127.0.0.2", listen).await;
    assert!(words.starts_with("HTTP/1.1 200"), "{words}");
    assert!(sockets(&server) < STREAMS + 80, "{}", sockets(&server));
    let (oldest, _) = &mut streams[0];
    let mut last_words = String::new();
    let read =
        tokio::time::timeout(Duration::from_secs(20), oldest.read_to_string(&mut last_words));
    read.await.expect("the oldest stream has ended").unwrap();
    assert!(last_words.contains("event: later"), "{last_words}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s2_silent_connections_of_one_client_keep_nobody_else_out() {
    let project = Project::new();
    let mut server = with_few_descriptors(&project, &[]);
    let address = server.address();
    let mut silent = Vec::new();
    while silent.len() < 1100 {
        silent.extend(join_all((0..20).map(|_| connect(address, "127.0.0.1"))).await);
    }
    assert_eq!(get(address, "127.0.0.2", "/healthz").await, 200);
    assert_eq!(get(address, "127.0.0.2", "/").await, 200);
    assert!(sockets(&server) < CONNECTIONS + 80, "{}", sockets(&server));
    // A connection on which nothing is asked ends after a few seconds.
    let began = Instant::now();
    while get(address, "127.0.0.1", "/healthz").await != 200 {
        assert!(began.elapsed() < Duration::from_secs(20), "it is kept out for good");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s2_requests_of_one_client_are_only_so_many_at_a_time() {
    let project = Project::new();
    let mut server = with_few_descriptors(&project, &[]);
    let address = server.address();
    let slow = "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\
                Content-Type: application/x-www-form-urlencoded\r\nExpect: 100-continue\r\n\r\n";
    // The server says that it is waiting for the body: the request is in its hands.
    let begun = join_all((0..REQUESTS).map(|_| first_words(address, "127.0.0.1", slow))).await;
    assert!(begun.iter().all(|(_, words)| words.starts_with("HTTP/1.1 100")), "{}", begun[0].1);
    let (mut refused, words) = first_words(
        address,
        "127.0.0.1",
        "GET / HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: identity\r\n\r\n",
    )
    .await;
    let mut rest = Vec::new();
    refused.read_to_end(&mut rest).await.expect("it is closed");
    let answer = Answer::parse(&[words.as_bytes(), &rest].concat());
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("5")), "{words}");
    assert!(answer.text().contains("at once"), "{}", answer.text());
    assert_eq!(get(address, "127.0.0.1", "/healthz").await, 200);
    assert_eq!(get(address, "127.0.0.1", "/readyz").await, 200);
    assert_eq!(get(address, "127.0.0.2", "/").await, 200);
    drop(begun);
    let began = Instant::now();
    while get(address, "127.0.0.1", "/").await != 200 {
        assert!(began.elapsed() < Duration::from_secs(20), "its places are not given back");
    }
}

/// A proxy brings many clients: it is not one of them, and each of them is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s2_behind_a_proxy_each_client_has_a_share_of_its_own() {
    let project = Project::new();
    let mut server = with_few_descriptors(&project, &PROD_BEHIND_A_PROXY);
    let address = server.address();
    let listen = |client: &str| {
        format!("GET /events HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {client}\r\n\r\n")
    };
    let one = listen("203.0.113.9");
    let mut streams =
        join_all((0..=STREAMS).map(|_| first_words(address, "127.0.0.1", &one))).await;
    let other = listen("203.0.113.10");
    let others = join_all((0..STREAMS).map(|_| first_words(address, "127.0.0.1", &other))).await;
    assert!(streams.len() + others.len() > CONNECTIONS);
    assert!(others.iter().all(|(_, words)| words.starts_with("HTTP/1.1 200")));
    assert_eq!(get(address, "127.0.0.1", "/healthz").await, 200);
    let mut ended = 0;
    for (stream, _) in &mut streams {
        let mut words = vec![0; 1024];
        let read = tokio::time::timeout(Duration::from_millis(100), stream.read(&mut words)).await;
        ended += usize::from(read.is_ok_and(|read| read.is_ok()));
    }
    assert_eq!(ended, 1, "one stream too many, one ended");
}

/// The client keeps its side open, takes nothing in, and says nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s2_whoever_does_not_read_the_answer_is_let_go() {
    let project = Project::new();
    let mut server = Running::start(&mut project.gallery("--no-worker"));
    let address = server.address();
    let visitor = Visitor::new(address);
    let image = visitor.upload_one("large.jpg", &photos::noise(1280, 960)).await;
    let media = image["url"].as_str().unwrap();
    let size = visitor.get(media).await.body.len();
    assert!(size > 500_000, "{size}");
    let (before, memory) = (sockets(&server), server.memory());
    // More than the buffers of both sides can take.
    let request = format!("{}\r\n", visitor.head("GET", media, &[]).replace("close", "keep-alive"));
    let request = request.repeat(8);
    let mut deaf = Vec::new();
    for _ in 0..30 {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let mut stream = socket.connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.readable().await.unwrap();
        deaf.push(stream);
    }
    assert!(sockets(&server) >= deaf.len());
    let grown = server.memory().saturating_sub(memory);
    assert!(grown < 30 * 1024, "{grown} KiB: the photos are read as they are sent");
    assert_eq!(visitor.get("/healthz").await.status, 200);
    let began = Instant::now();
    while began.elapsed() < STALLED && sockets(&server) > before {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    eventually("the deaf to be let go", || sockets(&server) <= before).await;
    println!("let go after {:?}", began.elapsed());
}
