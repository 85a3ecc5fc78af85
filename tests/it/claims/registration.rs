//! S2: somebody registers, and everything that follows happens when that is certain, or not at all.

use std::sync::{Arc, Mutex};

use futures_util::future::join_all;
use messenger::clock::Clock;
use messenger::config::MessengerConfig;
use messenger::{Handler, HandlerError, Messenger, TransactionMiddleware};
use messenger_doctrine::{Database, UnitOfWork};
use ponka::entity::PasswordHash;
use ponka::handler::Cx;
use ponka::handler::command::RegisterUserHandler;
use ponka::mailer::Mailer;
use ponka::message::command::RegisterUser;
use ponka::message::event::UserRegistered;
use ponka::message::{COMMAND_BUS, EVENT_BUS};
use ponka::repository::users;
use uuid::Uuid;

use crate::accounts::{PASSWORD, sign_in};
use crate::support::photos::jpeg;
use crate::support::smtp::SmtpServerThatIsDown;
use crate::support::{TestApp, TestDatabase, on_both_databases};

on_both_databases![
    s2_5_s2_11_the_event_follows_the_user_and_leaves_its_stamp_behind,
    s2_6_several_handlers_answer_the_event,
    s2_10_s2_13_the_event_is_handled_after_the_commit,
    s2_12_the_greeting_has_the_first_name_at_the_time_of_handling,
    s2_14_when_the_commit_fails_nothing_has_happened,
    s2_15_a_mail_that_cannot_be_sent_keeps_nobody_from_registering,
    s2_20_two_at_once_of_whom_one_fails_do_not_share_what_waits,
];

const MAIL_ROUTE: &str = "SendEmailMessage = [\"async\"]";
const EVENT_ROUTE: &str = "SendEmailMessage = [\"async\"]\nUserRegistered = \"async\"";

async fn s2_5_s2_11_the_event_follows_the_user_and_leaves_its_stamp_behind(database: TestDatabase) {
    let app = TestApp::builder(database).replace(MAIL_ROUTE, EVENT_ROUTE).start().await;
    app.visitor().register("Vera", "vera@example.com", PASSWORD).await;
    let ids = app.database.values("SELECT id AS value FROM app_user");
    assert_eq!(app.queue("default"), [format!("{{\"uuid\":\"{}\"}}", ids[0])]);
    let headers = app.database.values("SELECT headers AS value FROM messenger_messages");
    assert!(headers[0].contains("UserRegistered") && headers[0].contains("BusNameStamp"));
    assert!(!headers[0].contains("DispatchAfterCurrentBus"), "{}", headers[0]);
}

async fn s2_6_several_handlers_answer_the_event(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    visitor.upload_one("cat.jpg", &jpeg(64, 48)).await;
    visitor.register("Vera", "vera@example.com", PASSWORD).await;
    let user = app.database.values("SELECT id AS value FROM app_user");
    assert_eq!(app.database.values("SELECT owner_id AS value FROM image_post"), user);
    let mails = app.queue("default");
    assert!(mails.len() == 1 && mails[0].contains("\"template\":\"welcome\""), "{mails:?}");
}

/// What happened, in order.
type Said = Arc<Mutex<Vec<String>>>;

/// Says by which name any other connection knows the user.
struct Greet {
    said: Said,
    database: Database,
}

impl Handler<UserRegistered, UnitOfWork> for Greet {
    type Output = ();

    async fn handle(&self, event: &UserRegistered, _: &mut Cx) -> Result<(), HandlerError> {
        let id = event.uuid;
        let user = self.database.run(move |connection| users::find(connection, id)).await?;
        let name = user.map_or_else(|| "nobody".to_owned(), |user| user.name);
        self.said.lock().unwrap().push(name);
        Ok(())
    }
}

/// The real handler of the command, and one of the event that tells what it sees.
fn watched(app: &TestApp) -> (Messenger<UnitOfWork>, Said) {
    const TOML: &str = "default_bus = 'command.bus'\n\
         buses.'command.bus'.middleware = ['transaction']\n\
         buses.'event.bus'.middleware = ['transaction']\n";
    let (said, database) = (Said::default(), app.kernel.database.clone());
    let clock = Clock::Manual(app.clock.clone());
    let register = RegisterUserHandler { mailer: Mailer, clock: clock.clone() };
    let greet = Greet { said: said.clone(), database: database.clone() };
    let built = Messenger::builder(move || UnitOfWork::new(database.clone()))
        .clock(clock)
        .middleware(TransactionMiddleware::default())
        .bus(COMMAND_BUS, |bus| bus.handler::<RegisterUser>(register))
        .bus(EVENT_BUS, |bus| bus.handler::<UserRegistered>(greet))
        .configured_by(&MessengerConfig::parse(TOML).unwrap())
        .build();
    (built.unwrap(), said)
}

/// Vera wants an account.
pub(super) fn command() -> RegisterUser {
    RegisterUser {
        uuid: Uuid::from_u128(1),
        name: "Vera".to_owned(),
        email: "vera@example.com".to_owned(),
        password_hash: PasswordHash::new("$argon2id$"),
        visitor_id: None,
    }
}

async fn s2_10_s2_13_the_event_is_handled_after_the_commit(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (messenger, said) = watched(&app);
    messenger
        .context(COMMAND_BUS)
        .transaction(async |cx| {
            cx.dispatch_on(COMMAND_BUS, command()).await?;
            said.lock().unwrap().push("the handler has finished".to_owned());
            let others = app.kernel.database.run(users_count).await?;
            said.lock().unwrap().push(format!("others see {others}"));
            Ok::<_, anyhow::Error>(())
        })
        .await
        .unwrap();
    assert_eq!(*said.lock().unwrap(), ["the handler has finished", "others see 0", "Vera"]);
    // A second delivery of the command changes nothing and tells nobody.
    messenger.dispatch_on(COMMAND_BUS, command()).await.unwrap();
    assert_eq!((said.lock().unwrap().len(), app.database.count("app_user")), (3, 1));
}

fn users_count(connection: &mut messenger_doctrine::DbConnection) -> diesel::QueryResult<i64> {
    use diesel::prelude::*;
    ponka::schema::app_user::table.count().get_result(connection)
}

async fn s2_12_the_greeting_has_the_first_name_at_the_time_of_handling(database: TestDatabase) {
    let app = TestApp::builder(database).replace(MAIL_ROUTE, EVENT_ROUTE);
    let app = app.var("MAILER_DSN", "in-memory://").start().await;
    app.visitor().register("Vera Example", "vera@example.com", PASSWORD).await;
    app.database.execute("UPDATE app_user SET name = 'Grace Example'");
    app.work().await;
    let sent = app.kernel.mail_transport.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].subject, "Welcome to Ponka, Grace");
    let message = String::from_utf8_lossy(&sent[0].message);
    assert!(message.contains("Grace") && !message.contains("Vera"), "{message}");
}

/// Makes every commit fail that has made an account.
fn break_commits(app: &TestApp) {
    let guard = "CREATE TABLE nobody (id VARCHAR(36) PRIMARY KEY); \
         CREATE TABLE guard (id VARCHAR(36) REFERENCES nobody (id) DEFERRABLE INITIALLY DEFERRED);";
    let trigger = match app.database.backend {
        messenger_doctrine::Backend::Sqlite => {
            "CREATE TRIGGER break AFTER INSERT ON app_user \
             BEGIN INSERT INTO guard VALUES (NEW.id); END;"
        }
        messenger_doctrine::Backend::Postgres => {
            "CREATE FUNCTION break() RETURNS trigger LANGUAGE plpgsql AS \
             'BEGIN INSERT INTO guard VALUES (NEW.id); RETURN NEW; END'; \
             CREATE TRIGGER break AFTER INSERT ON app_user FOR EACH ROW EXECUTE FUNCTION break();"
        }
    };
    app.database.execute(guard);
    app.database.execute(trigger);
}

async fn s2_14_when_the_commit_fails_nothing_has_happened(database: TestDatabase) {
    for route in [MAIL_ROUTE, EVENT_ROUTE] {
        let database = match database.backend {
            messenger_doctrine::Backend::Sqlite => TestDatabase::sqlite(),
            messenger_doctrine::Backend::Postgres => TestDatabase::postgres().unwrap(),
        };
        let app = TestApp::builder(database).replace(MAIL_ROUTE, route).start().await;
        let visitor = app.visitor();
        let photo = visitor.upload_one("cat.jpg", &jpeg(64, 48)).await;
        break_commits(&app);
        let answer = visitor.register("Vera", "vera@example.com", PASSWORD).await;
        assert_eq!(answer.status, 500, "{}", answer.text());
        assert_eq!(app.database.count("app_user"), 0);
        assert_eq!(app.queue("default"), Vec::<String>::new());
        let mine = visitor.get("/api/images").await.json();
        assert_eq!(mine["items"][0]["id"], photo["id"], "the photos stay with the visitor");
    }
}

async fn s2_15_a_mail_that_cannot_be_sent_keeps_nobody_from_registering(database: TestDatabase) {
    let down = SmtpServerThatIsDown::new();
    let app = TestApp::builder(database).replace(MAIL_ROUTE, "").var("MAILER_DSN", down.dsn());
    let app = app.start().await;
    let visitor = app.visitor();
    visitor.upload_one("cat.jpg", &jpeg(64, 48)).await;
    let answer = visitor.register("Vera", "vera@example.com", PASSWORD).await;
    assert_eq!(answer.status, 500);
    assert!(answer.text().contains("your account is ready all the same"), "{}", answer.text());
    assert!(!answer.text().contains("127.0.0.1"), "where the server is concerns nobody");
    sign_in(&visitor, "vera@example.com", PASSWORD).await;
    assert!(visitor.get("/account").await.text().contains("1 photo<"));
}

async fn s2_20_two_at_once_of_whom_one_fails_do_not_share_what_waits(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let eve = "CREATE UNIQUE INDEX no_eve ON app_user (name)";
    app.database.execute(eve);
    let attempts = (0..12).map(|number| {
        let (visitor, email) = (app.visitor(), format!("somebody{number}@example.com"));
        // Of each pair one fails, because the other has its name.
        let name = format!("Somebody {}", number / 2);
        async move { visitor.register(&name, &email, PASSWORD).await.status }
    });
    let statuses = join_all(attempts).await;
    let good = statuses.iter().filter(|status| **status == 303).count();
    let bad = statuses.iter().filter(|status| **status == 500).count();
    assert_eq!((good, bad), (6, 6), "{statuses:?}");
    let mut greeted: Vec<String> = app.queue("default");
    greeted.sort();
    assert_eq!(greeted.len(), 6, "{greeted:#?}");
    for email in app.database.values("SELECT email AS value FROM app_user") {
        assert_eq!(greeted.iter().filter(|body| body.contains(&email)).count(), 1, "{email}");
    }
}
