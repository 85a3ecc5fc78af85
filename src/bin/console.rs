//! The console: the background worker, and every command for operators.

fn main() -> std::process::ExitCode {
    ponka::process_setup::keep_files_private();
    ponka::descriptors::raise_limit();
    ponka::console::main()
}
