//! What libpq is told about a network that may fall silent, unless the URL or the environment says
//! something else.

/// The parameters, and the variable with which libpq can be told otherwise. Keepalives end an idle
/// connection to a machine that is gone after eleven seconds, `tcp_user_timeout` one on which
/// something was sent after ten.
const PARAMETERS: [(&str, &str, Option<&str>); 6] = [
    ("connect_timeout", "3", Some("PGCONNECT_TIMEOUT")),
    ("tcp_user_timeout", "10000", None),
    ("keepalives", "1", None),
    ("keepalives_idle", "5", None),
    ("keepalives_interval", "2", None),
    ("keepalives_count", "3", None),
];

/// The URL with the parameters that it lacks.
pub(super) fn bounded(url: &str) -> String {
    bounded_in(url, |variable| std::env::var_os(variable).is_some())
}

fn bounded_in(url: &str, is_set: impl Fn(&str) -> bool) -> String {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let mut bounded = url.to_owned();
    for (name, value, variable) in PARAMETERS {
        let is_given = query.split('&').any(|pair| pair.split('=').next() == Some(name));
        if is_given || variable.is_some_and(&is_set) {
            continue;
        }
        match bounded.split_once('?') {
            None => bounded.push('?'),
            Some((_, "")) => {}
            Some(_) => bounded.push('&'),
        }
        bounded.push_str(&format!("{name}={value}"));
    }
    bounded
}

#[cfg(test)]
mod tests {
    use super::bounded_in;

    #[test]
    fn r4_libpq_is_given_bounds_unless_somebody_has() {
        let all = "connect_timeout=3&tcp_user_timeout=10000&keepalives=1&keepalives_idle=5\
                   &keepalives_interval=2&keepalives_count=3";
        let nobody = |_: &str| false;
        assert_eq!(bounded_in("postgres://h/x", nobody), format!("postgres://h/x?{all}"));
        let given = bounded_in("postgres://h/x?connect_timeout=60&keepalives=0", nobody);
        assert!(given.starts_with("postgres://h/x?connect_timeout=60&keepalives=0&"), "{given}");
        assert_eq!(given.matches("connect_timeout").count(), 1, "{given}");
        assert_eq!(given.matches("keepalives=").count(), 1, "{given}");
        let set = bounded_in("postgres://h/x", |name| name == "PGCONNECT_TIMEOUT");
        assert!(!set.contains("connect_timeout=") && set.contains("tcp_user_timeout"), "{set}");
    }
}
