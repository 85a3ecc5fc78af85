//! An answer that a browser saves and never opens.

use std::fmt::Write as _;

use actix_web::HttpResponse;
use actix_web::http::header;

use super::original_filename::OriginalFilename;

/// The bytes as a file of this name, whatever they are.
#[must_use]
pub fn download(name: &OriginalFilename, bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/octet-stream"))
        .insert_header((header::CONTENT_DISPOSITION, disposition(name.as_str())))
        .body(bytes)
}

/// The name twice (RFC 6266): in ASCII for old clients, and in full.
fn disposition(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '.' | '_' | '-');
    let ascii: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    let mut full = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-') {
            full.push(char::from(byte));
        } else {
            let _ = write!(full, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{full}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_stays_one_name() {
        for (name, expected) in [
            ("cat.jpg", "filename=\"cat.jpg\"; filename*=UTF-8''cat.jpg"),
            ("Käse 1.eml", "filename=\"K_se 1.eml\"; filename*=UTF-8''K%C3%A4se%201.eml"),
            ("a\"; x=\"b", "filename=\"a__ x__b\"; filename*=UTF-8''a%22%3B%20x%3D%22b"),
            ("../../etc/passwd", "filename=\"passwd\"; filename*=UTF-8''passwd"),
            (
                "a\r\nSet-Cookie: b",
                "filename=\"a__Set-Cookie_ b\"; filename*=UTF-8''a%EF%BF%BD%EF%BF%BDSet-Cookie%3A%20b",
            ),
        ] {
            let disposition = disposition(OriginalFilename::clean(name).as_str());
            assert_eq!(disposition, format!("attachment; {expected}"));
        }
    }
}
