//! Codecs of the application, beside the library's.

mod external_json;

pub use external_json::ExternalJson;
