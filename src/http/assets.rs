//! Our own style sheets, scripts and drawings: embedded in the binary, cached for ever by their hash.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::{EmbeddedFile, RustEmbed};

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

/// Answers `GET` and `HEAD /assets/{name:.*}`; 404 with an empty body if there is no such file.
pub async fn serve(request: HttpRequest, name: web::Path<String>) -> HttpResponse {
    let (Some(file), Some(content_type)) = (PublicFiles::get(&name), content_type(&name)) else {
        return HttpResponse::NotFound().finish();
    };
    let version = version(&file);
    let is_versioned = request.query_string() == format!("v={version}");
    let caching =
        if is_versioned { "public, max-age=31536000, immutable" } else { "public, no-cache" };
    let tag = format!("\"{version}\"");
    let is_known = request.headers().get(header::IF_NONE_MATCH).map(HeaderValue::as_bytes)
        == Some(tag.as_bytes());

    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((header::CACHE_CONTROL, caching)).insert_header((header::ETAG, tag));
    if is_known {
        return response.finish();
    }
    response.content_type(content_type).body(file.data.into_owned())
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
    use actix_web::App;
    use actix_web::test::{TestRequest, call_service, init_service};

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

    #[test]
    fn an_unknown_asset_has_no_address() {
        assert_eq!(address("nothing.css"), None);
    }
}
