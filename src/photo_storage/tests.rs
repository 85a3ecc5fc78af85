//! The storage does the same in memory, in a folder and on S3.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::*;
use crate::config::Config;

/// In memory, on S3 if `PONKA_TEST_S3_URL` names a bucket (`s3://bucket`), and, last, in a folder.
fn storages() -> Vec<(PhotoStorage, Option<tempfile::TempDir>)> {
    let mut storages = vec![(PhotoStorage::in_memory(), None)];
    if let Ok(url) = std::env::var("PONKA_TEST_S3_URL") {
        let location = PhotoStorageUrl::parse(&format!("{url}/{}", Uuid::new_v4())).unwrap();
        let aws = Config::from_vars(&std::env::vars().collect()).unwrap().aws;
        storages.push((PhotoStorage::open(location, &aws).unwrap(), None));
    }
    let folder = tempfile::tempdir().unwrap();
    let uploads = folder.path().join("uploads");
    std::fs::create_dir(&uploads).unwrap();
    let location = PhotoStorageUrl::Folder(uploads);
    let storage = PhotoStorage::open(location, &AwsVariables::default()).unwrap();
    storages.push((storage, Some(folder)));
    storages
}

async fn keys(storage: &PhotoStorage) -> Vec<String> {
    let mut keys: Vec<_> =
        storage.list().await.unwrap().map_ok(|file| file.key).try_collect().await.unwrap();
    keys.sort();
    keys
}

fn files_below(folder: &std::path::Path) -> usize {
    std::fs::read_dir(folder)
        .map(|entries| entries.map(|entry| entry.unwrap().path()))
        .into_iter()
        .flatten()
        .map(|path| if path.is_dir() { files_below(&path) } else { 1 })
        .sum()
}

async fn upload(storage: &PhotoStorage, pieces: usize) -> IncomingPhoto {
    let mut incoming = storage.incoming(Uuid::new_v4(), 10_000_000);
    for _ in 0..pieces {
        incoming.write(Bytes::from(vec![7; 100_000])).await.unwrap();
    }
    incoming
}

#[tokio::test]
async fn short_and_long_uploads_become_originals() {
    for (storage, _folder) in storages() {
        for pieces in [0, 1, 57] {
            let original = upload(&storage, pieces).await.finish().await.unwrap();
            assert_eq!(original.size, pieces as u64 * 100_000);
            assert_eq!(storage.read(&original.key).await.unwrap(), vec![7; pieces * 100_000]);
        }
        assert_eq!(keys(&storage).await.len(), 3);
        assert!(keys(&storage).await.iter().all(|key| key.starts_with("originals/")));
    }
}

#[tokio::test]
async fn an_upload_that_grows_too_big_is_refused_at_that_byte() {
    for (storage, _folder) in storages() {
        let mut incoming = storage.incoming(Uuid::new_v4(), 10);
        incoming.write(Bytes::from_static(b"0123456789")).await.unwrap();
        let refused = incoming.write(Bytes::from_static(b"x")).await;
        assert!(matches!(refused, Err(StorageError::TooBig { limit: 10 })));
        incoming.abort().await.unwrap();
        assert!(keys(&storage).await.is_empty());
    }
}

#[tokio::test]
async fn aborted_and_dropped_uploads_leave_nothing_behind() {
    let (storage, folder) = storages().pop().unwrap();
    let folder = folder.unwrap();
    upload(&storage, 30).await.abort().await.unwrap();
    assert_eq!(files_below(folder.path()), 0);

    let dropped = upload(&storage, 30).await;
    assert_eq!(files_below(folder.path()), 1);
    drop(dropped);
    eventually(|| files_below(folder.path()) == 0).await;
}

#[tokio::test]
async fn a_caller_that_vanishes_while_the_upload_is_completed_leaves_nothing_behind() {
    let (storage, folder) = storages().pop().unwrap();
    let folder = folder.unwrap();
    let mut finish = Box::pin(upload(&storage, 30).await.finish());
    assert!(futures_util::poll!(&mut finish).is_pending());
    drop(finish);
    eventually(|| files_below(folder.path()) == 0).await;
}

#[tokio::test]
async fn parts_of_a_dead_process_are_removed_when_they_are_old() {
    let (storage, folder) = storages().pop().unwrap();
    let incoming = folder.unwrap().keep().join("uploads/incoming");
    std::fs::create_dir_all(&incoming).unwrap();
    std::fs::write(incoming.join("0198#1"), "half a cat").unwrap();
    let epoch = DateTime::<Utc>::UNIX_EPOCH;
    assert_eq!(storage.remove_abandoned_parts(epoch).await.unwrap(), 0);
    assert_eq!(storage.remove_abandoned_parts(DateTime::<Utc>::MAX_UTC).await.unwrap(), 1);
}

#[tokio::test]
async fn the_same_rendition_twice_is_one_file() {
    for (storage, _folder) in storages() {
        let cat = Bytes::from_static(b"a cat");
        let first =
            storage.publish(Uuid::from_u128(7), cat.clone(), PhotoFormat::Png).await.unwrap();
        let second =
            storage.publish(Uuid::from_u128(7), cat.clone(), PhotoFormat::Png).await.unwrap();
        assert_eq!(first, second);
        assert_eq!(keys(&storage).await, [first.key()]);

        let file = storage.read_stream(&first.key()).await.unwrap();
        assert_eq!(file.size, 5);
        let pieces: Vec<Bytes> = file.bytes.try_collect().await.unwrap();
        assert_eq!(pieces.concat(), cat);
    }
}

#[tokio::test]
async fn deleting_a_missing_file_is_an_error_on_purpose() {
    for (storage, _folder) in storages() {
        let name = storage
            .publish(Uuid::from_u128(7), Bytes::from_static(b"cat"), PhotoFormat::Gif)
            .await
            .unwrap();
        storage.delete(&name.key()).await.unwrap();
        let missing = storage.delete(&name.key()).await;
        assert!(
            matches!(&missing, Err(StorageError::NotFound { key }) if *key == name.key()),
            "{missing:?}"
        );
        assert!(!storage.delete_if_present(&name.key()).await.unwrap());
        let escaped = storage.read("../secret").await;
        assert!(matches!(escaped, Err(StorageError::Store(_))), "{escaped:?}");
    }
}

#[tokio::test]
async fn a_working_storage_passes_its_probe_and_keeps_nothing_of_it() {
    for (storage, _folder) in storages() {
        storage.probe().await.unwrap();
        assert!(keys(&storage).await.is_empty());
    }
}

/// Waits for a background task; fails after five seconds.
async fn eventually(condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(5), "still not so after 5 s");
        tokio::task::yield_now().await;
    }
}
