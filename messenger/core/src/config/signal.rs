//! The signals that may stop a worker, `stop_worker_on_signals = ["SIGTERM", 2]`.

use super::{
    located::Located,
    node::{Node, Value},
    problem::{Problem, Problems},
    suggestion::unknown_name,
};

/// A signal a worker can listen to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Signal {
    /// The terminal was closed (1).
    Hangup,
    /// Ctrl-C (2).
    Interrupt,
    /// Ctrl-\ (3).
    Quit,
    /// Free for the user's own purposes (10).
    User1,
    /// Free for the user's own purposes (12).
    User2,
    /// The polite request to end (15).
    Terminate,
}

impl Signal {
    const ALL: [Self; 6] =
        [Self::Hangup, Self::Interrupt, Self::Quit, Self::User1, Self::User2, Self::Terminate];
    const NAMES: [&str; 6] = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGTERM"];

    /// Its name, e.g. `SIGTERM`.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// Its number on Linux, e.g. 15.
    #[must_use]
    pub fn number(self) -> i32 {
        [1, 2, 3, 10, 12, 15][self as usize]
    }

    /// Reads a list of names or numbers; wrong ones are noted and left out.
    pub(super) fn read_list(node: &Node, problems: &Problems) -> Vec<Located<Self>> {
        let Value::List(items) = &node.value else {
            problems.expected("a list of signals", node);
            return Vec::new();
        };
        items.iter().filter_map(|item| Self::read(item, problems)).collect()
    }

    fn read(node: &Node, problems: &Problems) -> Option<Located<Self>> {
        let (written, found): (_, Option<Self>) = match &node.value {
            Value::Text(name) => (name.clone(), Self::find(|signal| signal.name() == name)),
            Value::Integer(number) => {
                (number.to_string(), Self::find(|signal| i64::from(signal.number()) == *number))
            }
            _ => {
                problems.expected("a signal name or number", node);
                return None;
            }
        };
        if found.is_none() {
            let message = unknown_name(&written, "signal", &Self::NAMES);
            problems.add(Problem::new(&node.origin, message));
        }
        found.map(|signal| Located::new(signal, node.origin.clone()))
    }

    fn find(matches: impl Fn(&Self) -> bool) -> Option<Self> {
        Self::ALL.into_iter().find(matches)
    }
}
