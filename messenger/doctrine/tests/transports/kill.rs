//! `kill -9` at any moment: nothing is lost, and nothing that was handled is undone.
//!
//! The test starts its own program again as a process of its own, which works until it is killed.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use diesel::prelude::*;
use messenger::clock::Clock;
use messenger::stamp::DispatchAfterCurrentBusStamp;
use messenger::transport::Fetch;
use messenger::transport::Transport;
use messenger::{
    Context, DispatchError, Handler, HandlerError, Message, Messenger, TransactionMiddleware,
};
use messenger_doctrine::{Backend, Database, DatabaseContext as _, DoctrineOptions, UnitOfWork};

use crate::databases::{block_on, run};
use crate::fixture::{messenger, ready, receiver, with_options};
use crate::message::{AddPonkaToImage, Note, number, ponka};
use test_database::TestDatabase;

const URL: &str = "PONKA_KILL_TEST_URL";
const ROUNDS: usize = 8;

/// Puts a number into a table and sends a message about it, in one transaction.
struct WriteAndSend;

impl Handler<AddPonkaToImage, UnitOfWork> for WriteAndSend {
    type Output = ();

    async fn handle(
        &self,
        message: &AddPonkaToImage,
        cx: &mut Context<UnitOfWork>,
    ) -> Result<(), HandlerError> {
        let number = message.image_post_id;
        let note = Note { text: number.to_string() };
        cx.dispatch_on("bus", note.with(DispatchAfterCurrentBusStamp)).await?;
        insert(cx, "written", number).await?;
        Ok(())
    }
}

async fn insert(
    cx: &mut Context<UnitOfWork>,
    table: &str,
    number: u64,
) -> Result<(), HandlerError> {
    let sql = format!("INSERT INTO {table} VALUES ({number})");
    cx.db(move |connection| diesel::sql_query(sql).execute(connection)).await?;
    Ok(())
}

fn options(queue: &str) -> DoctrineOptions {
    let (queue_name, redeliver_timeout) = (queue.to_owned(), Duration::from_secs(1));
    DoctrineOptions { queue_name, redeliver_timeout, ..DoctrineOptions::default() }
}

fn build(database: &Database) -> Messenger<UnitOfWork> {
    let units = database.clone();
    let notes = with_options(database, options("notes"), &Clock::System);
    Messenger::builder(move || UnitOfWork::new(units.clone()))
        .bus("bus", |bus| bus.middleware(TransactionMiddleware::default()).handler(WriteAndSend))
        .message::<Note>()
        .transport("notes", notes)
        .route::<Note>(&["notes"])
        .build()
        .expect("the messenger is complete")
}

/// The part of the process that is killed; does nothing in an ordinary run of the tests.
#[test]
fn a_process_to_be_killed() {
    let Ok(url) = std::env::var(URL) else { return };
    block_on(async {
        let database = Database::open(&url).unwrap();
        let messenger = build(&database);
        let tasks: Arc<dyn Transport<UnitOfWork>> =
            Arc::new(with_options(&database, options("tasks"), &Clock::System));
        let tasks = tasks.receiver().unwrap();
        loop {
            let claimed = tasks.get(&Fetch::up_to(3)).await.unwrap();
            for task in &claimed {
                let handled = messenger.dispatch_on("bus", ponka(number(task))).await;
                if let Err(error @ (DispatchError::Scope(_) | DispatchError::Transport(_))) =
                    handled
                {
                    panic!("{error}");
                }
                // A number that is there already was handled before a kill.
                println!("handled {}", number(task));
            }
            tasks.ack(&claimed).await.unwrap();
            if claimed.is_empty() {
                println!("idle");
                tasks.wait(&[], Duration::from_secs(1)).await.expect("waited");
            }
        }
    });
}

fn start(db: &TestDatabase) -> Child {
    Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "kill::a_process_to_be_killed", "--nocapture"])
        .env(URL, &db.url)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it can start")
}

/// Lets a process handle so many tasks and kills it at some moment after; gives what it said it
/// had handled.
fn run_and_kill(db: &TestDatabase, tasks: usize, then: Duration) -> Vec<String> {
    let mut child = start(db);
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut handled = Vec::new();
    let mut alive = true;
    for line in lines.map_while(Result::ok) {
        handled.extend(line.strip_prefix("handled ").map(str::to_owned));
        if alive && (line == "idle" || handled.len() == tasks) {
            kill_after(&mut child, then);
            alive = false;
        }
    }
    child.wait().expect("it has ended");
    handled
}

/// Waits not for something to happen, but to kill at any moment.
#[expect(clippy::disallowed_methods, reason = "the moment of death is random")]
fn kill_after(child: &mut Child, pause: Duration) {
    std::thread::sleep(pause);
    child.kill().expect("it runs");
}

fn column(db: &TestDatabase, sql: &str) -> Vec<String> {
    let mut values = db.values(sql);
    values.sort();
    values
}

fn written(db: &TestDatabase) -> Vec<String> {
    column(db, "SELECT CAST(number AS TEXT) AS value FROM written")
}

/// Every row has its message, and no message is without its row.
fn assert_nothing_came_between(db: &TestDatabase) {
    let sql = "SELECT body AS value FROM messenger_messages WHERE queue_name = 'notes'";
    let mut expected: Vec<_> =
        written(db).iter().map(|number| format!("{{\"text\":\"{number}\"}}")).collect();
    expected.sort();
    assert_eq!(column(db, sql), expected);
}

async fn survive(db: &TestDatabase) {
    const TASKS: u64 = 60;
    let seed = std::env::var("PONKA_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    println!("PONKA_TEST_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    db.execute("CREATE TABLE written (number INTEGER NOT NULL PRIMARY KEY)");
    let database = db.open();
    let tasks: crate::fixture::SharedTransport =
        Arc::new(with_options(&database, options("tasks"), &Clock::System));
    let mut cx = messenger(&database).context("bus");
    for number in 0..TASKS {
        crate::fixture::send(&tasks, ponka(number), &mut cx).await;
    }
    for _ in 0..ROUNDS {
        let (count, then) = (random.usize(1..6), Duration::from_micros(random.u64(0..3000)));
        let handled = tokio::task::block_in_place(|| run_and_kill(db, count, then));
        let written = written(db);
        assert!(handled.iter().all(|number| written.contains(number)), "{handled:?} {written:?}");
        assert_nothing_came_between(db);
    }
    // The last process is not killed before it has found nothing more, lost leases included.
    while ready(receiver(&tasks)).await != 0 || in_flight(db) {
        tokio::task::block_in_place(|| run_and_kill(db, usize::MAX, Duration::ZERO));
    }
    assert_eq!(written(db).len(), usize::try_from(TASKS).expect("small"));
    assert_nothing_came_between(db);
}

fn in_flight(db: &TestDatabase) -> bool {
    db.count("messenger_messages WHERE queue_name = 'tasks'") > 0
}

#[test]
fn s0_6b_nothing_is_lost_when_a_process_is_killed_on_sqlite() {
    run(Backend::Sqlite, survive);
}

#[test]
fn s0_6b_nothing_is_lost_when_a_process_is_killed_on_postgres() {
    run(Backend::Postgres, survive);
}
