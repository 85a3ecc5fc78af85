//! A server that is missing is passed over, unless that is forbidden; and a fixture clears up after
//! a case that failed.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use messenger::TransportError;
use messenger::codec::Codec;
use messenger::transport::Transport;
use messenger_contract::{Fixture, Skipped, Time, all};

static FINISHED: AtomicBool = AtomicBool::new(false);

/// Has a server that cannot be reached.
struct Unreachable;

impl Fixture for Unreachable {
    type Scope = ();

    async fn open(
        &self,
        _: &str,
        _: Arc<dyn Codec>,
    ) -> Result<Arc<dyn Transport<()>>, TransportError> {
        Err(TransportError::Configuration("nobody listens there".to_owned()))
    }

    fn scope(&self) {}

    fn time(&self) -> Time {
        Time::manual(messenger::clock::ManualClock::default())
    }

    async fn finish(&self) {
        FINISHED.store(true, Ordering::SeqCst);
    }
}

#[test]
#[ignore = "another test runs it, in a process of its own"]
fn without_a_server() {
    let start = async || Err::<Unreachable, _>(Skipped::because("there is no server"));
    all::a_rejected_message_is_gone(module_path!(), start);
}

/// Whether that passes, and what it prints.
fn without_a_server_if_strict_is(value: &str) -> (bool, String) {
    let ran = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "without_a_server", "--ignored", "--nocapture"])
        .env("MESSENGER_CONTRACT_STRICT", value)
        .output()
        .expect("it runs");
    (ran.status.success(), String::from_utf8_lossy(&ran.stderr).into_owned())
}

#[test]
fn a_missing_server_is_passed_over_and_said() {
    let (passed, said) = without_a_server_if_strict_is("0");
    assert!(passed, "{said}");
    assert!(said.contains("skipped: strict::a_rejected_message_is_gone: there is no server"));
}

#[test]
fn a_missing_server_fails_where_that_is_wanted() {
    let (passed, said) = without_a_server_if_strict_is("1");
    assert!(!passed && said.contains("MESSENGER_CONTRACT_STRICT is set: there is no server"));
}

#[test]
fn a_fixture_clears_up_after_a_case_that_failed() {
    let case = || all::a_rejected_message_is_gone(module_path!(), async || Ok(Unreachable));
    let panic = std::panic::catch_unwind(case).expect_err("it cannot be opened");
    let said = panic.downcast_ref::<String>().map_or("", String::as_str);
    assert!(said.contains("nobody listens there"), "{said:?}");
    assert!(FINISHED.load(Ordering::SeqCst));
}
