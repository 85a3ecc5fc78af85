//! A browser that expects the worst: the gallery may be closed, silent, or gone in mid-sentence.

use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::client::{Answer, Visitor, exchange};
use crate::wait::until;
use crate::world::World;

/// How long somebody tries to open a gallery that is closed.
const CLOSED: Duration = Duration::from_secs(15);
/// How long somebody waits for an answer: longer than the gallery waits for a database.
const PATIENCE: Duration = Duration::from_secs(12);

/// A browser with its cookies, under the name by which the journal knows it.
pub(crate) struct Browser {
    pub(crate) name: String,
    visitor: Visitor,
}

/// What is sent.
#[derive(Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: &'a [u8],
}

impl<'a> Request<'a> {
    pub(crate) const fn new(method: &'a str, path: &'a str) -> Self {
        Self { method, path, headers: &[], body: b"" }
    }
}

impl Browser {
    pub(crate) fn new(name: String) -> Self {
        Self { name, visitor: Visitor::new(([127, 0, 0, 1], 0).into()) }
    }

    /// Gets a cookie, so that the visit is known by it; whether there is one.
    pub(crate) async fn enter(&mut self, world: &World) -> bool {
        if self.visitor.cookie("ponka_visitor").is_none() {
            self.get(world, "/").await;
        }
        self.visitor.cookie("ponka_visitor").is_some()
    }

    pub(crate) async fn get(&mut self, world: &World, path: &str) -> Option<Answer> {
        self.ask(world, Request::new("GET", path)).await
    }

    /// Sends a form without files.
    pub(crate) async fn post(
        &mut self,
        world: &World,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Option<Answer> {
        let body =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let headers = [("Content-Type", "application/x-www-form-urlencoded")];
        let request =
            Request { headers: &headers, body: body.as_bytes(), ..Request::new("POST", path) };
        self.ask(world, request).await
    }

    /// The whole answer; `None` if there was none, and nobody knows what was done.
    pub(crate) async fn ask(&mut self, world: &World, request: Request<'_>) -> Option<Answer> {
        let Request { method, path, headers, body } = request;
        let stream = self.connect(world).await?;
        let request = self.visitor.request(method, path, headers, body);
        let began = Instant::now();
        let received = tokio::time::timeout(PATIENCE, exchange(stream, &request)).await;
        let answer = received.as_ref().ok().and_then(|received| whole(received));
        let how = match (&received, &answer) {
            (_, Some(answer)) => answer.status.to_string(),
            (Ok(received), None) if received.is_empty() => "no answer".to_owned(),
            (Ok(_), None) => "half an answer".to_owned(),
            (Err(_), None) => "no answer in time".to_owned(),
        };
        world.ledger().answer(&how);
        let (name, took) = (&self.name, began.elapsed().as_millis());
        world.journal.note(format!("{name}: {method} {path}: {how} after {took} ms"));
        let answer = answer?;
        self.visitor.keep_cookies(&answer);
        if answer.status >= 500 && ![503, 507].contains(&answer.status) {
            let said: String = answer.text().chars().filter(|c| *c != '\n').take(400).collect();
            let detail = format!("{name}: {method} {path} was answered {how}: {said}");
            world.ledger().broken("of 5xx only 503 and 507 are answered", detail);
        }
        Some(answer)
    }

    /// Sends the first half of a request and goes away.
    pub(crate) async fn break_off(&mut self, world: &World, request: Request<'_>) {
        let Some(mut stream) = self.connect(world).await else { return };
        let Request { method, path, headers, body } = request;
        let request = self.visitor.request(method, path, headers, body);
        // The gallery may have gone away as well.
        let sent = stream.write_all(&request[..request.len() / 2]).await;
        world.journal.note(format!("{}: half of {method} {path}: {sent:?}", self.name));
    }

    /// A connection; `None` if the gallery stays closed.
    async fn connect(&mut self, world: &World) -> Option<TcpStream> {
        let open = || async {
            let address = world.programs.address()?;
            TcpStream::connect(address).await.ok().map(|stream| (address, stream))
        };
        let Some((address, stream)) = until(CLOSED, open).await else {
            world.ledger().answer("closed");
            world.journal.note(format!("{}: the gallery is closed", self.name));
            return None;
        };
        self.visitor.address = address;
        Some(stream)
    }
}

/// The answer, unless it broke off.
fn whole(received: &[u8]) -> Option<Answer> {
    received.windows(4).find(|four| four == b"\r\n\r\n")?;
    let answer = Answer::parse(received);
    let is_whole = match answer.header("content-length") {
        Some(length) => length.parse() == Ok(answer.body.len()),
        None if answer.header("transfer-encoding").is_some() => received.ends_with(b"0\r\n\r\n"),
        None => true,
    };
    is_whole.then_some(answer)
}
