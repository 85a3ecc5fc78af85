//! Claims: which rows this process holds, and what proves it.

/// A claim on a row: its id, and what `delivered_at` said when this process claimed or found it.
pub(super) type Claim = (i64, Option<String>);

/// Ids as a list for SQL.
pub(super) fn list(ids: &[i64]) -> String {
    ids.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
}

/// Claims of one fetch share a lease: they are settled in one statement.
pub(super) fn by_lease(claims: &[Claim]) -> Vec<(Option<&str>, Vec<i64>)> {
    let mut groups: Vec<(Option<&str>, Vec<i64>)> = Vec::new();
    for (id, lease) in claims {
        let lease = lease.as_deref();
        match groups.iter_mut().find(|(known, _)| *known == lease) {
            Some((_, ids)) => ids.push(*id),
            None => groups.push((lease, vec![*id])),
        }
    }
    groups
}
