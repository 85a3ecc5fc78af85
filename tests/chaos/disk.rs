//! A small disk of its own for each run, which can be full, and whose folder can be gone.
//!
//! Mounting needs a right, and what is mounted must be gone whatever becomes of this program: so it
//! starts itself once more where it sees mounts of its own (`unshare`). Without that right the run
//! gets a folder, and the disk is never full.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const INSIDE: &str = "PONKA_CHAOS_INSIDE";
/// Room enough for everything that a run stores.
const SIZE: &str = "size=64m";

/// A disk below a run's folder.
pub(crate) struct Disk {
    folder: PathBuf,
    is_mounted: bool,
}

/// Starts this program again with mounts of its own. Comes back if it is there already, or cannot
/// be; with an exit code if it came to nothing.
pub(crate) fn start_again_where_disks_can_be_mounted() -> Option<ExitCode> {
    if std::env::var_os(INSIDE).is_some() {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut probe = Command::new("unshare");
    let probe = probe.args(unshared()).args(["mount", "-t", "tmpfs", "-o", SIZE, "tmpfs"]);
    let probe = probe.arg(folder.path()).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        println!("not tested: a full disk, because tmpfs cannot be mounted here (root is needed)");
        return None;
    }
    drop(folder);
    let mut again = Command::new("unshare");
    let again = again.args(unshared()).arg(std::env::current_exe().unwrap());
    let error = again.args(std::env::args_os().skip(1)).env(INSIDE, "1").exec();
    println!("unshare could not be started: {error}");
    Some(ExitCode::FAILURE)
}

fn unshared() -> &'static [&'static str] {
    if nix::unistd::geteuid().is_root() {
        &["--mount", "--propagation", "private"]
    } else {
        &["--mount", "--map-root-user"]
    }
}

impl Disk {
    /// A new disk, mounted at this folder.
    pub(crate) fn mount(folder: &Path) -> Self {
        fs::create_dir(folder).unwrap();
        let is_mounted = std::env::var_os(INSIDE).is_some();
        if is_mounted {
            let mut mount = Command::new("mount");
            let mounted = mount.args(["-t", "tmpfs", "-o", SIZE, "tmpfs"]).arg(folder).output();
            assert!(mounted.as_ref().is_ok_and(|output| output.status.success()), "{mounted:?}");
        }
        Self { folder: folder.to_owned(), is_mounted }
    }

    /// Whether it can be full.
    pub(crate) const fn can_be_full(&self) -> bool {
        self.is_mounted
    }

    /// Leaves no byte free.
    pub(crate) fn fill(&self) {
        let mut ballast = File::create(self.ballast()).unwrap();
        for size in [1024 * 1024, 4096] {
            let piece = vec![0; size];
            while ballast.write_all(&piece).is_ok() {}
        }
    }

    /// Makes room again.
    pub(crate) fn clear(&self) {
        // It may not have been full.
        let _ = fs::remove_file(self.ballast());
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }

    /// Copies what is there into a folder that stays.
    pub(crate) fn keep(&self, to: &Path) {
        let copied = Command::new("cp").arg("-a").arg(&self.folder).arg(to).status();
        assert!(copied.is_ok_and(|status| status.success()), "the disk could not be copied");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.is_mounted {
            // The mount is gone with this program at the latest.
            let _ = Command::new("umount").arg("--lazy").arg(&self.folder).output();
        }
    }
}
