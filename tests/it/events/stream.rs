//! A browser that listens: reads a stream of events line by line, as it comes.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::support::Visitor;

/// Nothing here takes longer, unless it hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// One open stream.
pub(crate) struct EventStream {
    connection: BufReader<TcpStream>,
    pub(crate) head: String,
    /// Text that has come and has not been read yet.
    rest: String,
    /// What a browser would send as `Last-Event-ID`.
    pub(crate) last_id: Option<String>,
}

/// What a stream says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Said {
    Event {
        id: i64,
        name: String,
        data: Value,
    },
    /// An event without a number of its own, and its data.
    Signal(String, String),
    Comment(String),
    /// The first words, or the last: how long to wait before coming back, in milliseconds.
    Retry(u64),
}

impl Said {
    /// A sign of life. Scripts hear it, which do not hear comments.
    pub(crate) fn heartbeat() -> Self {
        Self::Signal("heartbeat".to_owned(), String::new())
    }
}

impl EventStream {
    /// Opens a stream that goes on after its first words.
    pub(crate) async fn open(visitor: &Visitor) -> Self {
        Self::open_with(visitor, "/events", &[]).await
    }

    /// Opens one that goes on after an event.
    pub(crate) async fn open_after(visitor: &Visitor, id: &str) -> Self {
        Self::open_with(visitor, "/events", &[("Last-Event-ID", id)]).await
    }

    pub(crate) async fn open_with(visitor: &Visitor, path: &str, headers: &[(&str, &str)]) -> Self {
        let mut stream = Self::request(visitor, path, headers).await;
        assert!(stream.head.starts_with("HTTP/1.1 200"), "{}", stream.head);
        assert_eq!(stream.said().await, Some(Said::Retry(2000)));
        stream
    }

    /// Whatever the answer is.
    pub(crate) async fn request(visitor: &Visitor, path: &str, headers: &[(&str, &str)]) -> Self {
        let mut connection = visitor.connect().await;
        let request = format!("{}\r\n", visitor.head("GET", path, headers));
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut connection = BufReader::new(connection);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let read = tokio::time::timeout(PATIENCE, connection.read_line(&mut head)).await;
            assert!(read.unwrap().unwrap() > 0, "{head}");
        }
        Self {
            connection,
            head: head.to_lowercase().replace("http/1.1", "HTTP/1.1"),
            rest: String::new(),
            last_id: None,
        }
    }

    /// What is said next; `None` when the stream has ended.
    pub(crate) async fn said(&mut self) -> Option<Said> {
        tokio::time::timeout(PATIENCE, self.next()).await.expect("something is said in time")
    }

    /// The next event, whatever is said before it.
    pub(crate) async fn event(&mut self) -> (i64, String, Value) {
        loop {
            match self.said().await.expect("the stream goes on") {
                Said::Event { id, name, data } => return (id, name, data),
                Said::Signal(..) | Said::Comment(_) | Said::Retry(_) => {}
            }
        }
    }

    /// The IMAGE of the next event.
    pub(crate) async fn image(&mut self) -> Value {
        let (_, name, data) = self.event().await;
        assert_eq!(name, "image", "{data}");
        data
    }

    /// Waits until a photo has this status, and gives the statuses of all events until then.
    pub(crate) async fn until(&mut self, id: &Value, status: &str) -> Vec<String> {
        let mut seen = Vec::new();
        loop {
            let image = self.image().await;
            if image["id"] == *id {
                seen.push(image["status"].as_str().unwrap().to_owned());
                if image["status"] == status {
                    return seen;
                }
            }
        }
    }

    /// Reads on to the end, and gives the last words: a comment, or the name of a signal.
    pub(crate) async fn last_words(&mut self) -> String {
        let mut last = String::new();
        while let Some(said) = self.said().await {
            match said {
                Said::Comment(words) | Said::Signal(words, _) => last = words,
                Said::Retry(_) => {}
                event @ Said::Event { .. } => panic!("{event:?}"),
            }
        }
        last
    }

    async fn next(&mut self) -> Option<Said> {
        loop {
            while let Some((block, rest)) = self.rest.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.rest = rest;
                if let Some(said) = self.understand(&block) {
                    return Some(said);
                }
            }
            let chunk = self.chunk().await?;
            self.rest.push_str(&chunk);
        }
    }

    fn understand(&mut self, block: &str) -> Option<Said> {
        let field = |name: &str| {
            let line = block.lines().find_map(|line| line.strip_prefix(name));
            line.map(|value| value.trim_start_matches([':', ' ']).to_owned())
        };
        if let Some(id) = field("id") {
            self.last_id = Some(id);
        }
        if let Some(retry) = field("retry") {
            return Some(Said::Retry(retry.parse().unwrap()));
        }
        if let (Some(data), None) = (field("data"), field("id")) {
            return Some(Said::Signal(field("event").unwrap_or_default(), data));
        }
        if let Some(data) = field("data") {
            let id = self.last_id.clone().unwrap_or_default().parse().unwrap();
            let data = serde_json::from_str(&data).unwrap();
            return Some(Said::Event { id, name: field("event").unwrap_or_default(), data });
        }
        block.strip_prefix(": ").map(|comment| Said::Comment(comment.to_owned()))
    }

    /// The next piece; `None` at the end, or when the connection is gone.
    async fn chunk(&mut self) -> Option<String> {
        let mut size = String::new();
        if self.connection.read_line(&mut size).await.ok()? == 0 {
            return None;
        }
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        let mut chunk = vec![0; size + 2];
        self.connection.read_exact(&mut chunk).await.ok()?;
        (size > 0).then(|| String::from_utf8(chunk[..size].to_vec()).unwrap())
    }
}
