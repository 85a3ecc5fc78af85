//! Whether and when a failed message is tried again.

use std::time::Duration;

use messenger::retry::{MultiplierRetryStrategy, RetryStrategy};
use messenger::stamp::RedeliveryStamp;
use messenger::{Envelope, Message};

use crate::support::Command;

fn retried(count: u32) -> Envelope {
    let redelivered_at = "2026-11-23T00:00:00Z".parse().expect("a date");
    Command::from("c").with(RedeliveryStamp { retry_count: count, redelivered_at })
}

fn wait(delay: u64, multiplier: f64, max_delay: u64, count: u32) -> u64 {
    let strategy = MultiplierRetryStrategy::new(3, delay, multiplier, max_delay, 0.0);
    u64::try_from(strategy.waiting_time(&retried(count)).as_millis()).expect("it fits")
}

#[test]
fn r1_s3_1_the_number_of_retries_is_limited() {
    let retryable = |max, envelope: &Envelope| {
        MultiplierRetryStrategy::new(max, 1000, 2.0, 0, 0.1).is_retryable(envelope)
    };

    assert!(retryable(3, &Command::from("c").into()));
    assert!(retryable(3, &retried(0)) && retryable(3, &retried(2)));
    assert!(!retryable(3, &retried(3)) && !retryable(3, &retried(4)));
    assert!(!retryable(0, &Command::from("c").into()) && !retryable(0, &retried(0)));
}

#[test]
fn r2_the_waiting_time_grows_and_is_capped() {
    let cases: [(u64, f64, u64, &[u64]); 6] = [
        (1000, 1.0, 5000, &[1000, 1000, 1000]),
        (1000, 2.0, 10_000, &[1000, 2000, 4000, 8000, 10_000]),
        (1000, 3.0, 10_000, &[1000, 3000, 9000]),
        (1000, 1.0, 500, &[500]),
        (0, 2.0, 10_000, &[0, 0]),
        (1000, 1.5555, 5000, &[1000, 1556, 2420]),
    ];
    for (delay, multiplier, max, expected) in cases {
        for (count, expected) in (0..).zip(expected) {
            assert_eq!(
                wait(delay, multiplier, max, count),
                *expected,
                "{delay} × {multiplier}^{count}"
            );
        }
    }
    assert_eq!(wait(1000, 2.0, 0, 4), 16_000);
}

#[test]
fn r3_what_is_too_long_becomes_the_longest_wait_there_is() {
    let strategy = MultiplierRetryStrategy::new(20, u64::MAX, 2.0, 0, 1.0).seeded(1);
    assert_eq!(strategy.waiting_time(&retried(10)), Duration::from_millis(u64::MAX));

    assert_eq!(wait(1000, 2.0, 0, u32::MAX), u64::MAX);
    assert_eq!(wait(1000, 2.0, 60_000, u32::MAX), 60_000);
    assert_eq!(wait(0, 2.0, 0, u32::MAX), 0);
}

#[test]
fn r4_the_jitter_stays_within_its_share_and_uses_it() {
    for tenths in 0..=10_u32 {
        let jitter = f64::from(tenths) / 10.0;
        let strategy = MultiplierRetryStrategy::new(3, 1000, 1.0, 0, jitter).seeded(7);
        let waits: Vec<_> =
            (0..100).map(|_| strategy.waiting_time(&retried(0)).as_millis()).collect();

        let (least, most) = (waits.iter().min().expect("100"), waits.iter().max().expect("100"));
        let range = u128::from(tenths) * 100;
        assert!(*least >= 1000 - range && *most <= 1000 + range, "{jitter}: {least}..{most}");
        assert!(most - least >= range, "{jitter}: {least}..{most} hardly varies");
    }
}

#[test]
fn r4_the_cap_counts_after_the_jitter() {
    let strategy = MultiplierRetryStrategy::new(3, 1000, 1.0, 1000, 0.5).seeded(3);

    assert!((0..100).all(|_| strategy.waiting_time(&retried(0)).as_millis() <= 1000));
}

#[test]
fn s1_10_by_default_there_are_three_retries_after_one_two_and_four_seconds() {
    let strategy = MultiplierRetryStrategy::default().seeded(5);

    let waits: Vec<_> =
        (0..3).map(|count| strategy.waiting_time(&retried(count)).as_secs_f64()).collect();

    for (wait, expected) in waits.iter().zip([1.0, 2.0, 4.0]) {
        assert!((wait - expected).abs() <= expected * 0.1, "{waits:?}");
    }
    assert!(strategy.is_retryable(&retried(2)) && !strategy.is_retryable(&retried(3)));
}

#[test]
fn the_same_seed_gives_the_same_waits() {
    let waits = |seed| {
        let strategy = MultiplierRetryStrategy::default().seeded(seed);
        (0..20).map(|_| strategy.waiting_time(&retried(0))).collect::<Vec<_>>()
    };

    assert_eq!(waits(1), waits(1));
    assert_ne!(waits(1), waits(2));
}
