//! Functions are handlers: with the message, what the application gave, and the context.

use messenger::{
    Context, Data, Handler, HandlerError, HandlerOptions, Message, Messenger, MessengerBuilder,
};
use serde::{Deserialize, Serialize};

use crate::support::{Log, handled_by, sent_to};

#[derive(Debug, Serialize, Deserialize, Message)]
struct Greet {
    name: String,
}

impl Greet {
    fn new(name: &str) -> Self {
        Self { name: name.to_owned() }
    }
}

trait Waits {}

#[derive(Debug, Serialize, Deserialize, Message)]
#[message(name = r"App\Message\Count", groups = [Waits])]
struct Count;

#[derive(Debug)]
struct Suffix(&'static str);

async fn print(greet: &Greet, log: Data<Log>) {
    log.add(format!("print {}", greet.name));
}

async fn fail(greet: &Greet) -> Result<(), std::num::ParseIntError> {
    greet.name.parse::<u32>().map(drop)
}

async fn count(_: &Count, log: Data<Log>) -> Result<usize, HandlerError> {
    Ok(log.take().len())
}

async fn both(
    greet: &Greet,
    log: Data<Log>,
    suffix: Data<Suffix>,
    cx: &mut Context<()>,
) -> Result<(), HandlerError> {
    log.add(format!("both {}{}", greet.name, suffix.0));
    let envelope = cx.dispatch(Count).await?;
    log.add(format!("{} by {}", handled_by(&envelope).len(), cx.bus()));
    Ok(())
}

struct Form;

impl Handler<Greet, ()> for Form {
    type Output = ();

    async fn handle(&self, greet: &Greet, cx: &mut Context<()>) -> Result<(), HandlerError> {
        let log = cx.messenger().data::<Log>().expect("the log was given");
        log.add(format!("form {}", greet.name));
        Ok(())
    }
}

fn builder(log: &Log) -> MessengerBuilder<()> {
    Messenger::builder(|| ()).data(log.clone())
}

#[tokio::test]
async fn a_function_and_a_struct_handle_one_message_on_the_only_bus() {
    let log = Log::default();
    let messenger = builder(&log).handler(print).handler(Form).build().expect("it can work");

    let envelope = messenger.dispatch(Greet::new("Vera")).await.expect("handled");

    assert_eq!(log.take(), ["print Vera", "form Vera"]);
    assert_eq!(
        handled_by(&envelope),
        ["behaviour::functions::print", "behaviour::functions::Form"]
    );
    assert_eq!(messenger.default_bus().as_str(), "messenger.bus.default");
}

#[tokio::test]
async fn a_function_takes_what_was_given_and_the_context() {
    let log = Log::default();
    let messenger =
        builder(&log).data(Suffix("!")).handler(count).handler(both).build().expect("it can work");

    messenger.dispatch(Greet::new("Vera")).await.expect("handled");

    assert_eq!(log.take(), ["1 by messenger.bus.default"]);
}

#[tokio::test]
async fn a_function_answers_a_query() {
    let log = Log::default();
    log.add("one");
    let messenger = builder(&log).handler(count).build().expect("it can work");

    assert_eq!(messenger.ask::<usize>(Count).await.expect("answered"), 1);
}

#[tokio::test]
async fn any_error_of_a_function_is_its_failure() {
    let log = Log::default();
    let messenger = builder(&log).handler(fail).build().expect("it can work");

    let error = messenger.dispatch(Greet::new("Vera")).await.expect_err("not a number");

    assert!(error.to_string().contains("invalid digit"), "{error}");
}

#[tokio::test]
async fn a_function_that_was_renamed_keeps_its_name() {
    let log = Log::default();
    let messenger = builder(&log)
        .bus("bus", |bus| bus.handler_with(print, HandlerOptions::default().name("old::path")))
        .build()
        .expect("it can work");

    let envelope = messenger.dispatch(Greet::new("Vera")).await.expect("handled");

    assert_eq!(handled_by(&envelope), ["old::path"]);
}

#[test]
fn a_function_that_takes_what_was_not_given_is_refused() {
    let error = Messenger::builder(|| ()).handler(print).build().expect_err("there is no log");

    let problem = error.to_string();
    assert!(problem.contains("functions::print takes Data<"), "{problem}");
    assert!(problem.contains("Log>"), "{problem}");
}

#[tokio::test]
async fn a_derived_message_has_its_name_and_its_groups() {
    assert_eq!(<Greet as Message>::NAME, "Greet");
    let log = Log::default();
    let messenger = builder(&log)
        .handler(count)
        .transport_dsn("async", "in-memory://")
        .route_interface(messenger::Interface("Waits"), &["async"])
        .build()
        .expect("it can work");

    let envelope = messenger.dispatch(Count).await.expect("sent");

    assert_eq!(envelope.name(), r"App\Message\Count");
    assert_eq!(sent_to(&envelope), ["async"]);
}
