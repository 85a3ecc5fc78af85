//! What every transport promises: one suite, run against each.

mod contents;
mod leases;
mod receiving;
mod settling;
mod transactions;

use crate::fixture::{Fixture, Needs, Store};

/// Runs one case on a fresh transport.
fn run(store: Store, needs: Needs, case: impl AsyncFnOnce(&Fixture)) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        if let Some(fixture) = store.start(needs) {
            case(&fixture).await;
        }
    });
}

/// Makes a test of every case for every store.
macro_rules! contract {
    ($($name:ident: $store:ident),+; $cases:tt) => {
        $(mod $name { cases! { $store $cases } })+
    };
}

macro_rules! cases {
    ($store:ident { $($module:ident, $needs:ident: [$($case:ident),+ $(,)?])+ }) => {$($(
        #[test]
        fn $case() {
            use crate::fixture::{Needs, Store};
            super::run(Store::$store, Needs::$needs, super::$module::$case);
        }
    )+)+};
}

contract! {
    in_memory: InMemory,
    in_memory_serialized: InMemorySerialized,
    sqlite: Sqlite,
    sqlite_symfony: SqliteSymfony,
    postgres: Postgres,
    postgres_symfony: PostgresSymfony;
    {
        receiving, Nothing: [
            messages_come_in_the_order_in_which_they_were_sent,
            what_is_due_earlier_comes_first,
            a_delay_is_counted_in_milliseconds,
            a_negative_delay_is_due_at_once,
            a_fetch_gives_no_more_than_was_asked_for,
            two_receivers_never_hold_the_same_message,
            receivers_at_the_same_moment_never_hold_the_same_message,
            s3_7_queues_do_not_see_each_other,
            a_count_leaves_out_what_is_delayed_or_in_flight_and_a_list_does_not,
            a_list_can_be_limited_and_claims_nothing,
            find_sees_what_is_delayed_or_in_flight,
            a_message_carries_one_id,
        ]
        settling, Nothing: [
            acknowledged_messages_are_gone,
            only_acknowledged_messages_are_gone,
            a_rejected_message_is_gone,
            a_message_can_be_claimed_by_its_id,
            a_message_can_be_removed_by_its_id,
            a_released_message_comes_back_at_once,
            a_message_can_be_released_for_later,
        ]
        leases, Leases: [
            s3_11_a_claimed_message_comes_back_when_its_lease_ends,
            a_renewed_lease_keeps_the_message_away,
            a_renewed_lease_can_still_be_settled,
            a_lost_lease_cannot_acknowledge,
            a_lost_lease_cannot_reject,
            a_lost_lease_can_neither_renew_nor_release,
            deliveries_are_counted_when_a_lease_is_taken_over,
            a_lost_lease_does_not_reset_the_count,
            one_of_two_takes_over,
            lost_messages_of_every_queue_come_back,
            what_was_lost_before_is_delivered_alone,
        ]
        contents, Nothing: [
            an_unknown_message_comes_undecodable_and_travels_on_untouched,
            a_poisoned_body_comes_undecodable_and_travels_on_untouched,
            unknown_headers_and_stamps_survive,
            known_stamps_survive,
            a_body_that_is_no_text_survives,
            a_body_of_five_megabytes_survives,
        ]
        transactions, Transactions: [
            a_message_sent_in_a_transaction_is_invisible_until_the_commit,
            a_message_sent_in_a_transaction_vanishes_with_it,
            a_message_sent_in_a_savepoint_vanishes_with_that_alone,
            a_rejection_is_undone_with_its_transaction,
            the_first_message_of_all_can_be_sent_in_a_transaction,
        ]
    }
}
