//! Which files of the gallery others on this machine can read.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::config::{Config, DatabaseUrl, MailerDsn, PhotoStorageUrl};
use crate::telemetry::AUDIT_FILE;

/// How many files are looked at in each place.
const LOOKED_AT: usize = 10_000;
/// The permission of others to read a file, and to reach what is in a folder.
const READ: u32 = 0o004;
const REACH: u32 = 0o001;

/// The places where others can read something: the place, and one file in it.
pub(super) fn places(config: &Config) -> Vec<(PathBuf, PathBuf)> {
    let found = roots(config).into_iter().filter_map(|root| Some((root.clone(), readable(&root)?)));
    found.collect()
}

/// Where the gallery keeps what is nobody else's business.
fn roots(config: &Config) -> Vec<PathBuf> {
    let mut roots: Vec<PathBuf> =
        Path::new(AUDIT_FILE).parent().map(Into::into).into_iter().collect();
    if let DatabaseUrl::Sqlite(file) = &config.database_url {
        roots.push(file.clone());
    }
    if let MailerDsn::Files(folder) = &config.mailer_dsn {
        roots.push(folder.clone());
    }
    if let PhotoStorageUrl::Folder(folder) = &config.photo_storage_url {
        roots.push(folder.clone());
    }
    roots
}

/// A file at this place or below it that others can reach and read.
fn readable(root: &Path) -> Option<PathBuf> {
    let above = root.canonicalize().ok()?;
    let is_reached = |folder: &Path| folder.metadata().is_ok_and(|about| allows(&about, REACH));
    if !above.ancestors().skip(1).all(is_reached) {
        return None;
    }
    let mut waiting = vec![root.to_owned()];
    for _ in 0..LOOKED_AT {
        let path = waiting.pop()?;
        let Ok(about) = path.symlink_metadata() else { continue };
        if about.is_file() && about.len() > 0 && allows(&about, READ) {
            return Some(path);
        }
        if about.is_dir() && allows(&about, REACH) {
            let inside = path.read_dir().into_iter().flatten().flatten();
            waiting.extend(inside.map(|entry| entry.path()));
        }
    }
    None
}

fn allows(about: &Metadata, permission: u32) -> bool {
    about.mode() & permission != 0
}
