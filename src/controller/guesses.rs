//! Slows down who guesses passwords, without locking out whose they are.

use actix_web::HttpRequest;
use chrono::{NaiveDateTime, TimeDelta};

use super::{App, AppError};
use crate::repository::attempts::{self, AttemptLimit, bucket};

/// Five guesses for an account, then one a minute, then fewer and fewer.
const PER_ACCOUNT: AttemptLimit = AttemptLimit {
    free: 5,
    window: TimeDelta::days(1),
    first_wait: TimeDelta::minutes(1),
    longest_wait: TimeDelta::minutes(15),
};
/// Twenty guesses a minute from one address, whatever the accounts.
const PER_ADDRESS: AttemptLimit = AttemptLimit {
    free: 20,
    window: TimeDelta::minutes(1),
    first_wait: TimeDelta::minutes(1),
    longest_wait: TimeDelta::minutes(1),
};

/// One guess that was let through.
pub(super) struct Guess {
    account: String,
    address: String,
}

/// What came of asking for a guess.
pub(super) enum Asked {
    /// Go on.
    Granted(Guess),
    /// Not now.
    Wait {
        /// Until the next guess is heard.
        seconds: i64,
    },
}

/// Asks for one guess at the password of the account with this address for mail. The answer is the
/// same whether or not there is such an account.
pub(super) async fn ask(app: &App, request: &HttpRequest, email: &str) -> Result<Asked, AppError> {
    let now = app.clock.now().naive_utc();
    let known = if app.session_cookies.knows_device(request, &device(email)) {
        "device"
    } else {
        "account"
    };
    let account = bucket(known, email);
    let address = bucket("address", &client(request));
    let buckets = [(address.clone(), PER_ADDRESS), (account.clone(), PER_ACCOUNT)];
    let taken = app.database.transaction(move |connection| {
        for (name, limit) in &buckets {
            if let Err(until) = attempts::take(connection, name, *limit, now)? {
                return Ok(Err(until));
            }
        }
        Ok(Ok(()))
    });
    match taken.await? {
        Ok(()) => Ok(Asked::Granted(Guess { account, address })),
        Err(until) => Ok(Asked::Wait { seconds: seconds(until, now) }),
    }
}

impl Guess {
    /// It was the right one: nobody was guessing.
    pub(super) async fn was_right(self, app: &App) -> Result<(), AppError> {
        let now = app.clock.now().naive_utc();
        let forgotten = app.database.transaction(move |connection| {
            attempts::forget(connection, &self.account)?;
            attempts::give_back(connection, &self.address, now)
        });
        Ok(forgotten.await?)
    }
}

/// What a browser remembers of an account that was used on it.
pub(super) fn device(email: &str) -> String {
    bucket("device", email)
}

/// Where a request comes from, as far as nobody can make it up: headers are not asked. Of an
/// IPv6 address the network, because everybody has as many addresses as they like.
fn client(request: &HttpRequest) -> String {
    match request.peer_addr().map(|address| address.ip()) {
        Some(std::net::IpAddr::V6(address)) if address.to_ipv4_mapped().is_none() => {
            hex::encode(&address.octets()[..8])
        }
        Some(address) => address.to_canonical().to_string(),
        None => "unknown".to_owned(),
    }
}

fn seconds(until: NaiveDateTime, now: NaiveDateTime) -> i64 {
    ((until - now).num_milliseconds() + 999) / 1000
}
