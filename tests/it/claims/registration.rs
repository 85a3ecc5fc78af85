//! S2.11 to S2.13 on real databases: somebody registers, and is greeted when that is certain.

use std::sync::{Arc, Mutex};

use diesel::prelude::*;
use diesel::sql_types::Text;
use messenger::clock::Clock;
use messenger::config::MessengerConfig;
use messenger::doctrine::{Database, DatabaseError, DoctrineFactory, UnitOfWork};
use messenger::stamp::{DispatchAfterCurrentBusStamp, HandledStamp, SentStamp};
use messenger::worker::{Worker, WorkerOptions};
use messenger::{Handler, HandlerError, Message, Messenger, TransactionMiddleware};
use ponka::handler::Cx;
use ponka::message::{COMMAND_BUS, EVENT_BUS};
use serde::{Deserialize, Serialize};

use crate::support::{TestApp, TestDatabase, on_both_databases};

on_both_databases![
    s2_11_the_handler_stamps_the_event_and_the_queue_does_not_see_the_stamp,
    s2_12_the_greeting_has_the_first_name_at_the_time_of_handling,
    s2_13_the_event_is_handled_when_others_can_see_the_user,
    s2_14_without_the_user_there_is_no_event,
];

const ROUTED: &str = "default_bus = 'command.bus'\n\
     buses.'command.bus'.middleware = ['transaction']\n\
     buses.'event.bus'.middleware = ['transaction']\n\
     transports.async = 'doctrine://default'\n";
const ROUTE: &str = "routing.UserRegistered = 'async'\n";

#[derive(Debug, Serialize, Deserialize)]
struct RegisterUser {
    uuid: String,
    fails: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct UserRegistered {
    uuid: String,
}

impl Message for RegisterUser {
    const NAME: &'static str = r"App\Messenger\Command\RegisterUser";
}

impl Message for UserRegistered {
    const NAME: &'static str = r"App\Messenger\Event\UserRegistered";
}

/// Stores the user, then says so, for after the commit.
struct RegisterUserHandler {
    said: Said,
}

/// Greets the user by the name that any connection can read.
struct Greet {
    said: Said,
    database: Database,
}

/// What happened, in order.
type Said = Arc<Mutex<Vec<String>>>;

#[derive(QueryableByName)]
struct User {
    #[diesel(sql_type = Text)]
    name: String,
}

impl Handler<RegisterUser, UnitOfWork> for RegisterUserHandler {
    type Output = ();

    async fn handle(&self, message: &RegisterUser, cx: &mut Cx) -> Result<(), HandlerError> {
        let uuid = message.uuid.clone();
        cx.db(move |connection| {
            let insert = "INSERT INTO app_user (uuid, name) VALUES ($1, 'Ada')";
            diesel::sql_query(insert).bind::<Text, _>(uuid).execute(connection)
        })
        .await?;
        let event = UserRegistered { uuid: message.uuid.clone() };
        let returned = cx.dispatch(EVENT_BUS, event.with(DispatchAfterCurrentBusStamp)).await?;
        assert!(returned.has::<DispatchAfterCurrentBusStamp>());
        assert!(!returned.has::<SentStamp>() && !returned.has::<HandledStamp>());
        self.said.lock().unwrap().push("stored".to_owned());
        if message.fails { Err(anyhow::anyhow!("it fails").into()) } else { Ok(()) }
    }

    fn name(&self) -> &'static str {
        "RegisterUserHandler"
    }
}

impl Handler<UserRegistered, UnitOfWork> for Greet {
    type Output = ();

    async fn handle(&self, message: &UserRegistered, _: &mut Cx) -> Result<(), HandlerError> {
        let names = self.names(message.uuid.clone()).await?;
        self.said.lock().unwrap().push(format!("Hello {}!", names.join(", ")));
        Ok(())
    }

    fn name(&self) -> &'static str {
        "Greet"
    }
}

impl Greet {
    /// Asks on a connection of its own.
    async fn names(&self, uuid: String) -> Result<Vec<String>, DatabaseError> {
        let select = "SELECT name FROM app_user WHERE uuid = $1";
        let users = self.database.run(move |connection| {
            diesel::sql_query(select).bind::<Text, _>(uuid).load::<User>(connection)
        });
        Ok(users.await?.into_iter().map(|user| user.name).collect())
    }
}

fn messenger(app: &TestApp, toml: &str) -> (Messenger<UnitOfWork>, Said) {
    app.database.execute(
        "CREATE TABLE app_user (uuid VARCHAR(36) NOT NULL PRIMARY KEY, name VARCHAR(40) NOT NULL)",
    );
    let (said, database) = (Said::default(), app.kernel.database.clone());
    let register = RegisterUserHandler { said: said.clone() };
    let greet = Greet { said: said.clone(), database: database.clone() };
    let factory = DoctrineFactory::new(database.clone());
    let built = Messenger::builder(move || UnitOfWork::new(database.clone()))
        .clock(Clock::Manual(app.clock.clone()))
        .middleware(TransactionMiddleware::default())
        .bus(COMMAND_BUS, |bus| bus.handler::<RegisterUser>(register))
        .bus(EVENT_BUS, |bus| bus.handler::<UserRegistered>(greet))
        .configured_by(&MessengerConfig::parse(toml).unwrap(), &[&factory])
        .build();
    (built.unwrap(), said)
}

fn register(fails: bool) -> RegisterUser {
    RegisterUser { uuid: "0190a0a0-0000-7000-8000-000000000001".to_owned(), fails }
}

async fn s2_11_the_handler_stamps_the_event_and_the_queue_does_not_see_the_stamp(
    database: TestDatabase,
) {
    let app = TestApp::start(database).await;
    let (messenger, _) = messenger(&app, &[ROUTED, ROUTE].concat());
    messenger.dispatch(COMMAND_BUS, register(false)).await.unwrap();
    let headers = app.database.values("SELECT headers AS value FROM messenger_messages");
    assert_eq!(headers.len(), 1);
    assert!(headers[0].contains("UserRegistered") && headers[0].contains("BusNameStamp"));
    assert!(!headers[0].contains("DispatchAfterCurrentBus"), "{}", headers[0]);
}

async fn s2_12_the_greeting_has_the_first_name_at_the_time_of_handling(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (messenger, said) = messenger(&app, &[ROUTED, ROUTE].concat());
    messenger.dispatch(COMMAND_BUS, register(false)).await.unwrap();
    assert_eq!(*said.lock().unwrap(), ["stored"]);
    app.database.execute("UPDATE app_user SET name = 'Grace'");
    let worker = Worker::new(messenger, &["async"], WorkerOptions::default()).unwrap();
    assert_eq!(worker.run_once().await, 1);
    assert_eq!(*said.lock().unwrap(), ["stored", "Hello Grace!"]);
}

async fn s2_13_the_event_is_handled_when_others_can_see_the_user(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (messenger, said) = messenger(&app, ROUTED);
    messenger.dispatch(COMMAND_BUS, register(false)).await.unwrap();
    assert_eq!(*said.lock().unwrap(), ["stored", "Hello Ada!"]);
}

async fn s2_14_without_the_user_there_is_no_event(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (messenger, said) = messenger(&app, &[ROUTED, ROUTE].concat());
    assert!(messenger.dispatch(COMMAND_BUS, register(true)).await.is_err());
    assert_eq!(*said.lock().unwrap(), ["stored"]);
    assert_eq!((app.database.count("app_user"), app.queued()), (0, 0));
}
