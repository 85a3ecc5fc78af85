//! `PHOTO_STORAGE_URL`: where photos are kept; `AWS_*`: how to get there.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use super::vars::Vars;

/// Where photos are kept, from `PHOTO_STORAGE_URL`.
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

/// The `AWS_*` variables: credentials, region and endpoint. Shown by their names alone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AwsVariables(BTreeMap<String, String>);

impl AwsVariables {
    pub(super) fn read(variables: &BTreeMap<String, String>) -> Self {
        let aws = variables.iter().filter(|(name, _)| name.starts_with("AWS_"));
        Self(aws.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    /// Every variable with its value, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl fmt::Debug for AwsVariables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
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
