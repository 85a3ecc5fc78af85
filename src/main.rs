//! The gallery: web server and embedded worker.

#[tokio::main]
async fn main() -> std::process::ExitCode {
    ponka::server::main().await
}
