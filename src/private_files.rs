//! What the programs write is their own user's alone: photos, mails, rows and logs.

use nix::sys::stat::{Mode, umask};

/// Takes from every file and folder that this process makes from now on what it would have allowed to
/// anybody but its own user.
pub fn keep() {
    umask(Mode::S_IRWXG | Mode::S_IRWXO);
}
