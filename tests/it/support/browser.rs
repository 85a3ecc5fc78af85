//! A real browser without a window, for what only a browser can tell.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
/// Nothing here takes longer, unless it hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// A Chromium on this machine.
pub(crate) struct Browser {
    program: PathBuf,
}

impl Browser {
    /// The one in `PONKA_TEST_CHROMIUM`, or the first on the path; `None`, said aloud, without any.
    pub(crate) fn find() -> Option<Self> {
        let named = std::env::var_os("PONKA_TEST_CHROMIUM").map(PathBuf::from);
        let Some(program) = named.or_else(on_path) else {
            let all = std::env::var("PONKA_TEST_BACKENDS").is_ok_and(|value| value == "all");
            assert!(!all, "PONKA_TEST_BACKENDS=all needs chromium (or PONKA_TEST_CHROMIUM)");
            println!("not tested: browser, because no chromium was found");
            return None;
        };
        Some(Self { program })
    }

    /// Opens a page, lets five seconds pass for its timers, and gives the document as it is then.
    pub(crate) async fn dump_dom(&self, url: &str) -> String {
        let profile = tempfile::tempdir().expect("a temporary folder");
        let child = Command::new(&self.program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"])
            .args(["--no-first-run", "--disable-background-networking", "--disable-sync"])
            .args(["--disable-component-update", "--disable-dev-shm-usage"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .args(["--virtual-time-budget=5000", "--dump-dom", url])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the browser starts");
        let done = tokio::time::timeout(PATIENCE, child.wait_with_output()).await;
        let done = done.expect("the browser ends in time").expect("the browser was running");
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{}: {said}", done.status);
        String::from_utf8_lossy(&done.stdout).into_owned()
    }
}

fn on_path() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut programs = NAMES.iter().flat_map(|name| folders.iter().map(move |one| one.join(name)));
    programs.find(|program| program.is_file())
}
