//! Bytes on the wire that no browser and no ordinary client sends.

mod bodies;
mod crowds;
mod csp_reports;
mod encoded;
mod files;
mod framing;
mod hostile_files;
mod log_lines;
mod logs;
mod request_lines;
mod shares;

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Answer, TestApp};

/// Nothing here takes longer, unless it hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// Everything that the server said on one connection.
pub(crate) struct Said {
    bytes: Vec<u8>,
    /// How long it took to say something.
    pub(super) answered: Duration,
    /// How long it took to close; `None` if it did not.
    pub(super) closed: Option<Duration>,
}

impl Said {
    /// The statuses of all answers, in order.
    pub(crate) fn statuses(&self) -> Vec<u16> {
        let text = String::from_utf8_lossy(&self.bytes);
        let answers = ["HTTP/1.1 ", "HTTP/1.0 "].map(|version| text.matches(version).count());
        let after_version = |rest: &str| rest.get(2..5).and_then(|status| status.parse().ok());
        let statuses: Vec<u16> = text.split("HTTP/1.").skip(1).filter_map(after_version).collect();
        assert_eq!(statuses.len(), answers.iter().sum::<usize>(), "{text}");
        statuses
    }

    /// The first answer.
    pub(super) fn answer(&self) -> Answer {
        Answer::parse(&self.bytes)
    }
}

/// Sends these bytes as they are and then nothing more; reads until the server closes.
pub(crate) async fn say(app: &TestApp, request: &[u8]) -> Said {
    exchange(app, request, true).await
}

/// The same, but the client seems to have more to say.
pub(super) async fn say_and_wait(app: &TestApp, request: &[u8]) -> Said {
    exchange(app, request, false).await
}

async fn exchange(app: &TestApp, request: &[u8], is_all: bool) -> Said {
    let began = Instant::now();
    let stream = TcpStream::connect(app.address).await.expect("the server listens");
    let (mut reader, mut writer) = stream.into_split();
    let sending = async {
        // The server may refuse before it has read everything.
        let _refused_early = writer.write_all(request).await;
        if is_all {
            let _refused_early = writer.shutdown().await;
        }
        std::future::pending::<()>().await;
    };
    let (mut bytes, mut answered) = (Vec::new(), None);
    let receiving = tokio::time::timeout(PATIENCE, async {
        let mut piece = vec![0; 64 * 1024];
        while let Ok(length @ 1..) = reader.read(&mut piece).await {
            answered.get_or_insert_with(|| began.elapsed());
            bytes.extend_from_slice(&piece[..length]);
        }
    });
    let closed = tokio::select! {
        () = sending => None,
        ended = receiving => ended.ok().map(|()| began.elapsed()),
    };
    Said { bytes, answered: answered.unwrap_or(PATIENCE), closed }
}
