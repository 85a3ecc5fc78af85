//! Forms with files, as damaged as they come.

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use actix_web::test::TestRequest;
use actix_web::web::Bytes;
use actix_web::{FromRequest, web};
use futures_util::{StreamExt, stream};
use ponka::http::upload::{UploadLimits, receive};
use ponka::photo_storage::PhotoStorage;

use super::inputs;
use crate::support::{BOUNDARY, form};

async fn payload(body: &[u8]) -> web::Payload {
    let pieces: Vec<Result<Bytes, PayloadError>> =
        body.chunks(1000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let mut payload: Payload = Payload::Stream { payload: Box::pin(stream::iter(pieces)) };
    let request = TestRequest::default().to_http_request();
    web::Payload::from_request(&request, &mut payload).await.unwrap()
}

async fn check(headers: &HeaderMap, body: &[u8]) {
    let storage = PhotoStorage::in_memory();
    let received = receive(headers, payload(body).await, &storage, &UploadLimits::default()).await;
    let stored = storage.list().await.unwrap().count().await;
    match received {
        Ok(files) => {
            assert!(!files.is_empty() && stored == files.len(), "{stored}");
            for file in files {
                let name = file.original_filename.as_str();
                assert!(
                    !name.contains(['/', '\\']) && !name.contains(char::is_control),
                    "{name:?}"
                );
            }
        }
        Err(_) => assert_eq!(stored, 0, "a refused form leaves nothing"),
    }
}

#[actix_web::test]
async fn sec_02_any_form_is_taken_whole_or_leaves_nothing() {
    let good = form(&[("a.jpg", b"one"), ("caf\u{e9}.jpg", b"two")]);
    let starred = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; \
         filename*=UTF-8''a%0d%0ab%2f.jpg\r\nContent-Type: image/jpeg\r\nContent-Length: 3\r\n\r\n\
         one\r\n--{BOUNDARY}--\r\n"
    );
    let mixed = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=file; filename=a.jpg\r\n\
         Content-Type: multipart/mixed; boundary=inner\r\n\r\n--inner\r\n\r\nx\r\n--inner--\r\n\
         --{BOUNDARY}--\r\n"
    );
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(crate::support::FORM));
    for input in inputs(&[&good, starred.as_bytes(), mixed.as_bytes(), b"--XponkaX--\r\n"]) {
        check(&headers, &input).await;
    }
}

#[actix_web::test]
async fn any_content_type_is_a_form_or_none() {
    let good = form(&[("a.jpg", b"one")]);
    let examples: [&[u8]; 4] = [
        b"multipart/form-data; boundary=XponkaX",
        b"multipart/form-data; boundary=\"XponkaX\"; charset=utf-8",
        b"MULTIPART/FORM-DATA;boundary=",
        b"multipart/form-data",
    ];
    for input in inputs(&examples) {
        let Ok(value) = HeaderValue::from_bytes(&input) else { continue };
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, value);
        check(&headers, &good).await;
    }
}
