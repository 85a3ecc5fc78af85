//! The reader's clone: the files of the working tree, committed, at a place that stays.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::own_builds;

/// The clone and the commit that it is put back to.
#[derive(Debug, Clone)]
pub(crate) struct Scratch {
    /// The folder of the clone.
    pub(crate) folder: PathBuf,
    base: String,
}

impl Scratch {
    /// Brings the clone up to date with the files of `root`; builds of both go into `target`.
    /// A file that is the same stays untouched, so that Cargo sees no change.
    pub(crate) fn prepare(root: &Path, target: &Path) -> Result<Self> {
        let folder = target.join("walkthrough/ponka");
        fs::create_dir_all(&folder)?;
        let folder = folder.canonicalize()?;
        if !folder.join(".git").exists() {
            git(&folder, ["init", "-q", "-b", "main"])?;
        } else if git(&folder, ["rev-parse", "-q", "--verify", "HEAD"]).is_ok() {
            git(&folder, ["checkout", "-q", "-f", "-B", "main"])?;
        }
        // A reader has a name, for `git stash` and `git commit`.
        git(&folder, ["config", "user.name", "Ponka"])?;
        git(&folder, ["config", "user.email", "ponka@example.com"])?;
        fs::write(folder.join(".git/info/exclude"), "/target\n")?;
        let link = folder.join("target");
        if fs::read_link(&link).ok().as_deref() != Some(target) {
            let _ = fs::remove_file(&link);
            symlink(target, &link).context("cannot link the clone's target directory")?;
        }
        copy_files(root, &folder)?;
        own_builds::keep_apart(&folder)?;
        git(&folder, ["add", "-A"])?;
        if git(&folder, ["rev-parse", "-q", "--verify", "HEAD"]).is_err()
            || !git(&folder, ["status", "--porcelain"])?.is_empty()
        {
            git(&folder, ["commit", "-q", "--no-verify", "-m", "Ponka"])?;
        }
        let base = git(&folder, ["rev-parse", "HEAD"])?.trim().to_owned();
        let scratch = Self { folder, base };
        scratch.reset()?;
        Ok(scratch)
    }

    /// Puts everything back as it was cloned; only files that had changed are written.
    /// Nothing else may run in the clone.
    pub(crate) fn reset(&self) -> Result<()> {
        // A git that was killed leaves its lock.
        let _ = fs::remove_file(self.folder.join(".git/index.lock"));
        git(&self.folder, ["checkout", "-q", "-f", "-B", "main", &self.base])?;
        git(&self.folder, ["stash", "clear"])?;
        git(&self.folder, ["clean", "-fdxq", "-e", "/target"])?;
        Ok(())
    }
}

/// Runs git in a folder and gives what it prints. Ctrl-C does not reach it.
pub(crate) fn git<A: AsRef<OsStr>>(
    folder: &Path,
    arguments: impl IntoIterator<Item = A>,
) -> Result<String> {
    let mut command = Command::new("git");
    command
        .args(["-c", "commit.gpgsign=false", "-c", "core.autocrlf=false"])
        .args(arguments)
        .current_dir(folder)
        .process_group(0)
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE")
        .env_remove("GIT_WORK_TREE");
    let run = command.output().context("cannot start git")?;
    if !run.status.success() {
        bail!("{command:?} failed: {}", String::from_utf8_lossy(&run.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&run.stdout).into_owned())
}

/// The files of a working tree: those that git knows and those that it would not ignore.
pub(crate) fn files(root: &Path) -> Result<BTreeSet<PathBuf>> {
    let listed = git(root, ["ls-files", "-z", "-co", "--exclude-standard"])?;
    let paths = listed.split('\0').filter(|path| !path.is_empty()).map(PathBuf::from);
    Ok(paths.filter(|path| root.join(path).is_file()).collect())
}

fn copy_files(root: &Path, folder: &Path) -> Result<()> {
    let wanted = files(root)?;
    for path in files(folder)?.difference(&wanted) {
        fs::remove_file(folder.join(path))?;
    }
    for path in &wanted {
        let (from, to) = (root.join(path), folder.join(path));
        let content = fs::read(&from)?;
        if fs::read(&to).ok().as_ref() == Some(&content) {
            continue;
        }
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(&from, &to).with_context(|| format!("cannot copy {}", from.display()))?;
    }
    Ok(())
}
