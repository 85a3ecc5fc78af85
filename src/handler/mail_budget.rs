//! How many mails strangers can cause for one address: one budget, whatever they do.
//!
//! Who sends a mail because somebody asked who has not shown that the address is theirs, asks here
//! first. What is counted hangs on the address and on no account, so deleting the account and
//! registering again begins nothing anew.

use chrono::{NaiveDateTime, TimeDelta};
use messenger::HandlerError;
use messenger_doctrine::{DatabaseContext as _, DbConnection};

use super::Cx;
use crate::repository::attempts::{self, AttemptLimit, bucket};

/// Four mails at once, another one an hour later, then fewer and fewer: at most eight in a day.
const BUDGET: AttemptLimit = AttemptLimit {
    free: 4,
    window: TimeDelta::days(1),
    first_wait: TimeDelta::hours(1),
    longest_wait: TimeDelta::days(1),
};

/// What became of a request for one mail.
enum Answer {
    Granted,
    /// Not before this moment; whether this is the first that is refused until then.
    Refused(NaiveDateTime, bool),
}

/// Takes one mail to this address from its budget; `false` if there is none left, which the log says
/// once. Part of the handler's transaction: what is rolled back has taken nothing.
pub(super) async fn take(
    address: &str,
    now: NaiveDateTime,
    cx: &mut Cx,
) -> Result<bool, HandlerError> {
    let inbox = inbox(address);
    let answer = cx.db(move |connection| ask(connection, &inbox, now)).await?;
    if let Answer::Refused(until, true) = answer {
        tracing::warn!(
            "{address} gets no more mails before {} UTC: others ask for them again and again",
            until.format("%Y-%m-%d %H:%M:%S")
        );
    }
    Ok(matches!(answer, Answer::Granted))
}

fn ask(
    connection: &mut DbConnection,
    inbox: &str,
    now: NaiveDateTime,
) -> diesel::QueryResult<Answer> {
    let Err(until) = attempts::take(connection, &bucket("mail", inbox), BUDGET, now)? else {
        return Ok(Answer::Granted);
    };
    let refusals = bucket(attempts::MAIL_REFUSED, inbox);
    let once = AttemptLimit::per(until - now, 1);
    let is_first = attempts::take(connection, &refusals, once, now)?.is_ok();
    Ok(Answer::Refused(until, is_first))
}

/// The inbox behind an address: what stands behind a `+` only sorts its mails.
fn inbox(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((name, domain)) => {
            let own = name.split('+').next().filter(|own| !own.is_empty()).unwrap_or(name);
            format!("{own}@{domain}")
        }
        None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::inbox;

    #[test]
    fn s6_what_sorts_mails_makes_no_other_inbox() {
        for (address, expected) in [
            ("vera@example.com", "vera@example.com"),
            ("vera+1@example.com", "vera@example.com"),
            ("vera+1+2@example.com", "vera@example.com"),
            ("+1@example.com", "+1@example.com"),
            ("vera@a+b.example", "vera@a+b.example"),
        ] {
            assert_eq!(inbox(address), expected);
        }
    }
}
