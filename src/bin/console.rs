//! The console: the background worker, and every command for operators.

fn main() -> std::process::ExitCode {
    ponka::private_files::keep();
    ponka::descriptors::raise_limit();
    ponka::console::main()
}
