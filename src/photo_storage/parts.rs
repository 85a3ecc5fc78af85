//! Files that were being written on the local disk when their process died: `<name>#<number>`.

use std::path::Path;
use std::{fs, io};

use chrono::{DateTime, Utc};

/// Removes them everywhere below `folder` if they were written before `before`; how many there were.
pub(super) fn remove_abandoned(folder: &Path, before: DateTime<Utc>) -> io::Result<usize> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut removed = 0;
    for entry in entries {
        removed += remove_if_abandoned(&entry?, before)?;
    }
    Ok(removed)
}

fn remove_if_abandoned(entry: &fs::DirEntry, before: DateTime<Utc>) -> io::Result<usize> {
    if entry.file_type()?.is_dir() {
        return remove_abandoned(&entry.path(), before);
    }
    if !is_part(&entry.file_name().to_string_lossy()) {
        return Ok(0);
    }
    // One that is finished meanwhile is not there any more.
    let removed = entry.metadata().and_then(|part| {
        let is_old = DateTime::<Utc>::from(part.modified()?) < before;
        if is_old { fs::remove_file(entry.path()).map(|()| 1) } else { Ok(0) }
    });
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        removed => removed,
    }
}

/// As `object_store` names what it has not renamed yet, and what it does not list.
fn is_part(name: &str) -> bool {
    name.split_once('#').is_some_and(|(_, number)| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}
