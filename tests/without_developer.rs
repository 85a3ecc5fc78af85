//! A build without the feature `developer` has no tools for developers, in dev neither.

#![cfg(not(feature = "developer"))]
#![expect(clippy::unwrap_used, reason = "what is missing in a test fails the test")]

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use messenger::clock::Clock;
use messenger::config::ConfigLoader;
use ponka::config::Config;
use ponka::kernel::Kernel;
use ponka::{migrations, server};

fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

async fn kernel(folder: &std::path::Path) -> Kernel {
    let variables = BTreeMap::from([
        ("APP_ENV".to_owned(), "dev".to_owned()),
        ("DATABASE_URL".to_owned(), format!("sqlite://{}", folder.join("ponka.db").display())),
        ("PHOTO_STORAGE_URL".to_owned(), format!("file:{}", folder.join("uploads").display())),
    ]);
    let config = Config::from_vars(&variables).unwrap();
    let dsn = config.messenger_transport_dsn.expose().to_owned();
    let lookup = |name: &str| (name == "MESSENGER_TRANSPORT_DSN").then(|| dsn.clone());
    let loader =
        ConfigLoader::new(&lookup).text("messenger.toml", include_str!("../messenger.toml"));
    let kernel = Kernel::assemble(config, loader.load().unwrap(), Clock::System).unwrap();
    migrations::run(&kernel.database).await.unwrap();
    kernel
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_gallery_is_there_and_the_tools_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let kernel = kernel(folder.path()).await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = server::serve(&kernel, listener).unwrap();
    let handle = server.handle();
    let serving = thread::spawn(move || actix_web::rt::System::new().block_on(server));

    let answers = thread::spawn(move || {
        let home = get(address, "/");
        assert!(home.starts_with("HTTP/1.1 200"), "{home}");
        assert!(!home.contains("_profiler") && !home.contains("x-debug-token"), "{home}");
        for path in ["/dev/book/", "/dev/mailbox", "/dev/mailbox/api/messages", "/_profiler"] {
            let answer = get(address, path);
            assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
        }
    });
    answers.join().unwrap();
    handle.stop(true).await;
    serving.join().unwrap().unwrap();
}
