//! An SMTP server on loopback that does as it is told, and remembers what it was given.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// A server. Dropped, it closes its connections and is gone.
pub(crate) struct SmtpServer {
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

/// A port on which nobody listens yet: connections are refused.
pub(crate) struct SmtpServerThatIsDown(TcpSocket);

/// What a server has seen.
#[derive(Default)]
pub(crate) struct State {
    /// What it is to do.
    pub(crate) script: Script,
    /// The mails it has taken.
    pub(crate) mails: Vec<Received>,
    /// The address of each RCPT, refused ones included.
    pub(crate) asked: Vec<String>,
    pub(crate) connections: usize,
    pub(crate) open: usize,
    pub(crate) most_open: usize,
}

/// How a server behaves; by default it takes everything.
#[derive(Default)]
pub(crate) struct Script {
    /// How long each answer takes.
    pub(crate) delay: Duration,
    /// The code with which so many recipients are refused.
    pub(crate) refuse: Option<(u16, usize)>,
    /// Each recipient is refused the first time.
    pub(crate) greylist: bool,
    /// So many mails are cut off after their first line.
    pub(crate) cut_off: usize,
    /// So many mails are taken, but the connection breaks before the answer.
    pub(crate) swallow_answer: usize,
    /// Mails are taken, but never answered.
    pub(crate) silent: bool,
    /// The answer to `MAIL FROM` is 421, so many times.
    pub(crate) closing: usize,
    /// It takes addresses beyond ASCII.
    pub(crate) smtputf8: bool,
    /// Is called when a mail is about to come.
    pub(crate) on_data: Option<Arc<dyn Fn() + Send + Sync>>,
}

/// A mail as it came.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) message: Vec<u8>,
}

impl SmtpServerThatIsDown {
    pub(crate) fn new() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(([127, 0, 0, 1], 0).into()).expect("a free port");
        Self(socket)
    }

    pub(crate) fn dsn(&self) -> String {
        format!("smtp://{}", self.0.local_addr().expect("it is bound"))
    }

    /// Comes up.
    pub(crate) fn start(self) -> SmtpServer {
        SmtpServer::on(self.0.listen(128).expect("nobody else listens here"))
    }
}

impl SmtpServer {
    pub(crate) fn start() -> Self {
        SmtpServerThatIsDown::new().start()
    }

    fn on(listener: TcpListener) -> Self {
        let address = listener.local_addr().expect("it listens");
        let state = Arc::<Mutex<State>>::default();
        let task = tokio::spawn(accept(listener, Arc::clone(&state)));
        Self { address, state, task }
    }

    pub(crate) fn dsn(&self) -> String {
        format!("smtp://{}", self.address)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub(crate) fn mails(&self) -> Vec<Received> {
        self.state().mails.clone()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Received {
    /// The value of a header, unfolded, as it stands there.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let text = String::from_utf8_lossy(&self.message).replace("\r\n ", " ");
        let head = text.split("\r\n\r\n").next().unwrap_or_default().to_owned();
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    }

    pub(crate) fn message_id(&self) -> String {
        self.header("Message-ID").expect("every mail has one")
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, state: Arc<Mutex<State>>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        connections.spawn(async move {
            opened(&state);
            // A client that goes away is no problem of a server.
            let _ = serve(stream, &state).await;
            lock(&state).open -= 1;
        });
    }
}

fn opened(state: &Mutex<State>) {
    let mut state = lock(state);
    state.connections += 1;
    state.open += 1;
    state.most_open = state.most_open.max(state.open);
}

async fn serve(stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    let mut mail = Received { from: String::new(), to: Vec::new(), message: Vec::new() };
    stream.write_all(b"220 smtp.test ESMTP\r\n").await?;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let delay = lock(state).script.delay;
        tokio::time::sleep(delay).await;
        let verb = line.split([' ', '\r']).next().unwrap_or_default().to_ascii_uppercase();
        let answer = match verb.as_str() {
            "EHLO" if lock(state).script.smtputf8 => {
                "250-smtp.test\r\n250-8BITMIME\r\n250 SMTPUTF8"
            }
            "EHLO" => "250 smtp.test",
            "MAIL" => {
                mail = Received { from: address(&line), to: Vec::new(), message: Vec::new() };
                sender(state)
            }
            "RCPT" => recipient(state, &mut mail, &address(&line)),
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let taken = data(&mut stream, state, &mut mail).await?;
                if lock(state).script.silent {
                    std::future::pending::<()>().await;
                }
                match taken {
                    Some(answer) => answer,
                    None => return Ok(()),
                }
            }
            "NOOP" | "RSET" => "250 ok",
            "QUIT" => "221 bye",
            _ => "500 what?",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
        if answer.starts_with("221") || answer.starts_with("421") {
            return Ok(());
        }
    }
}

/// What stands between `<` and `>`.
fn address(line: &str) -> String {
    let rest = line.split_once('<').map_or("", |(_, rest)| rest);
    rest.split('>').next().unwrap_or_default().to_owned()
}

fn sender(state: &Mutex<State>) -> &'static str {
    let script = &mut lock(state).script;
    if script.closing > 0 {
        script.closing -= 1;
        return "421 closing";
    }
    "250 ok"
}

fn recipient(state: &Mutex<State>, mail: &mut Received, address: &str) -> &'static str {
    let state = &mut *lock(state);
    let is_new = !state.asked.iter().any(|known| known == address);
    state.asked.push(address.to_owned());
    if state.script.greylist && is_new {
        return "451 4.7.1 come back later";
    }
    if let Some((code, times)) = &mut state.script.refuse
        && *times > 0
    {
        *times -= 1;
        return if *code == 550 { "550 5.1.1 nobody here" } else { "451 4.3.0 not now" };
    }
    mail.to.push(address.to_owned());
    "250 ok"
}

/// Reads the mail itself; `None` if the connection is to break.
async fn data(
    stream: &mut BufReader<TcpStream>,
    state: &Mutex<State>,
    mail: &mut Received,
) -> std::io::Result<Option<&'static str>> {
    let on_data = lock(state).script.on_data.clone();
    if let Some(on_data) = on_data {
        tokio::task::block_in_place(|| on_data());
    }
    loop {
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Ok(None);
        }
        let script = &mut lock(state).script;
        if script.cut_off > 0 {
            script.cut_off -= 1;
            return Ok(None);
        }
        if line == b".\r\n" {
            break;
        }
        // A dot at the beginning of a line was doubled.
        mail.message.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
    let state = &mut *lock(state);
    state.mails.push(mail.clone());
    if state.script.swallow_answer > 0 {
        state.script.swallow_answer -= 1;
        return Ok(None);
    }
    Ok(Some("250 taken"))
}

/// The Message-IDs, each once.
pub(crate) fn message_ids(mails: &[Received]) -> HashSet<String> {
    mails.iter().map(Received::message_id).collect()
}
