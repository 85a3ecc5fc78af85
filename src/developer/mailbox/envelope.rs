//! To whom a mail really went: the file that lies beside it.

use serde::Deserialize;

/// lettre's file beside a mail: also those are in it who are in no header (`Bcc`).
#[derive(Debug, Default, Deserialize)]
pub(super) struct Envelope {
    #[serde(default)]
    pub(super) forward_path: Vec<String>,
    #[serde(default)]
    pub(super) reverse_path: Option<String>,
}

impl Envelope {
    /// What the file says; nothing, if it is missing or makes no sense.
    pub(super) fn read(json: Option<&[u8]>) -> Self {
        json.and_then(|json| serde_json::from_slice(json).ok()).unwrap_or_default()
    }
}
