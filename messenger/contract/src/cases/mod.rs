//! The cases, each listed once.

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;

use futures_util::FutureExt as _;

use crate::fixture::{Fixture, Skipped};
use crate::subject::{Checked, Subject};

/// With this environment variable (`1`) a fixture that cannot start fails its cases.
const STRICT: &str = "MESSENGER_CONTRACT_STRICT";

/// Runs one case on a fresh fixture, in a runtime of its own. Where it does not apply that is
/// printed, past the test runner, which would keep it to itself.
fn check<F: Fixture>(
    name: &str,
    start: impl AsyncFnOnce() -> Result<F, Skipped>,
    case: impl AsyncFnOnce(&Subject<F>) -> Checked,
) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let checked = runtime.block_on(async {
        let fixture = Arc::new(started(start().await)?);
        let checking = async {
            let subject = Subject::new(Arc::clone(&fixture)).await;
            case(&subject).await
        };
        let checked = AssertUnwindSafe(checking).catch_unwind().await;
        fixture.finish().await;
        checked.unwrap_or_else(|panic| resume_unwind(panic))
    });
    if let Err(reason) = checked {
        // In one piece, among the lines of other tests.
        let line = format!("skipped: {name}: {reason}\n");
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
}

/// The fixture, or why there is none: where that is not allowed, the case fails of it.
fn started<F>(fixture: Result<F, Skipped>) -> Result<F, Skipped> {
    let is_strict = std::env::var_os(STRICT).is_some_and(|value| !value.is_empty() && value != "0");
    if let (Err(reason), true) = (&fixture, is_strict) {
        panic!("the fixture cannot start, and {STRICT} is set: {reason}");
    }
    fixture
}

/// Makes the modules, a function for each case, and the macro that makes a test of each. `$d` is a
/// dollar sign for the inner macro.
macro_rules! contract {
    ($d:tt $($module:ident { $($case:ident,)+ })+) => {
        $(mod $module;)+

        /// The cases as functions. Call them by [`run!`](crate::run); alone where a case is to be
        /// run differently.
        pub mod all {
            use crate::fixture::{Fixture, Skipped};

            $($(
                #[doc = concat!("`", stringify!($case), "`; `test` names it where it is skipped.")]
                ///
                /// # Panics
                /// When the transport breaks its promise.
                pub fn $case<F: Fixture>(
                    test: &str,
                    start: impl AsyncFnOnce() -> Result<F, Skipped>,
                ) {
                    let name = format!("{test}::{}", stringify!($case));
                    super::check(&name, start, super::$module::$case);
                }
            )+)+
        }

        /// Makes a `#[test]` of every case of the suite. `start` makes a fixture: an `async fn` or
        /// an `async` closure without arguments that gives `Result<impl Fixture, Skipped>`. Use it
        /// in a module of its own for each transport.
        #[macro_export]
        macro_rules! run {
            ($d start:expr) => {
                $($(
                    #[test]
                    fn $case() {
                        $d crate::all::$case(module_path!(), $d start);
                    }
                )+)+
            };
        }
    };
}

contract! { $
    contents {
        a_message_of_nobody_travels_on_untouched,
        a_message_that_cannot_be_read_travels_on_untouched,
        unknown_headers_and_stamps_survive,
        known_stamps_survive,
        every_byte_survives,
        every_script_survives,
        many_headers_survive,
        bodies_of_all_sizes_survive,
        a_message_carries_one_id,
    }
    receiving {
        messages_come_in_the_order_in_which_they_were_sent,
        a_fetch_gives_no_more_than_was_asked_for,
        two_receivers_never_hold_the_same_message,
        receivers_at_the_same_moment_hold_each_message_once,
        messages_sent_while_others_receive_come_once,
        queues_do_not_see_each_other,
        named_queues_are_read_in_their_order,
        a_message_goes_to_the_queue_that_its_stamp_names,
        a_first_delivery_is_counted_as_one_or_not_at_all,
        the_more_urgent_comes_first,
    }
    delays {
        what_is_due_earlier_comes_first,
        a_delayed_message_comes_after_its_delay,
        a_negative_delay_is_due_at_once,
        a_message_can_be_released_for_later,
    }
    settling {
        acknowledged_messages_are_gone,
        only_acknowledged_messages_are_gone,
        a_rejected_message_is_gone,
        a_released_message_comes_back_at_once,
        a_release_is_not_counted_as_a_delivery,
        after_a_close_the_rest_is_there_for_others,
        what_a_dead_process_held_comes_back,
    }
    looking {
        a_count_knows_where_messages_stand,
        a_list_claims_nothing_and_can_be_limited,
        what_is_delayed_or_held_is_listed_and_found,
        a_message_can_be_claimed_by_its_id,
        a_message_can_be_removed_by_its_id,
    }
    leases {
        a_held_message_comes_back_when_its_lease_ends,
        a_renewed_lease_keeps_the_message_away,
        each_of_several_renewed_leases_keeps_its_message_away,
        a_renewed_lease_can_still_be_settled,
        a_lost_lease_cannot_acknowledge,
        a_lost_lease_cannot_reject,
        a_lost_lease_can_neither_renew_nor_release,
        deliveries_are_counted_when_a_lease_is_taken_over,
        a_lost_lease_does_not_reset_the_count,
        a_release_does_not_reset_the_count,
        what_was_claimed_by_its_id_comes_back_when_its_lease_ends,
        what_has_lost_its_lease_is_not_counted_as_held,
        one_of_two_takes_over,
        lost_messages_of_every_named_queue_come_back,
    }
    waiting {
        a_wait_ends_when_a_message_is_sent,
        a_wait_ends_when_a_delayed_message_is_due,
        a_wait_ends_when_a_message_is_sent_to_a_named_queue,
        a_wait_for_nothing_ends_in_time,
        a_dropped_wait_uses_up_no_news,
        a_wait_dropped_at_any_moment_claims_nothing,
    }
    setup {
        setting_up_twice_and_at_once_does_no_harm,
    }
    transactions {
        a_message_sent_in_a_transaction_is_invisible_until_the_commit,
        a_message_sent_in_a_transaction_vanishes_with_it,
        a_message_sent_in_a_savepoint_vanishes_with_that_alone,
        a_rejection_is_undone_with_its_transaction,
        the_first_message_of_all_can_be_sent_in_a_transaction,
    }
}
