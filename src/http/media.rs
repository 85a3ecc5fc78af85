//! The answer to `GET` and `HEAD /media/{name}`: one rendition, which never changes under its name.

use actix_web::body::SizedStream;
use actix_web::http::Method;
use actix_web::http::header::{self, EntityTag, Header, HeaderValue, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use bytes::Bytes;
use futures_util::{TryStreamExt, stream};

use crate::photo_storage::{MediaName, PhotoStorage, StorageError};

/// Private, because photos are; forever, because other bytes have another name.
const CACHE_CONTROL: &str = "private, max-age=31536000, immutable";

/// Answers a request for the rendition `name`, as it stands in the address. Who may see it is for the
/// caller to decide, before.
///
/// # Errors
/// [`StorageError::NotFound`] for a name that we did not make and for one that is gone (answer 404 to
/// both), or what the store said.
pub async fn serve(
    request: &HttpRequest,
    storage: &PhotoStorage,
    name: &str,
) -> Result<HttpResponse, StorageError> {
    let not_found = |_| StorageError::NotFound { key: name.to_owned() };
    let name: MediaName = name.parse().map_err(not_found)?;
    let key = name.key();
    if is_known(request, &name) {
        storage.size(&key).await?;
        return Ok(head(HttpResponse::NotModified(), &name).finish());
    }
    let mut response = head(HttpResponse::Ok(), &name);
    response.insert_header((header::CONTENT_TYPE, name.format().mime()));
    if request.method() == Method::HEAD {
        let size = storage.size(&key).await?;
        let no_bytes = stream::empty::<Result<Bytes, StorageError>>();
        return Ok(response.body(SizedStream::new(size, no_bytes)));
    }
    let file = storage.read_stream(&key).await?;
    let bytes = file.bytes.inspect_err(|error| {
        tracing::error!("A photo could not be sent to its end: {error}");
    });
    Ok(response.body(SizedStream::new(file.size, bytes)))
}

fn is_known(request: &HttpRequest, name: &MediaName) -> bool {
    let tag = EntityTag::new_strong(name.hash().to_owned());
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => request.headers().contains_key(header::IF_NONE_MATCH),
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&tag)),
        Err(_) => false,
    }
}

fn head(mut response: HttpResponseBuilder, name: &MediaName) -> HttpResponseBuilder {
    let short = &name.hash()[..8];
    let file_name = format!("inline; filename=\"photo-{short}.{}\"", name.format().extension());
    response
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static(CACHE_CONTROL)))
        .insert_header((header::ETAG, format!("\"{}\"", name.hash())))
        .insert_header((header::CONTENT_DISPOSITION, file_name));
    response
}

#[cfg(test)]
mod tests {
    use actix_web::http::StatusCode;
    use actix_web::test::TestRequest;

    use uuid::Uuid;

    use super::*;
    use crate::photo::PhotoFormat;

    async fn storage_with_a_cat() -> (PhotoStorage, MediaName) {
        let storage = PhotoStorage::in_memory();
        let name = storage
            .publish(Uuid::from_u128(7), Bytes::from_static(b"a cat"), PhotoFormat::Jpeg)
            .await
            .unwrap();
        (storage, name)
    }

    #[actix_web::test]
    async fn a_rendition_is_served_with_our_type_and_for_ever() {
        let (storage, name) = storage_with_a_cat().await;
        let request = TestRequest::get().to_http_request();
        let response = serve(&request, &storage, &name.to_string()).await.unwrap();
        for (header, expected) in [
            ("content-type", "image/jpeg"),
            ("cache-control", "private, max-age=31536000, immutable"),
            ("etag", &format!("\"{}\"", name.hash())),
            (
                "content-disposition",
                &format!("inline; filename=\"photo-{}.jpg\"", &name.hash()[..8]),
            ),
        ] {
            assert_eq!(response.headers().get(header).unwrap(), expected);
        }
        let body = actix_web::body::to_bytes(response.into_body()).await;
        assert_eq!(body.ok().unwrap(), "a cat");
    }

    #[actix_web::test]
    async fn a_browser_that_has_it_is_told_so() {
        let (storage, name) = storage_with_a_cat().await;
        for (tag, status) in [
            (format!("\"{}\"", name.hash()), StatusCode::NOT_MODIFIED),
            (format!("\"x\", W/\"{}\"", name.hash()), StatusCode::NOT_MODIFIED),
            ("*".to_owned(), StatusCode::NOT_MODIFIED),
            ("\"other\"".to_owned(), StatusCode::OK),
            ("garbage".to_owned(), StatusCode::OK),
        ] {
            let request = TestRequest::get().insert_header(("if-none-match", tag.clone()));
            let response = serve(&request.to_http_request(), &storage, &name.to_string()).await;
            assert_eq!(response.unwrap().status(), status, "{tag}");
        }
    }

    #[actix_web::test]
    async fn whatever_we_did_not_name_is_not_found() {
        let (storage, name) = storage_with_a_cat().await;
        let request = TestRequest::get().to_http_request();
        let gone = "0".repeat(32) + ".jpg";
        for name in
            ["", "..", "../originals/x", "/etc/passwd", &gone, &format!("{name}/"), &name.key()]
        {
            let answer = serve(&request, &storage, name).await;
            assert!(matches!(answer, Err(StorageError::NotFound { .. })), "{name}");
        }
    }
}
