//! The page's addresses and the real ones: `http://127.0.0.1:8000` and `~/ponka` stand for a free
//! port and the scratch clone.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// The port that pages name; 8001 to 8009 are for a second gallery, a mail server and so on.
const PORT: u16 = 8000;

static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(127\.0\.0\.1|localhost|0\.0\.0\.0):(800\d)\b").expect("a well-formed pattern")
});
static OUR_PORT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b2\d{4}\b").expect("a well-formed pattern"));

/// Translates between a page and reality.
#[derive(Debug)]
pub(crate) struct Address {
    clone: PathBuf,
    real: BTreeMap<u16, u16>,
}

impl Address {
    /// Free ports for a scene.
    pub(crate) fn new(clone: &Path) -> Self {
        let mut address = Self { clone: clone.to_owned(), real: BTreeMap::new() };
        address.port(PORT);
        address
    }

    /// Where the gallery listens: host and port.
    pub(crate) fn gallery(&mut self) -> String {
        format!("127.0.0.1:{}", self.port(PORT))
    }

    /// What a page says, as it really is.
    pub(crate) fn real_words(&mut self, text: &str) -> String {
        let clone = self.clone.display().to_string();
        let text = ADDRESS.replace_all(text, |found: &Captures<'_>| {
            let port = found[2].parse().map_or(PORT, |port| self.port(port));
            format!("{}:{port}", &found[1])
        });
        text.replace("~/ponka", &clone)
    }

    /// What is really so, as a page says it.
    pub(crate) fn page_words(&self, text: &str) -> String {
        let text = OUR_PORT.replace_all(text, |found: &Captures<'_>| {
            let named = self.real.iter().find(|(_, real)| real.to_string() == found[0]);
            named.map_or_else(|| found[0].to_owned(), |(page, _)| page.to_string())
        });
        text.replace(&self.clone.display().to_string(), "~/ponka")
    }

    fn port(&mut self, page: u16) -> u16 {
        let taken: Vec<u16> = self.real.values().copied().collect();
        *self.real.entry(page).or_insert_with(|| free_port(&taken))
    }
}

/// Below those that the system gives to clients.
fn free_port(taken: &[u16]) -> u16 {
    loop {
        let port = fastrand::u16(20_000..30_000);
        if !taken.contains(&port) && TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
