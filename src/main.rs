//! The gallery: web server and embedded worker.

fn main() -> std::process::ExitCode {
    ponka::private_files::keep();
    ponka::descriptors::raise_limit();
    ponka::allocator::keep_threshold();
    ponka::server::main()
}
