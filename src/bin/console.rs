//! The console: the background worker, and every command for operators.

#[tokio::main]
async fn main() -> std::process::ExitCode {
    ponka::descriptors::raise_limit();
    ponka::console::main().await
}
