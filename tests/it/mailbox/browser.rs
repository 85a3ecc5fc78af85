//! OPS-17: a hostile mail in a real browser.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

use super::{Post, html_mail, note};
use crate::support::{Browser, eventually};

const NOTHING: [&str; 0] = [];

/// Notes who comes, and answers everybody the same.
struct Canary {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Canary {
    fn new(answer: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let noted = heard.clone();
        // Ends with the test program.
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (Ok(mut stream), answer) = (stream, answer.clone()) else { continue };
                let index = {
                    let mut noted = noted.lock().unwrap();
                    noted.push("a connection".to_owned());
                    noted.len() - 1
                };
                let noted = noted.clone();
                // A browser opens connections that it does not use: nobody may wait for them.
                std::thread::spawn(move || {
                    let mut request = [0; 4096];
                    let length = stream.read(&mut request).unwrap_or(0);
                    let line = String::from_utf8_lossy(&request[..length]);
                    noted.lock().unwrap()[index] =
                        line.lines().next().unwrap_or_default().to_owned();
                    let _gone = stream.write_all(answer.as_bytes());
                });
            }
        });
        Self { address, heard }
    }

    fn silent() -> Self {
        Self::new("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".to_owned())
    }

    /// Serves a page with these headers.
    fn page(headers: &str, body: &str) -> Self {
        let length = body.len();
        Self::new(format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n{headers}\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        ))
    }

    /// The first line of each request; a connection without one counts too.
    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// The same without connections on which nothing was asked: no policy governs those.
    fn requests(&self) -> Vec<String> {
        self.heard().into_iter().filter(|line| line.contains("HTTP/")).collect()
    }
}

/// Everything that a mail could try; each would be heard at this address.
fn hostile(canary: SocketAddr) -> String {
    let to = format!("http://{canary}");
    format!(
        "<!doctype html><html><head><base href=\"{to}/base/\" target=\"_top\">\
         <meta http-equiv=\"refresh\" content=\"0;url={to}/refresh\">\
         <link rel=\"stylesheet\" href=\"{to}/css\"><link rel=\"prefetch\" href=\"{to}/prefetch\">\
         <link rel=\"icon\" href=\"{to}/icon\"><style>@import url({to}/import);\
         p {{ background: url({to}/background) }} @font-face {{ font-family: f; src: url({to}/f) }}\
         p {{ font-family: f }}</style>\
         <script>document.documentElement.dataset.hacked = 'yes'; fetch('{to}/fetch');\
         top.location = '{to}/top'</script><script src=\"{to}/script\"></script></head>\
         <body onload=\"document.documentElement.dataset.hacked = 'yes'\" background=\"{to}/body\">\
         <p id=\"honest\">Meow</p><img src=\"{to}/x\" srcset=\"{to}/set 2x\"><img src=\"relative\">\
         <img src=\"x:\" onerror=\"document.documentElement.dataset.hacked = 'yes'\">\
         <a href=\"javascript:document.documentElement.dataset.hacked = 'yes'\" autofocus \
         onfocus=\"document.documentElement.dataset.hacked = 'yes'\">link</a>\
         <a href=\"{to}/click\" ping=\"{to}/ping\" target=\"_top\">click</a>\
         <form action=\"{to}/form\" method=\"post\" target=\"_top\"><input name=\"a\" value=\"b\" \
         autofocus onfocus=\"this.form.submit()\"><button>Send</button></form>\
         <iframe src=\"{to}/iframe\"></iframe><object data=\"{to}/object\"></object>\
         <embed src=\"{to}/embed\"><video src=\"{to}/video\" poster=\"{to}/poster\" autoplay></video>\
         <audio src=\"{to}/audio\" autoplay></audio><input type=\"image\" src=\"{to}/input\">\
         <svg><image href=\"{to}/svg\"/><script>document.documentElement.dataset.hacked = 'yes'\
         </script></svg></body></html>"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ops_17_a_hostile_mail_runs_no_script_and_sends_no_request() {
    let Some(browser) = Browser::find() else { return };
    let post = Post::open().await;
    let canary = Canary::silent();
    let preconnect = format!("<link rel=preconnect href=http://{}>", canary.address);
    post.deliver("hostile", &html_mail(&(preconnect + &hostile(canary.address))));
    let base = format!("http://{}/dev/mailbox/hostile", post.app.address);

    let frame = browser.dump_dom(&format!("{base}/html")).await;
    assert!(frame.contains("<p id=\"honest\">Meow</p>"), "{frame}");
    assert!(!frame.contains("hacked"), "no script ran: {frame}");
    assert_eq!(canary.heard(), NOTHING, "the frame sends nothing");

    let page = browser.dump_dom(&base).await;
    assert!(page.contains("src=\"/dev/mailbox/hostile/html\""), "still our page: {page}");
    assert!(page.contains("aria-current=\"page\"") && !page.contains("hacked"), "{page}");
    assert_eq!(canary.heard(), NOTHING, "the page around the frame sends nothing");
}

/// The policy alone, without our taking anything out of the mail.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ops_17_the_policy_of_the_frame_holds_by_itself() {
    let Some(browser) = Browser::find() else { return };
    let post = Post::open().await;
    post.deliver("honest", &html_mail("<p>Meow</p>"));
    let answer = post.get("/dev/mailbox/honest/html").await;
    let policy = answer.header("content-security-policy").unwrap();
    let policy = format!("Content-Security-Policy: {policy}\r\n");

    let canary = Canary::silent();
    let page = Canary::page(&policy, &hostile(canary.address));
    let frame = browser.dump_dom(&format!("http://{}/", page.address)).await;
    assert!(frame.contains("Meow") && !frame.contains("data-hacked"), "{frame}");
    assert_eq!(canary.requests(), NOTHING);

    let picture = format!("<img src=http://{}/x>", canary.address);
    let page = Canary::page("", &picture);
    browser.dump_dom(&format!("http://{}/", page.address)).await;
    assert_eq!(canary.requests(), ["GET /x HTTP/1.1"], "the canary sings when it is asked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_mail_appears_on_the_open_list_by_itself() {
    let Some(browser) = Browser::find() else { return };
    let mut post = Post::open().await;
    let folder = post.mail_folder();
    post.deliver("old", &note("vera@example.com", "An old mail"));
    let page = format!("http://{}/dev/mailbox", post.app.address);
    let act = async {
        eventually("the page waits", || folder.waits() == 1).await;
        post.deliver("new", &note("vera@example.com", "A <b>new</b> mail"));
        eventually("the page was told and waits again", || folder.waits() == 2).await;
        // Time stands still in this browser while it waits for an answer.
        post.app.stop();
    };
    let (page, ()) = tokio::join!(browser.dump_dom(&page), act);
    let list = page.split("<template").next().unwrap();
    let (new, old) = (list.find("A &lt;b&gt;new&lt;/b&gt; mail<"), list.find("An old mail"));
    let new_in_list = list.rfind("A &lt;b&gt;new&lt;/b&gt; mail<");
    assert!(new < new_in_list && new_in_list < old, "announced, and above the old one: {page}");
    assert!(list.contains("New mail: A &lt;b&gt;new"), "{page}");
    assert!(list.contains("href=\"/dev/mailbox/new\""), "{page}");
}
