//! A transport of one's own: a queue in a folder, one file for each message. `main` sends a message
//! and receives it; `cargo test --example folder` proves the contract.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use messenger::codec::{Codec, Encoded};
use messenger::stamp::{Stamp, TransportMessageIdStamp};
use messenger::transport::{Fetch, Receiver, Sender, Transport};
use messenger::{Context, DispatchError, Envelope, Scope, TransportError, async_trait};

#[derive(Debug)]
struct Folder(PathBuf, Arc<dyn Codec>);

/// The file of a message that this process holds.
#[derive(Debug, Clone)]
struct HeldStamp(PathBuf);

impl Stamp for HeldStamp {}

fn failed(error: std::io::Error) -> TransportError {
    TransportError::Storage {
        context: "the folder cannot be used".to_owned(),
        source: error.into(),
    }
}

fn held(envelope: &Envelope) -> Option<&Path> {
    envelope.last::<HeldStamp>().map(|HeldStamp(file)| file.as_path())
}

impl<S: Scope> Transport<S> for Folder {
    fn class(&self) -> &'static str {
        "Folder"
    }

    fn sender(&self) -> &dyn Sender<S> {
        self
    }

    fn receiver(&self) -> Option<&dyn Receiver<S>> {
        Some(self)
    }
}

#[async_trait]
impl<S: Scope> Sender<S> for Folder {
    async fn send(&self, message: Envelope, _: &mut Context<S>) -> Result<Envelope, DispatchError> {
        static SENT: AtomicU64 = AtomicU64::new(0);
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_nanos();
        let id = format!("{now:030}-{:010}", SENT.fetch_add(1, Ordering::SeqCst));
        let Encoded { body, headers } = self.1.encode(&message).map_err(TransportError::from)?;
        let (new, file) = (self.0.join(&id).with_extension("new"), self.0.join(&id));
        let written = std::fs::write(&new, serde_json::json!([body, headers]).to_string());
        written.and_then(|()| std::fs::rename(new, file)).map_err(failed)?;
        let message = message.without::<TransportMessageIdStamp>();
        Ok(message.with(TransportMessageIdStamp { id: id.into() }))
    }
}

#[async_trait]
impl<S: Scope> Receiver<S> for Folder {
    async fn get(&self, fetch: &Fetch<'_>) -> Result<Vec<Envelope>, TransportError> {
        let entries = std::fs::read_dir(&self.0).map_err(failed)?.map_while(Result::ok);
        let mut waiting: Vec<_> = entries.map(|entry| entry.path()).collect();
        waiting.retain(|file| file.extension().is_none());
        waiting.sort();
        let mut claimed = Vec::new();
        for file in waiting {
            let held = file.with_extension("held");
            // Whoever renames it first holds it.
            if claimed.len() == fetch.max || std::fs::rename(&file, &held).is_err() {
                continue;
            }
            let text = std::fs::read(&held).map_err(failed)?;
            let (body, headers) = serde_json::from_slice(&text).unwrap_or_default();
            let id = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let message = self.1.decode(Encoded { body, headers });
            let message = message.without::<TransportMessageIdStamp>();
            claimed.push(
                message.with(TransportMessageIdStamp { id: id.into() }).with(HeldStamp(held)),
            );
        }
        Ok(claimed)
    }

    async fn ack(&self, messages: &[Envelope]) -> Result<(), TransportError> {
        messages.iter().filter_map(held).for_each(|file| drop(std::fs::remove_file(file)));
        Ok(())
    }

    async fn reject(&self, message: &Envelope, _: &mut Context<S>) -> Result<bool, TransportError> {
        Ok(held(message).is_some_and(|file| std::fs::remove_file(file).is_ok()))
    }

    async fn release(&self, messages: &[Envelope], _: Duration) -> Result<(), TransportError> {
        let give_back = |file: &Path| drop(std::fs::rename(file, file.with_extension("")));
        messages.iter().filter_map(held).for_each(give_back);
        Ok(())
    }

    async fn wait(&self, _: &[String], at_most: Duration) -> Result<(), TransportError> {
        // Nobody tells: the worker looks again.
        tokio::time::sleep(at_most.min(Duration::from_millis(100))).await;
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = tempfile::tempdir()?;
    let messenger = messenger::Messenger::builder(|| ()).bus("bus", |bus| bus).build()?;
    let queue: &dyn Transport<()> = &Folder(path.path().to_owned(), messenger.codec().clone());
    let news = Encoded { body: b"{}".to_vec(), headers: vec![("type".into(), "News".into())] };
    let sent = messenger.codec().decode(news);
    queue.sender().send(sent, &mut messenger.context("bus")).await?;
    let receiver = queue.receiver().ok_or("messages wait there")?;
    let received = receiver.get(&Fetch::up_to(10)).await?;
    println!("{} message(s), the first a {}", received.len(), received[0].name());
    Ok(receiver.ack(&received).await?)
}

#[cfg(test)]
mod contract {
    use messenger_contract::{Fixture, Time};
    use tempfile::TempDir;

    use super::{Arc, Codec, Duration, Folder, Transport, TransportError, failed};

    struct InFolders(TempDir);

    impl Fixture for InFolders {
        type Scope = ();

        async fn open(
            &self,
            queue: &str,
            codec: Arc<dyn Codec>,
        ) -> Result<Arc<dyn Transport<()>>, TransportError> {
            let path = self.0.path().join(queue);
            std::fs::create_dir_all(&path).map_err(failed)?;
            Ok(Arc::new(Folder(path, codec)))
        }

        fn scope(&self) {}

        fn time(&self) -> Time {
            Time::real(Duration::from_millis(50))
        }
    }

    messenger_contract::run!(async || Ok(InFolders(tempfile::tempdir().expect("a folder"))));
}
