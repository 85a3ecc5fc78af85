//! S2.8 and S2.9: the two problems that the stamp solves, shown without it.

use anyhow::anyhow;
use messenger::clock::Clock;
use messenger::config::MessengerConfig;
use messenger::transport::InMemoryFactory;
use messenger::{Handler, HandlerError, Interface, Messenger, TransactionMiddleware};
use messenger_doctrine::{DatabaseContext as _, DoctrineFactory, UnitOfWork};
use ponka::config::Fault;
use ponka::entity::{Role, User};
use ponka::fault::FaultPoint;
use ponka::handler::Cx;
use ponka::handler::command::SendEmailMessageHandler;
use ponka::handler::event::SendWelcomeEmailWhenUserRegistered;
use ponka::mailer::Mailer;
use ponka::message::command::{RegisterUser, SendEmailMessage};
use ponka::message::event::UserRegistered;
use ponka::message::{COMMAND_BUS, EVENT_BUS};
use ponka::repository::users;

use super::registration::command;
use crate::support::{TestApp, TestDatabase, on_both_databases};

on_both_databases![
    s2_8_without_the_stamp_a_failing_mail_undoes_the_registration,
    s2_9_without_the_stamp_a_mail_is_sent_to_somebody_who_is_not_stored,
];

const BUSES: &str = "default_bus = 'command.bus'\n\
     buses.'command.bus'.middleware = ['transaction']\n\
     buses.'event.bus'.middleware = ['transaction']\n";
/// The queue is outside of the database: what is in it cannot be rolled back.
const QUEUE: &str = "transports.mails = 'in-memory://'\nrouting.SendEmailMessage = 'mails'\n";

/// Makes an account as ours does, but for the stamp.
struct Unstamped {
    /// The handler fails after it has said that somebody registered.
    fails: bool,
}

impl Handler<RegisterUser, UnitOfWork> for Unstamped {
    type Output = ();

    async fn handle(&self, message: &RegisterUser, cx: &mut Cx) -> Result<(), HandlerError> {
        let user = User {
            id: message.uuid,
            email: message.email.clone(),
            name: message.name.clone(),
            password_hash: message.password_hash.clone(),
            role: Role::User,
            visitor_id: None,
            created_at: cx.messenger().clock().now().naive_utc(),
        };
        cx.db(move |connection| users::insert_unless_taken(connection, &user)).await?;
        cx.dispatch_on(EVENT_BUS, UserRegistered { uuid: message.uuid, welcome: true }).await?;
        if self.fails { Err(anyhow!("saving failed").into()) } else { Ok(()) }
    }
}

fn messenger(
    app: &TestApp,
    toml: &str,
    register: Unstamped,
    smtp: Fault,
) -> (Messenger<UnitOfWork>, InMemoryFactory) {
    let database = app.kernel.database.clone();
    let deliver = SendEmailMessageHandler {
        composer: app.kernel.mail_composer.clone(),
        transport: app.kernel.mail_transport.clone(),
        fault: FaultPoint::new("FAULT_SMTP", smtp),
    };
    let queues = InMemoryFactory::default();
    let scope = database.clone();
    let built = Messenger::builder(move || UnitOfWork::new(scope.clone()))
        .clock(Clock::Manual(app.clock.clone()))
        .middleware(TransactionMiddleware { except: Some(Interface("LongRunning")) })
        .bus(COMMAND_BUS, |bus| {
            bus.handler::<RegisterUser>(register).handler::<SendEmailMessage>(deliver)
        })
        .bus(EVENT_BUS, |bus| {
            let welcome = SendWelcomeEmailWhenUserRegistered { mailer: Mailer };
            bus.handler::<UserRegistered>(welcome)
        })
        .factory(DoctrineFactory::new(database))
        .factory(queues.clone())
        .configured_by(&MessengerConfig::parse(toml).unwrap())
        .build();
    (built.unwrap(), queues)
}

async fn s2_8_without_the_stamp_a_failing_mail_undoes_the_registration(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (messenger, _) = messenger(&app, BUSES, Unstamped { fails: false }, Fault::Always);
    let error = messenger.dispatch_on(COMMAND_BUS, command()).await.unwrap_err();
    assert!(error.to_string().contains("FAULT_SMTP"), "{error}");
    assert_eq!(app.database.count("app_user"), 0);
}

async fn s2_9_without_the_stamp_a_mail_is_sent_to_somebody_who_is_not_stored(
    database: TestDatabase,
) {
    let app = TestApp::start(database).await;
    let toml = [BUSES, QUEUE].concat();
    let (messenger, queues) = messenger(&app, &toml, Unstamped { fails: true }, Fault::Never);
    assert!(messenger.dispatch_on(COMMAND_BUS, command()).await.is_err());
    assert_eq!(app.database.count("app_user"), 0);
    assert_eq!(queues.get("mails").unwrap().waiting().len(), 1);
}
