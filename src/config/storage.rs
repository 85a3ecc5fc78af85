//! `PHOTO_STORAGE_URL`: where photos are kept.

use std::path::PathBuf;

use super::vars::Vars;

/// The photo storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PhotoStorageUrl {
    /// `file:uploads` (relative to the working directory) or `file:///abs`.
    Folder(PathBuf),
    /// `s3://bucket/prefix`; credentials, region and endpoint come from the `AWS_*` variables.
    S3 {
        /// Name of the bucket.
        bucket: String,
        /// What every key begins with, without slashes at its ends; may be empty.
        prefix: String,
    },
    /// `memory:`: gone with the process.
    Memory,
}

impl Default for PhotoStorageUrl {
    fn default() -> Self {
        Self::Folder(PathBuf::from("uploads"))
    }
}

impl PhotoStorageUrl {
    pub(super) fn read(vars: &mut Vars<'_>) -> Self {
        let allowed = "file:FOLDER, s3://BUCKET/PREFIX or memory:";
        vars.parse("PHOTO_STORAGE_URL", allowed, Self::parse).unwrap_or_default()
    }

    /// Reads a `PHOTO_STORAGE_URL`; `None` if it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once(':')?;
        let place = rest.strip_prefix("//").unwrap_or(rest);
        match scheme {
            "file" if !place.is_empty() => Some(Self::Folder(PathBuf::from(place))),
            "memory" if place.is_empty() => Some(Self::Memory),
            "s3" if rest.starts_with("//") => {
                let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
                let prefix = prefix.trim_matches('/').to_owned();
                let plain = !bucket.is_empty() && !bucket.contains(['@', ':', '?']);
                plain.then(|| Self::S3 { bucket: bucket.to_owned(), prefix })
            }
            _ => None,
        }
    }
}
