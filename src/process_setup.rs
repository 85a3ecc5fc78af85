//! What a program changes about its own process, before anything else.

use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::sys::stat::{Mode, umask};

/// glibc's variable: blocks of this size and more are given back as soon as they are freed.
const VARIABLE: &str = "MALLOC_MMAP_THRESHOLD_";
/// In bytes; glibc's own first value.
const THRESHOLD: &str = "131072";

/// What this process writes is its own user's alone: takes from every file and folder that it makes from
/// now on what it would have allowed to anybody else.
pub fn keep_files_private() {
    umask(Mode::S_IRWXG | Mode::S_IRWXO);
}

/// Has memory given back.
///
/// glibc keeps what was freed below a threshold, for each thread, and raises the threshold to the
/// largest block that was ever freed: one decoded photo, and every thread keeps tens of megabytes.
/// Fifty uploads at once peak at 200 MB with that, and at half of it with a threshold that stays.
/// It is read from the environment before `main`, so the program starts itself once more with it.
///
/// Starts the program again, in the same process, with a threshold that stays. Does nothing if one
/// is set already, and where it cannot.
pub fn give_memory_back() {
    if !cfg!(target_env = "gnu") || std::env::var_os(VARIABLE).is_some() {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let mut again = Command::new(program);
    let arguments: Vec<_> = std::env::args_os().collect();
    if let Some(name) = arguments.first() {
        again.arg0(name);
    }
    // Comes back only if it failed; then the program goes on as it is.
    let error = again.args(arguments.iter().skip(1)).env(VARIABLE, THRESHOLD).exec();
    drop(error);
}
