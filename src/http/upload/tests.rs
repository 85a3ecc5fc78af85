//! Good, hostile and broken forms, in process; nothing that is refused leaves anything behind.

use std::time::Duration;

use actix_web::FromRequest;
use actix_web::dev;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::test::TestRequest;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use super::*;

const MIB: usize = 1024 * 1024;

/// A file field, with its name exactly as it is to stand in the header.
fn file(name: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"");
    [head.as_bytes(), b"\r\nContent-Type: image/jpeg\r\n\r\n", content, b"\r\n"].concat()
}

fn text_field(name: &str) -> Vec<u8> {
    format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\nvalue\r\n").into_bytes()
}

fn form(fields: &[Vec<u8>]) -> Bytes {
    Bytes::from([fields.concat(), b"--X--\r\n".to_vec()].concat())
}

fn headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("multipart/form-data; boundary=X"));
    headers
}

async fn payload(
    pieces: impl stream::Stream<Item = Result<Bytes, PayloadError>> + 'static,
) -> web::Payload {
    let mut payload: dev::Payload = dev::Payload::Stream { payload: Box::pin(pieces) };
    let request = TestRequest::default().to_http_request();
    web::Payload::from_request(&request, &mut payload).await.unwrap()
}

/// Sends the body in small pieces and makes sure that a refusal leaves nothing in the storage.
async fn send(storage: &PhotoStorage, body: Bytes) -> Result<Vec<UploadedFile>, RefusedUpload> {
    let pieces: Vec<_> =
        body.chunks(7_001).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let payload = payload(stream::iter(pieces)).await;
    let outcome = receive(&headers(), payload, storage, &UploadLimits::default()).await;
    if outcome.is_err() {
        assert_eq!(stored(storage).await, 0);
    }
    outcome
}

async fn stored(storage: &PhotoStorage) -> usize {
    storage.list().await.unwrap().count().await
}

async fn refused(body: Bytes) -> RefusedUpload {
    send(&PhotoStorage::in_memory(), body).await.unwrap_err()
}

#[actix_web::test]
async fn photos_are_stored_in_the_order_of_the_form_and_other_fields_are_ignored() {
    let storage = PhotoStorage::in_memory();
    let large = vec![9; 3 * MIB];
    let body = form(&[
        text_field("key"),
        file("a.jpg", b"one"),
        text_field("photos"),
        file("../../b.jpg", &large),
        file("", b"three"),
    ]);
    let files = send(&storage, body).await.unwrap();
    let names: Vec<_> = files.iter().map(|file| file.original_filename.as_str()).collect();
    assert_eq!(names, ["a.jpg", "b.jpg", "photo"]);
    assert_eq!(storage.read(&files[1].stored.key).await.unwrap(), large);
    assert_eq!(stored(&storage).await, 3);
}

#[actix_web::test]
async fn exactly_ten_megabytes_are_fine_and_one_byte_more_is_not() {
    let storage = PhotoStorage::in_memory();
    let files = send(&storage, form(&[file("a.jpg", &vec![1; 10 * MIB])])).await.unwrap();
    assert_eq!(files[0].stored.size, UploadLimits::FILE_BYTES);

    let body = form(&[file("ok.jpg", b"ok"), file("big.jpg", &vec![1; 11 * MIB])]);
    let refused = refused(body).await;
    assert_eq!(refused.refusal, UploadRefusal::TooBig { size: 11 * MIB as u64 });
    assert_eq!(refused.file.unwrap().as_str(), "big.jpg");
}

#[actix_web::test]
async fn twenty_photos_are_fine_and_more_are_counted() {
    let storage = PhotoStorage::in_memory();
    let photos = |count| form(&vec![file("a.jpg", b"cat"); count]);
    assert_eq!(send(&storage, photos(20)).await.unwrap().len(), 20);
    for count in [21, 500] {
        assert_eq!(refused(photos(count)).await.refusal, UploadRefusal::TooMany { chosen: count });
    }
    let fields = form(&vec![text_field("x"); 500]);
    assert_eq!(refused(fields).await.refusal, UploadRefusal::TooManyFields);
}

#[actix_web::test]
async fn a_form_without_a_photo_says_so() {
    for body in [form(&[]), form(&[file("", b"")]), form(&[text_field("file2")])] {
        assert_eq!(refused(body).await.refusal, UploadRefusal::NoFile);
    }
    let empty = refused(form(&[file("empty.jpg", b"")])).await;
    assert_eq!(empty.refusal, UploadRefusal::NotSupported);
}

#[actix_web::test]
async fn a_damaged_form_is_refused_with_a_sentence() {
    let cut_off = file("a.jpg", b"half a c");
    for body in [
        form(&[file("ok.jpg", b"ok"), file("a.jpg\0.php", b"cat")]),
        form(&[file("ok.jpg", b"ok"), file("a\r\nX-Evil: 1\r\n\r\n.jpg", b"cat")]),
        form(&[file("ok.jpg", b"ok"), file("a\n.jpg", b"cat")]),
        Bytes::from([file("ok.jpg", b"ok"), cut_off].concat()),
        Bytes::from_static(b"--X\r\nContent-Disposition: form-data\r\n\r\nx\r\n--X--\r\n"),
        Bytes::from_static(b"no form at all"),
        Bytes::new(),
    ] {
        assert_eq!(refused(body.clone()).await.refusal, UploadRefusal::Unreadable, "{body:?}");
    }
}

#[actix_web::test]
async fn a_form_that_does_not_say_where_its_parts_end_is_unreadable() {
    for kind in ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; x"]
    {
        let mut headers = headers();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        let payload = payload(stream::iter([Ok(form(&[file("a.jpg", b"cat")]))])).await;
        let storage = PhotoStorage::in_memory();
        let outcome = receive(&headers, payload, &storage, &UploadLimits::default()).await;
        assert_eq!(outcome.unwrap_err().refusal, UploadRefusal::Unreadable, "{kind}");
    }
}

#[actix_web::test]
async fn a_huge_promise_and_another_kind_of_body_are_refused_unread() {
    let storage = PhotoStorage::in_memory();
    for (name, value, refusal) in [
        (header::CONTENT_LENGTH, "1000000000", UploadRefusal::TooBigTogether),
        (header::CONTENT_TYPE, "application/json", UploadRefusal::NotAForm),
        (header::CONTENT_TYPE, "multipart/form-datax; boundary=X", UploadRefusal::NotAForm),
        (header::CONTENT_TYPE, "multipart/x; boundary=X", UploadRefusal::NotAForm),
    ] {
        let mut headers = headers();
        let name: HeaderName = name;
        headers.insert(name, HeaderValue::from_static(value));
        let payload = payload(stream::pending()).await;
        let outcome = receive(&headers, payload, &storage, &UploadLimits::default()).await;
        assert_eq!(outcome.unwrap_err().refusal, refusal);
    }
}

#[actix_web::test]
async fn an_endless_body_ends_at_the_limit() {
    let storage = PhotoStorage::in_memory();
    let limits = UploadLimits { request_bytes: MIB as u64, ..UploadLimits::default() };
    let first = stream::iter([Ok(Bytes::from(file("a.jpg", b"")))]);
    let zeros = stream::repeat_with(|| Ok(Bytes::from_static(&[0; 64 * 1024])));
    let payload = payload(first.chain(zeros)).await;
    let outcome = receive(&headers(), payload, &storage, &limits).await;
    assert_eq!(outcome.unwrap_err().refusal, UploadRefusal::TooBigTogether);
    assert_eq!(stored(&storage).await, 0);
}

#[actix_web::test]
async fn a_client_that_stops_or_dribbles_is_cut_off() {
    tokio::time::pause();
    let storage = PhotoStorage::in_memory();
    for (bytes_per_second, cut_off_after) in [(0, 10), (500, 10), (2_000, 60)] {
        let start = Instant::now();
        let first = stream::iter([Ok(Bytes::from(file("a.jpg", b"")))]);
        let dribble = stream::repeat(()).then(move |()| async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok(Bytes::from(vec![0; bytes_per_second]))
        });
        let payload = payload(first.chain(dribble).boxed_local()).await;
        let outcome = receive(&headers(), payload, &storage, &UploadLimits::default()).await;
        assert_eq!(outcome.unwrap_err().refusal, UploadRefusal::TooSlow);
        assert_eq!(start.elapsed().as_secs(), cut_off_after, "{bytes_per_second} B/s");
        assert_eq!(stored(&storage).await, 0);
    }
}

#[actix_web::test]
async fn a_client_that_vanishes_leaves_nothing_behind() {
    let storage = PhotoStorage::in_memory();
    let body = [file("a.jpg", b"whole"), file("b.jpg", &vec![1; 3 * MIB])].concat();
    let payload = payload(stream::iter([Ok(Bytes::from(body))]).chain(stream::pending())).await;
    let (headers, limits) = (headers(), UploadLimits::default());
    let mut receiving = Box::pin(receive(&headers, payload, &storage, &limits));
    while stored(&storage).await == 0 {
        assert!(futures_util::poll!(&mut receiving).is_pending());
        tokio::task::yield_now().await;
    }
    drop(receiving);
    while stored(&storage).await > 0 {
        tokio::task::yield_now().await;
    }
}
