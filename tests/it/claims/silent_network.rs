//! A network that falls silent under the real programs: both are back when it is, and both end when they
//! are asked to, silent network or not.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::process::Running;
use crate::console::project::Project;
use crate::support::proxy::{Network, Proxy};
use crate::support::smtp::SmtpServer;
use crate::support::{TestDatabase, Visitor, eventually, photos};

const CONSUME: &str = "messenger:consume async_priority_high async -vv";
const MAIL: &str = r"Received message App\Mailer\SendEmailMessage";
/// When the network is back, both programs are, within this time.
const BACK: Duration = Duration::from_secs(15);
/// Whoever is asked to end does, within this time.
const ENDED: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_secs(13);

/// A project on PostgreSQL behind a proxy.
struct Behind {
    project: Project,
    proxy: Proxy,
    database: TestDatabase,
}

impl Behind {
    fn start() -> Option<Self> {
        let database = TestDatabase::postgres()?;
        let proxy = Proxy::start(database.server_address());
        let project = Project::new();
        let local = format!("DATABASE_URL={}\n", database.through(proxy.port()));
        std::fs::write(project.path(".env.local"), local).unwrap();
        assert_eq!(project.console("migrations:migrate").code, Some(0));
        Some(Self { project, proxy, database })
    }

    fn done(&self) -> usize {
        self.database.count("image_post WHERE status = 'done'")
    }
}

/// Photos are uploaded until one is taken.
async fn upload(address: SocketAddr, until: Instant) {
    let photo = photos::jpeg(16, 16);
    loop {
        let visitor = Visitor::new(address);
        let answer = visitor.upload(&[("cat.jpg", &photo)]).await;
        if answer.status == 201 {
            return;
        }
        assert_eq!(answer.status, 503, "{}", answer.text());
        assert!(Instant::now() < until, "uploads are still refused");
    }
}

/// Somebody looks at pages all the time, until the silence is over.
async fn silence(behind: &Behind, address: SocketAddr, visitors: usize) {
    behind.proxy.set(Network::Silent);
    let began = Instant::now();
    let looks = (0..visitors).map(|_| {
        tokio::spawn(async move {
            let visitor = Visitor::new(address);
            while began.elapsed() < SILENCE {
                let status = visitor.get("/").await.status;
                assert!([200, 503].contains(&status), "{status}");
            }
        })
    });
    let looks: Vec<_> = looks.collect();
    eventually("the silence to end", || began.elapsed() >= SILENCE).await;
    behind.proxy.set(Network::Works);
    for look in looks {
        look.abort();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r4_both_programs_are_back_within_15_s_of_the_networks_return() {
    let Some(behind) = Behind::start() else { return };
    let mut server = Running::start(&mut behind.project.gallery("--no-worker"));
    let mut worker = Running::start(&mut behind.project.command(CONSUME));
    let address = server.address();
    worker.line("Quit the worker");
    let mut expected = 0;
    for visitors in [0, 24] {
        upload(address, Instant::now() + BACK).await;
        expected += 1;
        eventually("the photo to be done", || behind.done() >= expected).await;
        silence(&behind, address, visitors).await;
        let back = Instant::now() + BACK;
        upload(address, back).await;
        let known = behind.database.count("image_post");
        while behind.done() < known {
            assert!(Instant::now() < back, "{} of {known} are done", behind.done());
            worker.line_within("\0", Duration::from_millis(100));
        }
        expected = known;
    }
    let lines = [server.stop(), worker.stop()].concat();
    assert!(lines.iter().any(|line| line.contains("The database does not answer")), "{lines:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r4_both_programs_end_within_10_s_of_sigterm_in_a_silent_network() {
    let Some(behind) = Behind::start() else { return };
    let mut gallery = Running::start(&mut behind.project.gallery(""));
    let mut worker = Running::start(&mut behind.project.command(CONSUME));
    let address = gallery.address();
    worker.line("Quit the worker");
    upload(address, Instant::now() + BACK).await;
    eventually("the photo to be done", || behind.done() == 1).await;
    behind.proxy.set(Network::Silent);
    let looks = (0..8).map(|_| tokio::spawn(async move { Visitor::new(address).get("/").await }));
    let looks: Vec<_> = looks.collect();
    // Both look into the database every second.
    worker.line_within("\0", Duration::from_secs(2));
    for program in [gallery, worker] {
        let began = Instant::now();
        program.stop();
        assert!(began.elapsed() < ENDED, "{:?}", began.elapsed());
    }
    for look in looks {
        look.abort();
    }
}

/// A mail server and a photo storage that accept and say nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r4_a_worker_with_a_mail_in_hand_ends_although_the_mail_server_is_silent() {
    let server = SmtpServer::start();
    let proxy = Proxy::start(server.address.to_string());
    let project = Project::new();
    let command = |arguments: &str| {
        let mut command = project.command(arguments);
        command.env("MAILER_DSN", format!("smtp://127.0.0.1:{}", proxy.port()));
        command
    };
    let mut gallery = project.gallery("--no-worker");
    let mut gallery = Running::start(&mut gallery);
    let address = gallery.address();
    let register = async |name: &str| {
        let email = format!("{name}@example.org");
        let answer = Visitor::new(address).register(name, &email, "correct horse battery").await;
        assert!([200, 303].contains(&answer.status), "{}", answer.text());
    };
    let mut worker = Running::start(&mut command("messenger:consume async -vv"));
    register("vera").await;
    eventually("the mail to come", || server.mails().len() == 1).await;
    proxy.set(Network::Silent);
    register("otto").await;
    worker.line(MAIL);
    worker.line_within("\0", Duration::from_millis(300));
    let began = Instant::now();
    worker.stop();
    assert!(began.elapsed() < ENDED, "{:?}", began.elapsed());

    let mut worker = Running::start(&mut command("messenger:consume async -vv"));
    worker.line(MAIL);
    proxy.set(Network::Works);
    let back = Instant::now();
    eventually("the second mail to come", || server.mails().len() == 2).await;
    assert!(back.elapsed() < BACK + Duration::from_secs(2), "{:?}", back.elapsed());
    worker.stop();
    gallery.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r4_a_photo_storage_that_is_silent_keeps_nobody_waiting() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let project = Project::new();
    let mut gallery = project.gallery("");
    gallery
        .env("PHOTO_STORAGE_URL", "s3://photos")
        .env("AWS_ENDPOINT", format!("http://{}", nobody.local_addr().unwrap()))
        .env("AWS_REGION", "eu-central-1")
        .env("AWS_ACCESS_KEY_ID", "key")
        .env("AWS_SECRET_ACCESS_KEY", "secret");
    let mut gallery = Running::start(&mut gallery);
    let visitor = Visitor::new(gallery.address());
    let began = Instant::now();
    assert_eq!(visitor.get("/readyz").await.status, 503);
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    let answer = visitor.upload(&[("cat.jpg", &photos::jpeg(16, 16))]).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
    let uploading = tokio::spawn(async move {
        visitor.upload(&[("cat.jpg", &photos::jpeg(16, 16))]).await;
    });
    gallery.line_within("\0", Duration::from_millis(500));
    let began = Instant::now();
    gallery.stop();
    assert!(began.elapsed() < ENDED, "{:?}", began.elapsed());
    uploading.abort();
}
