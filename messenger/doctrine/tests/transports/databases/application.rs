//! What belongs to the application: its scope with a unit of work in it, its connections.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};

use diesel::prelude::*;
use messenger::clock::Clock;
use messenger::stamp::DispatchAfterCurrentBusStamp;
use messenger::transport::{Fetch, Receiver};
use messenger::{
    Context, Handler, HandlerError, Message, Messenger, Scope, TransactionMiddleware, Transactions,
};
use messenger_doctrine::{
    Backend, DatabaseContext as _, DatabaseOptions, DbConnection, DoctrineTransport, UnitOfWork,
};

use crate::fixture::transport;
use crate::message::{AddPonkaToImage, Note, ponka};
use test_database::TestDatabase;

/// Who asked, beside a unit of work.
struct RequestScope {
    user: &'static str,
    unit: UnitOfWork,
}

impl Scope for RequestScope {
    fn transactions(&mut self) -> &mut dyn Transactions {
        &mut self.unit
    }
}

impl AsMut<UnitOfWork> for RequestScope {
    fn as_mut(&mut self) -> &mut UnitOfWork {
        &mut self.unit
    }
}

/// Writes who asked, and dispatches a note after the commit; fails with the number 0.
struct Writes;

impl Handler<AddPonkaToImage, RequestScope> for Writes {
    type Output = ();

    async fn handle(
        &self,
        message: &AddPonkaToImage,
        cx: &mut Context<RequestScope>,
    ) -> Result<(), HandlerError> {
        let user = cx.scope.user;
        cx.db(move |connection| {
            diesel::sql_query(format!("INSERT INTO asked VALUES ('{user}')")).execute(connection)
        })
        .await?;
        let note = Note { text: format!("for {user}") };
        cx.dispatch_on("bus", note.with(DispatchAfterCurrentBusStamp)).await?;
        if message.image_post_id == 0 { Err("on purpose".into()) } else { Ok(()) }
    }
}

pub(super) async fn a_scope_with_a_unit_of_work_in_it_has_all_that_the_unit_of_work_has(
    db: &TestDatabase,
) {
    db.execute("CREATE TABLE asked (who TEXT)");
    let database = db.open();
    let queue: DoctrineTransport = transport(&database, "default", &Clock::System);
    queue.setup().await.expect("set up");
    let messenger = Messenger::builder(move || RequestScope {
        user: "Ryan",
        unit: UnitOfWork::new(database.clone()),
    })
    .bus("bus", |bus| bus.middleware(TransactionMiddleware::default()).handler(Writes))
    .message::<Note>()
    .transport("queue", queue)
    .route::<Note>(&["queue"])
    .build()
    .expect("the messenger is complete");

    messenger.dispatch_on("bus", ponka(0)).await.expect_err("on purpose");
    assert_eq!((db.count("asked"), db.count("messenger_messages")), (0, 0), "undone together");
    messenger.dispatch_on("bus", ponka(7)).await.expect("committed");
    assert_eq!((db.count("asked"), db.count("messenger_messages")), (1, 1), "kept together");

    let queue = messenger.transport("queue").expect("it is configured");
    let receiver: &dyn Receiver<RequestScope> = queue.receiver().expect("it is a queue");
    let got = receiver.get(&Fetch::up_to(2)).await.expect("read");
    assert_eq!(got[0].message(), Some(&Note { text: "for Ryan".to_owned() }));
    let rejected = receiver.reject(&got[0], &mut messenger.context("bus")).await;
    assert!(rejected.expect("rejected"), "its lease was ours");
}

/// As an application opens its connections.
fn connect(backend: Backend, url: &str) -> ConnectionResult<DbConnection> {
    match backend {
        Backend::Sqlite => {
            let path = url.trim_start_matches("sqlite://");
            SqliteConnection::establish(path).map(DbConnection::Sqlite)
        }
        Backend::Postgres => PgConnection::establish(url).map(DbConnection::Pg),
    }
}

pub(super) async fn connections_are_opened_by_the_application_and_no_more_than_it_says(
    db: &TestDatabase,
) {
    let (opened, backend) = (Arc::new(AtomicUsize::new(0)), db.backend);
    let counted = Arc::clone(&opened);
    let database = DatabaseOptions::new(&db.url).connections(2).connect_with(move |url| {
        counted.fetch_add(1, Ordering::SeqCst);
        connect(backend, url)
    });
    let database = database.open().expect("it can be opened");
    // Two at a time meet there; alone nobody would go on.
    let meeting = Arc::new(Barrier::new(2));
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let jobs = (0..8).map(|_| {
        let (meeting, now, most) = (Arc::clone(&meeting), Arc::clone(&now), Arc::clone(&most));
        database.run(move |connection| {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            meeting.wait();
            diesel::sql_query("SELECT 1").execute(connection)?;
            now.fetch_sub(1, Ordering::SeqCst);
            Ok(())
        })
    });
    for done in futures_util::future::join_all(jobs).await {
        done.expect("it has its turn");
    }

    assert_eq!(most.load(Ordering::SeqCst), 2);
    assert_eq!(opened.load(Ordering::SeqCst), 3, "the first look, and the two");
}

pub(super) async fn a_connection_to_the_other_kind_of_database_is_refused(db: &TestDatabase) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let elsewhere = folder.path().join("other").display().to_string();
    let server = std::env::var("PONKA_TEST_POSTGRES_URL").unwrap_or_default();
    let (other, url) = match db.backend {
        Backend::Postgres => (Backend::Sqlite, elsewhere),
        Backend::Sqlite if server.is_empty() => return,
        Backend::Sqlite => (Backend::Postgres, server),
    };
    let options = DatabaseOptions::new(&db.url).connect_with(move |_| connect(other, &url));
    let refused = options.open().expect_err("it is another database").to_string();
    assert!(refused.contains(&format!("what was opened is {other:?}")), "{refused}");
}
