//! Opens the store that `PHOTO_STORAGE_URL` names.

use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};
use url::{Host, Url};

use super::StorageError;
use crate::config::{AwsVariables, PhotoStorageUrl};

/// A place for photos. Its store is opened when it is needed: a folder may be mounted later.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) location: PhotoStorageUrl,
    store: OnceLock<Arc<dyn ObjectStore>>,
}

impl Place {
    /// The place that the configuration names. A folder that is missing is not made.
    pub(super) fn of(location: PhotoStorageUrl, aws: &AwsVariables) -> Result<Self, StorageError> {
        let place = Self { location, store: OnceLock::new() };
        if let PhotoStorageUrl::S3 { bucket, prefix } = &place.location {
            // Without a provider the HTTPS client panics; a second installation is refused,
            // which does no harm.
            drop(rustls::crypto::ring::default_provider().install_default());
            let store = amazon_s3(bucket, aws).build()?;
            let store: Arc<dyn ObjectStore> = Arc::new(PrefixStore::new(store, prefix.as_str()));
            drop(place.store.set(store));
        }
        Ok(place)
    }

    /// What is stored there.
    pub(super) fn store(&self) -> Result<Arc<dyn ObjectStore>, StorageError> {
        if let Some(store) = self.store.get() {
            return Ok(Arc::clone(store));
        }
        let store: Arc<dyn ObjectStore> = match &self.location {
            PhotoStorageUrl::Folder(folder) if !folder.is_dir() => {
                return Err(StorageError::away(self, "there is no such folder"));
            }
            PhotoStorageUrl::Folder(folder) => {
                Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true))
            }
            PhotoStorageUrl::Memory | PhotoStorageUrl::S3 { .. } => Arc::new(InMemory::new()),
        };
        Ok(Arc::clone(self.store.get_or_init(|| store)))
    }

    /// The folder, if it is one.
    pub(super) fn folder(&self) -> Option<&Path> {
        match &self.location {
            PhotoStorageUrl::Folder(folder) => Some(folder),
            PhotoStorageUrl::S3 { .. } | PhotoStorageUrl::Memory => None,
        }
    }

    /// Makes the folder, if it is one and there is none.
    pub(super) fn make(&self) -> Result<(), StorageError> {
        let Some(folder) = self.folder() else { return Ok(()) };
        std::fs::create_dir_all(folder).map_err(StorageError::in_folder)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.location {
            PhotoStorageUrl::Folder(folder) => write!(f, "{}", folder.display()),
            PhotoStorageUrl::S3 { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
            PhotoStorageUrl::Memory => f.write_str("memory:"),
        }
    }
}

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(3);
/// How long one request may take, its body included.
const REQUEST: Duration = Duration::from_secs(10);
/// How often a request is tried again, and no more when it was begun so long ago.
const RETRIES: (usize, Duration) = (3, Duration::from_secs(10));

/// The bounds of every wait; `AWS_CONNECT_TIMEOUT` and `AWS_TIMEOUT` win.
fn bounded() -> AmazonS3Builder {
    let client = ClientOptions::new().with_connect_timeout(CONNECT).with_timeout(REQUEST);
    let (max_retries, retry_timeout) = RETRIES;
    let retry = RetryConfig { max_retries, retry_timeout, backoff: BackoffConfig::default() };
    AmazonS3Builder::new().with_client_options(client).with_retry(retry)
}

/// Variables that S3 does not know are left out, as its own tools do.
fn amazon_s3(bucket: &str, aws: &AwsVariables) -> AmazonS3Builder {
    let known = aws.iter().filter_map(|(name, value)| {
        let key = name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>().ok()?;
        Some((key, value))
    });
    let builder = known.fold(bounded(), |builder, (key, value)| builder.with_config(key, value));
    let builder = builder.with_bucket_name(bucket);
    let endpoint = builder.get_config_value(&AmazonS3ConfigKey::Endpoint);
    match endpoint {
        Some(endpoint) if is_loopback(&endpoint) => builder.with_allow_http(true),
        _ => builder,
    }
}

/// Plain HTTP needs `AWS_ALLOW_HTTP=true`, unless nothing leaves this machine.
fn is_loopback(endpoint: &str) -> bool {
    match Url::parse(endpoint).ok().and_then(|url| url.host().map(|host| host.to_owned())) {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => IpAddr::from(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::from(ip).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn the_variables_of_the_configuration_say_how_s3_is_reached() {
        let variables = [
            ("AWS_ENDPOINT", "http://127.0.0.1:9000"),
            ("AWS_SECRET_ACCESS_KEY", "hunter2"),
            ("AWS_PAGER", "less"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let config = Config::from_vars(&variables.into()).unwrap();
        let builder = amazon_s3("photos", &config.aws);
        let value = |key| builder.get_config_value(&key);
        assert_eq!(value(AmazonS3ConfigKey::Bucket).as_deref(), Some("photos"));
        assert_eq!(value(AmazonS3ConfigKey::SecretAccessKey).as_deref(), Some("hunter2"));
        assert_eq!(value(AmazonS3ConfigKey::Endpoint).as_deref(), Some("http://127.0.0.1:9000"));
    }

    #[test]
    fn only_this_machine_may_be_reached_without_tls() {
        assert!(is_loopback("http://127.0.0.1:9000") && is_loopback("http://[::1]:9000"));
        assert!(is_loopback("http://localhost:9000") && !is_loopback("http://minio:9000"));
    }
}
