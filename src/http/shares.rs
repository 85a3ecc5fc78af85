//! What clients have at the same time, counted: nobody has more than a share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::client::Client;

/// The clients of one site may together have so many times as much as one of them.
const CLIENTS_OF_A_SITE: usize = 2;

/// Counts something of which each client may have so many at the same time. A clone is cheap and
/// counts the same ones.
#[derive(Debug, Clone)]
pub struct Shares {
    of_client: usize,
    taken: Arc<Mutex<HashMap<String, usize>>>,
}

/// One that somebody has. Dropped, it is given back.
#[derive(Debug)]
pub struct Share {
    names: Vec<String>,
    taken: Arc<Mutex<HashMap<String, usize>>>,
}

impl Shares {
    /// So many for each client.
    #[must_use]
    pub fn new(of_client: usize) -> Self {
        Self { of_client, taken: Arc::default() }
    }

    /// Takes one for a client; `None` if it, or its site, has too many already.
    #[must_use]
    pub fn take(&self, client: Client) -> Option<Share> {
        let site = client.site().map(|site| (site, self.of_client * CLIENTS_OF_A_SITE));
        let names = [(client.name(), self.of_client)].into_iter().chain(site);
        let names: Vec<(String, usize)> = names.collect();
        let mut taken = lock(&self.taken);
        let has = |name: &str| taken.get(name).copied().unwrap_or(0);
        if names.iter().any(|(name, most)| has(name) >= *most) {
            return None;
        }
        let names: Vec<String> = names.into_iter().map(|(name, _)| name).collect();
        for name in &names {
            *taken.entry(name.clone()).or_default() += 1;
        }
        Some(Share { names, taken: Arc::clone(&self.taken) })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        for name in &self.names {
            let Some(count) = taken.get_mut(name) else { continue };
            *count -= 1;
            if *count == 0 {
                taken.remove(name);
            }
        }
    }
}

fn lock(taken: &Mutex<HashMap<String, usize>>) -> MutexGuard<'_, HashMap<String, usize>> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_has_a_share_and_so_has_its_site() {
        let shares = Shares::new(3);
        let at = |address: &str| Client::At(address.parse().unwrap());
        let mut eves: Vec<_> = (0..4).map(|_| shares.take(at("192.0.2.1"))).collect();
        assert!(eves.pop().is_some_and(|fourth| fourth.is_none()));
        assert!(shares.take(at("192.0.2.2")).is_some(), "somebody else");
        eves.pop();
        assert!(shares.take(at("192.0.2.1")).is_some(), "what was given back");

        let networks = (0..9).map(|network| at(&format!("2001:db8:1:{network}::1")));
        let site: Vec<_> = networks.filter_map(|client| shares.take(client)).collect();
        assert_eq!(site.len(), 6);
        assert!(shares.take(at("2001:db8:2::1")).is_some(), "another site");
        drop((site, eves));
        assert!(lock(&shares.taken).is_empty(), "nobody is remembered");
    }
}
