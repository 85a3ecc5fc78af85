//! Our own style sheets, scripts and drawings: embedded in the binary, cached for ever by their hash.

use actix_web::http::header::{self, ContentEncoding, EntityTag, Header, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::precompressed;

/// `public/`: in a release build part of the binary, in a debug build read anew each time.
#[derive(RustEmbed)]
#[folder = "public/"]
struct PublicFiles;

/// How much of a hash is in an address, in hexadecimal digits.
const VERSION_DIGITS: usize = 12;

/// The address of an asset, with its version, for templates: `app.css` → `/assets/app.css?v=1f0a…`.
/// `None` if there is no such file.
#[must_use]
pub fn address(name: &str) -> Option<String> {
    let file = PublicFiles::get(name)?;
    Some(format!("/assets/{name}?v={}", version(&file)))
}

/// Answers `GET` and `HEAD /assets/{name:.*}`; 404 with an empty body if there is no such file. A text
/// is compressed as the client prefers it.
pub async fn serve(request: HttpRequest, name: web::Path<String>) -> HttpResponse {
    let (Some(file), Some(content_type)) = (PublicFiles::get(&name), content_type(&name)) else {
        return HttpResponse::NotFound().finish();
    };
    let version = version(&file);
    let is_versioned = request.query_string() == format!("v={version}");
    let caching =
        if is_versioned { "public, max-age=31536000, immutable" } else { "public, no-cache" };
    let is_known = is_known(&request, &version);

    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    // Weak: the same file, however it is compressed.
    response
        .insert_header((header::CACHE_CONTROL, caching))
        .insert_header((header::ETAG, format!("W/\"{version}\"")));
    let is_text = is_text(content_type);
    if is_text {
        response.insert_header((header::VARY, "Accept-Encoding"));
    }
    if is_known {
        return response.finish();
    }
    response.content_type(content_type);
    let text = || served(&name, file.data.to_vec());
    let encoding = precompressed::preferred(&request);
    if is_text && encoding != ContentEncoding::Identity {
        let hash = file.metadata.sha256_hash();
        if let Some(body) = precompressed::body(&name, hash, text, encoding).await {
            return response.insert_header(encoding).body(body);
        }
    }
    response.body(text())
}

/// A script is served without its whole-line comments, which are for those who read the source; its
/// lines keep their numbers. Everything else is served as it is.
fn served(name: &str, text: Vec<u8>) -> Vec<u8> {
    if !name.ends_with(".js") {
        return text;
    }
    let lines = text.split(|byte| *byte == b'\n');
    let code =
        lines.map(|line| if line.trim_ascii_start().starts_with(b"//") { b"" } else { line });
    code.collect::<Vec<_>>().join(&b'\n')
}

/// Whether the client has this version, by any of the tags that it names.
fn is_known(request: &HttpRequest, version: &str) -> bool {
    let tags = IfNoneMatch::parse(request);
    let current = EntityTag::new_weak(version.to_owned());
    match tags {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|tag| tag.weak_eq(&current)),
        Err(_) => false,
    }
}

/// What gets smaller when it is compressed.
fn is_text(content_type: &str) -> bool {
    content_type.ends_with("charset=utf-8")
}

fn version(file: &EmbeddedFile) -> String {
    let mut version = hex::encode(file.metadata.sha256_hash());
    version.truncate(VERSION_DIGITS);
    version
}

/// By extension; a file of another kind is not served.
fn content_type(name: &str) -> Option<&'static str> {
    let (_, extension) = name.rsplit_once('.')?;
    Some(match extension {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml; charset=utf-8",
        "png" => "image/png",
        "jpg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use actix_web::App;
    use actix_web::body::{BodySize, MessageBody as _};
    use actix_web::dev::ServiceResponse;
    use actix_web::http::Method;
    use actix_web::middleware::Compress;
    use actix_web::test::{TestRequest, call_service, init_service, read_body};

    use super::*;

    #[actix_web::test]
    async fn the_current_version_is_cached_for_ever_and_others_are_asked_again() {
        let app = init_service(App::new().route("/assets/{name:.*}", web::get().to(serve))).await;
        let current = address("app.css").unwrap();
        for (path, status, caching) in [
            (current.as_str(), 200, Some("public, max-age=31536000, immutable")),
            ("/assets/app.css", 200, Some("public, no-cache")),
            ("/assets/app.css?v=000000000000", 200, Some("public, no-cache")),
            ("/assets/nothing.css", 404, None),
            ("/assets/../Cargo.toml", 404, None),
            ("/assets/..%2fCargo.toml", 404, None),
        ] {
            let response = call_service(&app, TestRequest::get().uri(path).to_request()).await;
            assert_eq!(response.status().as_u16(), status, "{path}");
            let value = response.headers().get("cache-control");
            assert_eq!(value.map(|value| value.to_str().unwrap()), caching, "{path}");
        }
    }

    #[actix_web::test]
    async fn a_text_comes_in_the_encoding_that_is_preferred_and_is_compressed_once() {
        let app = App::new().wrap(Compress::default());
        let app = init_service(app.route("/assets/{name:.*}", web::route().to(serve))).await;
        let plain = PublicFiles::get("app.css").unwrap().data;
        let mut tags = Vec::new();
        for (accepted, encoding) in
            [("br, gzip", Some("br")), ("gzip", Some("gzip")), ("br;q=0", None), ("*", None)]
        {
            let ask = |method: Method| {
                let request = TestRequest::with_uri("/assets/app.css").method(method);
                request.insert_header(("Accept-Encoding", accepted))
            };
            let header = |response: &ServiceResponse<_>, name| {
                let values = response.headers().get_all(name).map(|value| value.to_str().unwrap());
                values.map(str::to_owned).collect::<Vec<_>>()
            };
            let response = call_service(&app, ask(Method::GET).to_request()).await;
            let expected: Vec<_> = encoding.into_iter().collect();
            assert_eq!(header(&response, "content-encoding"), expected, "{accepted}");
            assert_eq!(header(&response, "vary"), ["Accept-Encoding"], "{accepted}");
            tags.extend(header(&response, "etag"));
            let tag = tags.last().unwrap().clone();
            let body = read_body(response).await;
            assert_eq!(decoded(encoding, &body), *plain, "{accepted}");

            let response = call_service(&app, ask(Method::HEAD).to_request()).await;
            assert_eq!(header(&response, "content-encoding"), expected, "HEAD, {accepted}");
            let size = response.response().body().size();
            assert_eq!(size, BodySize::Sized(body.len() as u64), "HEAD, {accepted}");

            for tags in
                [tag.clone(), format!("\"other\", {tag}"), tag.replace("W/", ""), "*".into()]
            {
                let request = ask(Method::GET).insert_header(("If-None-Match", tags.clone()));
                let response = call_service(&app, request.to_request()).await;
                assert_eq!(response.status(), 304, "{accepted}, {tags}");
                assert_eq!(header(&response, "vary"), ["Accept-Encoding"]);
                assert_eq!(header(&response, "etag"), [tag.as_str()]);
                assert!(read_body(response).await.is_empty());
            }
            let other = ask(Method::GET).insert_header(("If-None-Match", "W/\"0123456789ab\""));
            assert_eq!(call_service(&app, other.to_request()).await.status(), 200);
        }
        assert!(tags.iter().all(|tag| tag.starts_with("W/") && *tag == tags[0]), "{tags:?}");
    }

    fn decoded(encoding: Option<&str>, body: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        match encoding {
            Some("br") => brotli::Decompressor::new(body, 4096).read_to_end(&mut text).unwrap(),
            Some("gzip") => flate2::read::GzDecoder::new(body).read_to_end(&mut text).unwrap(),
            _ => return body.to_vec(),
        };
        text
    }

    #[test]
    fn a_script_is_served_without_its_comments_and_its_lines_keep_their_numbers() {
        let script = b"// What it does.\nconst a = 1; // one\n  // Two.\n\nf(\"//\");\n".to_vec();
        assert_eq!(served("a.js", script.clone()), b"\nconst a = 1; // one\n\n\nf(\"//\");\n");
        assert_eq!(served("a.txt", script.clone()), script);
    }

    #[test]
    fn an_unknown_asset_has_no_address() {
        assert_eq!(address("nothing.css"), None);
    }
}
