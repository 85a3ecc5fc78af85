//! Our own texts, compressed as far as it goes: once for each version, not for each answer.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::{LazyLock, Mutex, PoisonError};

use actix_web::http::header::{AcceptEncoding, ContentEncoding, Encoding, Header};
use actix_web::{HttpRequest, web};
use brotli::CompressorWriter;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

const BROTLI_QUALITY: u32 = 11;
/// The logarithm of brotli's window: 256 KiB hold any of our files.
const BROTLI_WINDOW: u32 = 18;
const BUFFER: usize = 4096;

/// SHA-256 of a file.
pub type Hash = [u8; 32];

/// The last version of each file, by its name.
static KEPT: LazyLock<Mutex<HashMap<String, (Hash, Compressed)>>> = LazyLock::new(Mutex::default);

/// A text in each encoding that we offer.
#[derive(Debug, Clone)]
struct Compressed {
    brotli: Bytes,
    gzip: Bytes,
}

/// What the client prefers of brotli, gzip, and the text as it is.
#[must_use]
pub fn preferred(request: &HttpRequest) -> ContentEncoding {
    let offered = [Encoding::brotli(), Encoding::gzip(), Encoding::identity()];
    let accepted = AcceptEncoding::parse(request).ok();
    match accepted.and_then(|accepted| accepted.negotiate(offered.iter())) {
        Some(Encoding::Known(encoding)) => encoding,
        _ => ContentEncoding::Identity,
    }
}

/// The text of the file `name`, whose hash this is, in this encoding; `None` for an encoding that is
/// not offered. The text is asked for only if it is not compressed yet.
pub async fn body(
    name: &str,
    hash: Hash,
    text: impl FnOnce() -> Vec<u8>,
    encoding: ContentEncoding,
) -> Option<Bytes> {
    let compressed = match kept(name, hash) {
        Some(compressed) => compressed,
        None => {
            let text = text();
            let fresh = web::block(move || compress(&text)).await.ok()?.ok()?;
            let mut all = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
            all.insert(name.to_owned(), (hash, fresh.clone()));
            fresh
        }
    };
    match encoding {
        ContentEncoding::Brotli => Some(compressed.brotli),
        ContentEncoding::Gzip => Some(compressed.gzip),
        _ => None,
    }
}

fn kept(name: &str, hash: Hash) -> Option<Compressed> {
    let all = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    all.get(name).filter(|(known, _)| *known == hash).map(|(_, compressed)| compressed.clone())
}

fn compress(text: &[u8]) -> io::Result<Compressed> {
    let mut brotli = CompressorWriter::new(Vec::new(), BUFFER, BROTLI_QUALITY, BROTLI_WINDOW);
    brotli.write_all(text)?;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(text)?;
    Ok(Compressed { brotli: brotli.into_inner().into(), gzip: gzip.finish()?.into() })
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn the_best_encoding_that_is_accepted_is_preferred() {
        for (accepted, encoding) in [
            ("gzip, deflate, br, zstd", ContentEncoding::Brotli),
            ("gzip, deflate", ContentEncoding::Gzip),
            ("br;q=0", ContentEncoding::Identity),
            ("br;q=0, gzip", ContentEncoding::Gzip),
            ("br;q=0.4, gzip;q=0.5", ContentEncoding::Gzip),
            ("br;q=0.5, identity", ContentEncoding::Identity),
            ("gzip;q=0.5, br, *;q=0", ContentEncoding::Brotli),
            ("*", ContentEncoding::Identity),
            ("*;q=0", ContentEncoding::Identity),
            ("zstd", ContentEncoding::Identity),
            ("identity", ContentEncoding::Identity),
            ("", ContentEncoding::Identity),
            ("br;q=oops", ContentEncoding::Identity),
        ] {
            let request = TestRequest::get().insert_header(("Accept-Encoding", accepted));
            assert_eq!(preferred(&request.to_http_request()), encoding, "{accepted}");
        }
        assert_eq!(preferred(&TestRequest::get().to_http_request()), ContentEncoding::Identity);
    }

    #[actix_web::test]
    async fn a_new_version_takes_the_place_of_the_old_one() {
        let name = "of-this-test.css";
        for (hash, text) in [([1; 32], "one ".repeat(100)), ([2; 32], "two ".repeat(100))] {
            for _ in 0..2 {
                let bytes = || text.clone().into_bytes();
                let body = body(name, hash, bytes, ContentEncoding::Gzip);
                let mut decoded = flate2::write::GzDecoder::new(Vec::new());
                decoded.write_all(&body.await.unwrap()).unwrap();
                assert_eq!(decoded.finish().unwrap(), text.as_bytes());
            }
            assert!(kept(name, hash).is_some());
        }
        assert!(kept(name, [1; 32]).is_none());
    }
}
