//! Lines of the log that strangers cause: a few for each client, not many in all, and then how many
//! were left out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use actix_web::{HttpRequest, rt, web};

use super::client::Client;
use super::trusted_proxies::TrustedProxies;

/// Counting begins anew so often.
const WINDOW: Duration = Duration::from_secs(60);
/// So many lines of a kind are written about one client.
const OF_CLIENT: u32 = 10;
/// So many lines of a kind are written about all clients.
const IN_ALL: u32 = 100;

/// Counts lines of the log. Put it into the application as [`web::Data`]. A clone is cheap and
/// counts the same ones.
#[derive(Debug, Clone, Default)]
pub struct LogShare(Arc<Mutex<HashMap<&'static str, Lines>>>);

/// The lines of one kind.
#[derive(Debug, Default)]
struct Lines {
    began: Option<Instant>,
    in_all: u32,
    of_client: HashMap<String, u32>,
    left_out: u64,
}

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Written,
    LeftOut,
    /// It is the first one that is: somebody has to say later how many there were.
    FirstLeftOut,
}

/// Whether one more line of this kind may be written about whoever sent this request.
#[must_use]
pub fn may_log(request: &HttpRequest, kind: &'static str) -> bool {
    let Some(share) = request.app_data::<web::Data<LogShare>>() else { return true };
    let proxies = request.app_data::<web::Data<TrustedProxies>>();
    let client = proxies.map_or(Client::Unknown, |proxies| proxies.client(request));
    let fate = share.count(kind, &client.name(), Instant::now());
    if fate == Fate::FirstLeftOut {
        let share = share.get_ref().clone();
        rt::spawn(async move {
            tokio::time::sleep(WINDOW).await;
            let left_out = share.left_out(kind);
            tracing::warn!(event = kind, left_out, "… and {left_out} more lines of this kind");
        });
    }
    fate == Fate::Written
}

impl LogShare {
    fn count(&self, kind: &'static str, client: &str, now: Instant) -> Fate {
        let mut kinds = self.kinds();
        let lines = kinds.entry(kind).or_default();
        if lines.began.is_none_or(|began| now.duration_since(began) >= WINDOW) {
            lines.began = Some(now);
            lines.in_all = 0;
            lines.of_client.clear();
        }
        if lines.in_all < IN_ALL {
            let of_client = lines.of_client.entry(client.to_owned()).or_default();
            if *of_client < OF_CLIENT {
                *of_client += 1;
                lines.in_all += 1;
                return Fate::Written;
            }
        }
        lines.left_out += 1;
        if lines.left_out == 1 { Fate::FirstLeftOut } else { Fate::LeftOut }
    }

    /// How many were left out since that was asked last.
    fn left_out(&self, kind: &'static str) -> u64 {
        self.kinds().get_mut(kind).map_or(0, |lines| std::mem::take(&mut lines.left_out))
    }

    fn kinds(&self) -> MutexGuard<'_, HashMap<&'static str, Lines>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_has_a_few_lines_a_minute_and_the_rest_is_a_number() {
        let (share, now) = (LogShare::default(), Instant::now());
        let count = |client: &str, now| share.count("kind", client, now);
        for _ in 0..OF_CLIENT {
            assert_eq!(count("eve", now), Fate::Written);
        }
        assert_eq!(count("eve", now), Fate::FirstLeftOut);
        assert_eq!(count("eve", now), Fate::LeftOut);
        assert_eq!(count("vera", now), Fate::Written, "somebody else");
        assert_eq!(share.count("another kind", "eve", now), Fate::Written);
        let later = now + WINDOW;
        assert_eq!(count("eve", later), Fate::Written);
        assert_eq!((share.left_out("kind"), share.left_out("kind")), (2, 0));
    }

    #[test]
    fn many_clients_have_no_more_than_so_many_lines_together() {
        let (share, now) = (LogShare::default(), Instant::now());
        let fates = (0..1000).map(|number| share.count("kind", &number.to_string(), now));
        let written = fates.filter(|fate| *fate == Fate::Written).count();
        assert_eq!((written, share.left_out("kind")), (100, 900));
        assert_eq!(share.kinds()["kind"].of_client.len(), 100, "nor is more remembered");
    }
}
