//! The files of a folder of mails: `ID.eml`, `ID.json` for the envelope, `ID.seen` once it was read.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::error::MailboxError;
use super::mail_id::MailId;

/// The largest mail that is opened, in bytes.
pub(super) const MAX_MAIL: u64 = 20 << 20;
/// How much of a mail is read for a list, in bytes.
const HEAD: u64 = 256 << 10;
/// The largest envelope, in bytes.
const MAX_ENVELOPE: u64 = 1 << 20;

/// A mail as the folder lists it, unopened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MailFile {
    pub(super) id: MailId,
    /// When the file was written.
    pub(super) received_at: DateTime<Utc>,
    /// In bytes.
    pub(super) size: u64,
    pub(super) is_unread: bool,
}

/// Every mail of the folder, the newest first; none if there is no such folder yet.
pub(super) fn list(folder: &Path) -> Result<Vec<MailFile>, MailboxError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(MailboxError::Folder)?,
    };
    let (mut mails, mut seen) = (Vec::new(), HashSet::new());
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some((id, ending)) = name.to_str().and_then(|name| name.rsplit_once('.')) else {
            continue;
        };
        let Ok(id) = id.parse::<MailId>() else { continue };
        match ending {
            "eml" => mails.extend(entry.metadata().ok().and_then(|about| of(id, &about))),
            "seen" => drop(seen.insert(id)),
            _ => {}
        }
    }
    for mail in &mut mails {
        mail.is_unread = !seen.contains(&mail.id);
    }
    mails.sort_by(|a, b| (b.received_at, &b.id).cmp(&(a.received_at, &a.id)));
    Ok(mails)
}

/// One mail of the folder.
pub(super) fn find(folder: &Path, id: &MailId) -> Result<MailFile, MailboxError> {
    let about = fs::symlink_metadata(path(folder, id, "eml"))?;
    let mut mail = of(id.clone(), &about).ok_or(MailboxError::NotFound)?;
    mail.is_unread = !path(folder, id, "seen").exists();
    Ok(mail)
}

/// Only a regular file is a mail: a pipe would never end, and a link leads elsewhere.
fn of(id: MailId, about: &fs::Metadata) -> Option<MailFile> {
    let modified = about.modified().ok().filter(|_| about.is_file())?;
    Some(MailFile { id, received_at: modified.into(), size: about.len(), is_unread: true })
}

/// The beginning of a mail: enough for its headers and its first words.
pub(super) fn read_head(folder: &Path, id: &MailId) -> Result<Vec<u8>, MailboxError> {
    Ok(read(&path(folder, id, "eml"), HEAD)?)
}

/// All of a mail.
pub(super) fn read_whole(folder: &Path, mail: &MailFile) -> Result<Vec<u8>, MailboxError> {
    if mail.size > MAX_MAIL {
        return Err(MailboxError::TooLarge { limit: MAX_MAIL });
    }
    Ok(read(&path(folder, &mail.id, "eml"), MAX_MAIL)?)
}

/// The envelope of a mail, if it is there.
pub(super) fn read_envelope(folder: &Path, id: &MailId) -> Option<Vec<u8>> {
    let path = path(folder, id, "json");
    fs::symlink_metadata(&path).ok().filter(fs::Metadata::is_file)?;
    read(&path, MAX_ENVELOPE).ok()
}

fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Notes that somebody has looked at the mail.
pub(super) fn mark_seen(folder: &Path, id: &MailId) -> Result<(), MailboxError> {
    File::create(path(folder, id, "seen"))?;
    Ok(())
}

/// Removes a mail and what lies beside it.
pub(super) fn delete(folder: &Path, id: &MailId) -> Result<(), MailboxError> {
    fs::remove_file(path(folder, id, "eml"))?;
    for ending in ["json", "seen"] {
        match fs::remove_file(path(folder, id, ending)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

/// An id holds no separator, so this stays in the folder.
fn path(folder: &Path, id: &MailId, ending: &str) -> PathBuf {
    folder.join(format!("{id}.{ending}"))
}
