//! The gallery: web server and embedded worker.

fn main() -> std::process::ExitCode {
    ponka::process_setup::keep_files_private();
    ponka::descriptors::raise_limit();
    ponka::process_setup::give_memory_back();
    ponka::server::main()
}
