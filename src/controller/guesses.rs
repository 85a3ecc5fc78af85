//! Slows down who guesses passwords, without locking out whose they are.

use actix_web::HttpRequest;
use chrono::TimeDelta;

use super::{App, AppError, viewer};
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

/// A whole site may do so many times as much as one client in it.
pub(super) const CLIENTS_OF_A_SITE: i32 = 10;

/// One guess that was let through, and under which names it is counted.
pub(super) struct Guess {
    /// Of a browser that does not know the account: its client, and the site of that.
    clients: Vec<String>,
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
    let device = app.session_cookies.known_device(request, &device(email));
    let (account, mut buckets) = match device {
        Some(device) => (bucket("device", &device), Vec::new()),
        None => (bucket("account", email), of_client("client", app, request, PER_CLIENT)),
    };
    let clients = buckets.iter().map(|(name, _)| name.clone()).collect();
    buckets.push((account.clone(), PER_ACCOUNT));
    Ok(take(app, buckets).await?.map(|()| Guess { clients, account }))
}

/// Asks for one registration.
pub(super) async fn ask_to_register(
    app: &App,
    request: &HttpRequest,
) -> Result<Result<(), Wait>, AppError> {
    take(app, of_client("register", app, request, REGISTRATIONS)).await
}

/// Asks to report what a page did.
pub(super) async fn ask_to_report(
    app: &App,
    request: &HttpRequest,
) -> Result<Result<(), Wait>, AppError> {
    take(app, of_client("report", app, request, REPORTS)).await
}

/// Under which names a client is counted, and how often it may be.
fn of_client(
    kind: &str,
    app: &App,
    request: &HttpRequest,
    limit: AttemptLimit,
) -> Vec<(String, AttemptLimit)> {
    let client = viewer::client(app, request);
    let site = client
        .site()
        .map(|site| (bucket(&format!("{kind}-site"), &site), limit.times(CLIENTS_OF_A_SITE)));
    [(bucket(kind, &client.name()), limit)].into_iter().chain(site).collect()
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
            for client in &self.clients {
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
