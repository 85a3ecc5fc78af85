//! A visitor: an HTTP client with cookies, that sends exactly the bytes it is told to.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The boundary of our forms.
pub(crate) const BOUNDARY: &str = "XponkaX";
/// The `Content-Type` of our forms.
pub(crate) const FORM: &str = "multipart/form-data; boundary=XponkaX";
/// Nothing here takes longer, unless it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// One browser, with its cookies.
pub(crate) struct Visitor {
    pub(crate) address: SocketAddr,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// What the server said.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Visitor {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, cookies: Mutex::default() }
    }

    /// The same browser at another address.
    pub(crate) fn at(&self, address: SocketAddr) -> Self {
        let cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Self { address, cookies: Mutex::new(cookies) }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], b"").await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], b"").await
    }

    /// Uploads to `/api/images`.
    pub(crate) async fn upload(&self, files: &[(&str, &[u8])]) -> Answer {
        self.post_form("/api/images", &[], files).await
    }

    /// Uploads one good photo and gives its IMAGE.
    pub(crate) async fn upload_one(&self, name: &str, bytes: &[u8]) -> Value {
        let answer = self.upload(&[(name, bytes)]).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()
    }

    pub(crate) async fn post_form(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        files: &[(&str, &[u8])],
    ) -> Answer {
        let headers = [headers, &[("Content-Type", FORM)]].concat();
        self.send("POST", path, &headers, &form(files)).await
    }

    /// Sends a form without files.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let headers = [("Content-Type", "application/x-www-form-urlencoded")];
        self.send("POST", path, &headers, body.as_bytes()).await
    }

    /// Makes an account.
    pub(crate) async fn register(&self, name: &str, email: &str, password: &str) -> Answer {
        self.post("/register", &[("name", name), ("email", email), ("password", password)]).await
    }

    /// Signs in; whether it worked is the caller's to say.
    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.post("/login", &[("email", email), ("password", password)]).await
    }

    /// The value of a cookie.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Gives the browser a cookie, or takes it away.
    pub(crate) fn set_cookie(&self, name: &str, value: Option<&str>) {
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        match value {
            Some(value) => cookies.insert(name.to_owned(), value.to_owned()),
            None => cookies.remove(name),
        };
    }

    /// Sends a request with a `Content-Length` and its cookies, and reads the whole answer.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let answer = self.raw(&self.request(method, path, headers, body)).await;
        self.keep_cookies(&answer);
        answer
    }

    /// A whole request, with a `Content-Length` and the cookies.
    pub(crate) fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Vec<u8> {
        let mut head = self.head(method, path, headers);
        if !body.is_empty() || method == "POST" {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        [head.as_bytes(), b"\r\n", body].concat()
    }

    /// Remembers the cookies of an answer.
    pub(crate) fn keep_cookies(&self, answer: &Answer) {
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        for cookie in answer.all("set-cookie") {
            let (name, value) = cookie.split_once('=').expect("a cookie has a name");
            let value = value.split(';').next().unwrap_or_default();
            match cookie.contains("Max-Age=0") {
                true => cookies.remove(name),
                false => cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
    }

    /// The first lines of a request, cookies included, without the empty line at the end.
    pub(crate) fn head(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> String {
        let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            head.push_str(&format!("Host: {}\r\n", self.address));
        }
        let cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        let cookies: Vec<String> =
            cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            head.push_str(&format!("Cookie: {}\r\n", cookies.join("; ")));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("the server listens")
    }

    /// Sends these bytes and reads until the server closes the connection.
    pub(crate) async fn raw(&self, request: &[u8]) -> Answer {
        let exchanged = tokio::time::timeout(PATIENCE, exchange(self.connect().await, request));
        Answer::parse(&exchanged.await.expect("the server answers in time"))
    }
}

/// Sends these bytes and reads until the server closes the connection.
pub(crate) async fn exchange(stream: TcpStream, request: &[u8]) -> Vec<u8> {
    let (mut reader, mut writer) = stream.into_split();
    let sending = async {
        // The server may refuse before it has read everything.
        let _refused_early = writer.write_all(request).await;
        std::future::pending::<()>().await;
    };
    let mut received = Vec::new();
    let receiving = async {
        let mut piece = vec![0; 64 * 1024];
        while let Ok(length @ 1..) = reader.read(&mut piece).await {
            received.extend_from_slice(&piece[..length]);
        }
    };
    tokio::select! {
        () = sending => {}
        () = receiving => {}
    }
    received
}

impl Answer {
    pub(crate) fn parse(received: &[u8]) -> Self {
        let end = find(received, b"\r\n\r\n").expect("an answer has a head");
        let head = String::from_utf8_lossy(&received[..end]);
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.get(9..12)).unwrap_or_default();
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let mut answer = Self { status: status.parse().unwrap_or(0), headers, body: Vec::new() };
        let body = &received[end + 4..];
        let is_chunked = answer.header("transfer-encoding") == Some("chunked");
        answer.body = if is_chunked { unchunked(body) } else { body.to_vec() };
        answer
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Every header of this name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.headers.iter().filter(move |(known, _)| known == name);
        named.map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    /// The code of the first violation of a problem document.
    pub(crate) fn code(&self) -> String {
        self.json()["violations"][0]["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// A whole form; the names stand in it as they are.
pub(crate) fn form(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, bytes) in files {
        body.extend(part_head(name.as_bytes()));
        body.extend_from_slice(bytes);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    body
}

/// What stands in a form before the bytes of a file.
pub(crate) fn part_head(name: &[u8]) -> Vec<u8> {
    let disposition = b"\r\nContent-Disposition: form-data; name=\"file\"; filename=\"";
    let rest = b"\"\r\nContent-Type: image/jpeg\r\n\r\n";
    [b"--", BOUNDARY.as_bytes(), disposition, name, rest].concat()
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = find(body, b"\r\n") {
        let size = std::str::from_utf8(&body[..end]).unwrap_or("0");
        let size = usize::from_str_radix(size, 16).unwrap_or(0);
        let Some(chunk) = body.get(end + 2..end + 2 + size).filter(|_| size > 0) else { break };
        whole.extend_from_slice(chunk);
        body = body.get(end + 4 + size..).unwrap_or_default();
    }
    whole
}
