//! What the database transport and the unit of work promise beyond the contract, on both
//! databases.

mod application;
mod failing;
mod outbox;
mod setup;
mod sql_observer;
mod stores;
mod unit_of_work;
pub(crate) mod wake;
mod wire;

use std::future::Future;

use messenger_doctrine::Backend;

use test_database::TestDatabase;

/// Runs one case on a fresh database.
pub(crate) fn run(backend: Backend, case: impl AsyncFnOnce(&TestDatabase)) {
    if let Some(database) = TestDatabase::of(backend) {
        block_on(case(&database));
    }
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(future)
}

macro_rules! on_both {
    ($($module:ident: [$($case:ident),+ $(,)?])+) => {
        mod sqlite {
            $($(#[test]
            fn $case() {
                super::run(messenger_doctrine::Backend::Sqlite, super::$module::$case);
            })+)+
        }
        mod postgres {
            $($(#[test]
            fn $case() {
                super::run(messenger_doctrine::Backend::Postgres, super::$module::$case);
            })+)+
        }
    };
}

on_both! {
    setup: [
        s1_8_s3_12_a_table_that_is_missing_is_made,
        s1_8_s3_12_without_auto_setup_the_error_names_the_command,
        s3_12_setting_up_twice_and_at_once_does_no_harm,
        s3_8_each_queue_has_its_name_in_one_table,
        s3_11_the_table_can_have_another_name,
        s3_11_the_redeliver_timeout_can_be_set,
        s3_9_options_win_over_the_query_and_the_query_over_the_defaults,
        what_cannot_work_is_refused,
        q8_a_table_name_that_the_database_would_change_or_refuse_is_refused,
    ]
    failing: [
        q4_a_retry_goes_to_the_queue_that_the_message_came_from,
        q1_a_row_that_fails_again_is_replaced_in_one_transaction,
        q3_what_is_delayed_or_in_hand_is_listed_and_counted,
    ]
    wire: [
        a_row_is_written_as_symfony_writes_it,
        every_captured_row_can_be_read,
        what_an_earlier_version_wrote_under_other_names_is_read,
    ]
    wake: [
        a_message_of_this_process_wakes_a_worker,
        a_message_of_another_process_wakes_a_worker,
        a_delayed_message_wakes_a_worker_when_it_is_due,
        a_lease_that_ends_wakes_a_worker,
        a_released_message_wakes_a_worker,
    ]
    unit_of_work: [
        a_transaction_is_kept_or_undone,
        a_savepoint_is_undone_alone,
        an_abandoned_transaction_leaves_nothing,
        a_dropped_future_leaves_nothing,
        a_panic_does_not_poison_the_pool,
        an_error_does_not_poison_the_pool,
        more_transactions_than_connections_and_threads_all_end,
    ]
    sql_observer: [
        statements_are_heard_in_order_with_the_transaction_around_them,
        the_task_that_begins_the_work_is_asked_and_values_are_not_told,
    ]
    application: [
        a_scope_with_a_unit_of_work_in_it_has_all_that_the_unit_of_work_has,
        connections_are_opened_by_the_application_and_no_more_than_it_says,
        a_connection_to_the_other_kind_of_database_is_refused,
    ]
    stores: [
        while_a_copy_is_sent_to_another_store_the_database_can_be_written,
        a_message_that_fails_is_kept_in_another_database,
        what_is_dispatched_in_a_transaction_goes_to_another_database_after_it,
    ]
    outbox: [
        what_is_stored_is_kept_or_undone_with_the_transaction,
        what_a_dead_process_left_is_swept_after_its_lease,
        what_another_process_is_about_to_send_is_left_alone,
        a_message_is_sent_after_the_commit_and_the_outbox_is_empty,
        dropped_messages_are_counted,
        a_restart_is_requested_for_all,
        r3_what_was_to_be_handled_by_a_dead_process_is_taken_over_after_its_lease,
        r3_an_entry_is_renewed_replaced_and_given_back_only_by_its_owner,
    ]
}
