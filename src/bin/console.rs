//! The console: the background worker, and every command for operators.

use std::process::ExitCode;

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("console: could not start threads: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(ponka::console::main());
    runtime.shutdown_timeout(ponka::shutdown::LAST);
    code
}
