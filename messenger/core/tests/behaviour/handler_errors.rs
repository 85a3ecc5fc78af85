//! What a handler's error asks for, and what it says.

use std::time::Duration;

use messenger::{BoxError, DispatchError, HandlerError, Message, Verdict};

use crate::support::{COMMANDS, Command, EVENTS, Event, World, built, call, fails};

#[derive(Debug, thiserror::Error)]
#[error("no photo {0}")]
struct NoPhoto(u32, #[source] std::io::Error);

fn no_photo() -> NoPhoto {
    NoPhoto(7, std::io::Error::other("disk gone"))
}

#[test]
fn s3_q3_the_four_kinds_of_errors_are_told_apart() {
    let delay = Some(Duration::from_millis(1234));

    assert_eq!(HandlerError::from(no_photo()).verdict(), Verdict::Ordinary);
    assert_eq!(HandlerError::unrecoverable(no_photo()).verdict(), Verdict::Unrecoverable);
    assert_eq!(HandlerError::discard(no_photo()).verdict(), Verdict::Discard);
    let recoverable = HandlerError::recoverable(no_photo(), delay);
    assert_eq!(recoverable.verdict(), Verdict::Recoverable(delay));
}

#[test]
fn an_error_knows_its_type_and_tells_its_causes() {
    let error = HandlerError::unrecoverable(no_photo());

    assert_eq!(error.to_string(), "no photo 7: disk gone");
    assert!(error.class().ends_with("NoPhoto"), "{}", error.class());
    assert!(error.source().downcast_ref::<NoPhoto>().is_some());
}

#[tokio::test]
async fn any_error_can_be_returned_and_arrives_with_its_verdict() {
    let world = World::new();
    let handler = call("H", |_: &Command, _cx| {
        Box::pin(async { Err::<(), _>(HandlerError::discard(no_photo())) })
    });
    let messenger = built(world.one_bus(|bus| bus.handler::<Command>(handler)));

    let error = messenger.dispatch_on(COMMANDS, Command::from("c")).await.expect_err("it fails");

    let DispatchError::HandlerFailed(failed) = &error else { panic!("{error}") };
    assert_eq!(failed.failures[0].error.verdict(), Verdict::Discard);
    assert!(error.class().ends_with("NoPhoto"), "{}", error.class());
    assert_eq!(error.detail(), "no photo 7: disk gone");
}

/// The envelope is that of the message which was dispatched, not of the nested one.
#[tokio::test]
async fn s2_1_a_nested_failure_reaches_the_caller_as_a_failure_of_the_outer_handler() {
    let world = World::new();
    let outer = call("outer", |_: &Command, cx| {
        Box::pin(async move {
            cx.dispatch_on(EVENTS, Event::from("e")).await?;
            Ok(())
        })
    });
    let builder = world
        .one_bus(|bus| bus.handler::<Command>(outer))
        .bus(EVENTS, |bus| bus.handler::<Event>(fails("inner", &world.log)));

    let error =
        built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect_err("it fails");

    let envelope = error.envelope().expect("the envelope");
    assert_eq!(envelope.name(), Command::NAME);
    assert!(error.to_string().contains("inner broke"), "{error}");
}

/// What a handler may return with `?`.
fn any<E: Into<BoxError> + 'static>(error: E) -> HandlerError {
    let failing = |error: E| -> Result<(), HandlerError> { Err(error)? };
    failing(error).expect_err("it fails")
}

#[test]
fn any_error_becomes_that_of_a_handler_by_the_question_mark_and_is_told_with_its_causes() {
    use anyhow::Context as _;
    let anyhow = Err::<(), _>(no_photo()).context("could not draw").context("no Ponka");
    let boxed: BoxError = Box::new(no_photo());
    let told = [
        any(no_photo()),
        any(boxed),
        any(anyhow.expect_err("it is one")),
        any("a text"),
        any(format!("text {}", 2)),
    ];
    let told = told.map(|error| error.to_string());
    let cause = "no photo 7: disk gone".to_owned();
    let expected = [cause.clone(), cause.clone(), format!("no Ponka: could not draw: {cause}")];
    assert_eq!(told[..3], expected);
    assert_eq!(told[3..], ["a text", "text 2"]);
}

#[cfg(feature = "anyhow")]
#[test]
fn what_an_error_of_anyhow_was_made_from_is_found() {
    let error = any(anyhow::Error::new(no_photo()));
    assert!(error.source().downcast_ref::<NoPhoto>().is_some());
    assert_eq!(error.class(), "anyhow::Error");
}
