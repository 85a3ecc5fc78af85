//! Slows down who guesses passwords, without locking out whose they are.

use actix_web::HttpRequest;
use chrono::TimeDelta;

use super::{App, AppError, client};
use crate::repository::attempts::{self, AttemptLimit, bucket, seconds_until};

/// Five guesses for an account, then one a minute, then fewer and fewer.
const PER_ACCOUNT: AttemptLimit = AttemptLimit {
    free: 5,
    window: TimeDelta::days(1),
    first_wait: TimeDelta::minutes(1),
    longest_wait: TimeDelta::minutes(15),
};
/// Twenty guesses a minute from one client, whatever the accounts.
const PER_CLIENT: AttemptLimit = AttemptLimit::per(TimeDelta::minutes(1), 20);
/// So many registrations in ten minutes from one client: a school may, a flood may not.
const REGISTRATIONS: AttemptLimit = AttemptLimit::per(TimeDelta::minutes(10), 300);
/// So many reports of browsers a minute from one client.
const REPORTS: AttemptLimit = AttemptLimit::per(TimeDelta::minutes(1), 30);

/// One guess that was let through, and under which names it is counted.
pub(super) struct Guess {
    client: Option<String>,
    account: String,
}

/// Too many: seconds until the next one is heard.
pub(super) struct Wait(pub(super) u64);

/// Asks for one guess at the password of the account with this address. The answer is the same
/// whether or not there is such an account.
///
/// A browser on which the account was used before has a count of its own and none with others, so
/// that no stranger can lock it out.
pub(super) async fn ask(
    app: &App,
    request: &HttpRequest,
    email: &str,
) -> Result<Result<Guess, Wait>, AppError> {
    let guess = match app.session_cookies.known_device(request, &device(email)) {
        Some(device) => Guess { client: None, account: bucket("device", &device) },
        None => Guess {
            client: Some(bucket("client", &client::of(app, request))),
            account: bucket("account", email),
        },
    };
    let client = guess.client.clone().map(|name| (name, PER_CLIENT));
    let buckets: Vec<_> =
        client.into_iter().chain([(guess.account.clone(), PER_ACCOUNT)]).collect();
    Ok(take(app, buckets).await?.map(|()| guess))
}

/// Asks for one registration.
pub(super) async fn ask_to_register(
    app: &App,
    request: &HttpRequest,
) -> Result<Result<(), Wait>, AppError> {
    take(app, vec![(bucket("register", &client::of(app, request)), REGISTRATIONS)]).await
}

/// Asks to report what a page did.
pub(super) async fn ask_to_report(
    app: &App,
    request: &HttpRequest,
) -> Result<Result<(), Wait>, AppError> {
    take(app, vec![(bucket("report", &client::of(app, request)), REPORTS)]).await
}

async fn take(
    app: &App,
    buckets: Vec<(String, AttemptLimit)>,
) -> Result<Result<(), Wait>, AppError> {
    let now = app.clock.now().naive_utc();
    let taken = app.database.transaction(move |connection| {
        for (name, limit) in &buckets {
            if let Err(until) = attempts::take(connection, name, *limit, now)? {
                return Ok(Err(until));
            }
        }
        Ok(Ok(()))
    });
    Ok(taken.await?.map_err(|until| Wait(seconds_until(until, now))))
}

impl Guess {
    /// It was the right one: nobody was guessing.
    pub(super) async fn was_right(self, app: &App) -> Result<(), AppError> {
        let now = app.clock.now().naive_utc();
        let forgotten = app.database.transaction(move |connection| {
            // In the order in which they are taken.
            if let Some(client) = &self.client {
                attempts::give_back(connection, client, now)?;
            }
            attempts::forget(connection, &self.account)
        });
        Ok(forgotten.await?)
    }
}

/// What a browser remembers of an account that was used on it.
pub(super) fn device(email: &str) -> String {
    bucket("device", email)
}
