//! The tutorial's knobs: slow work and faults on demand, all off in prod.

use std::str::FromStr;
use std::time::Duration;

use super::{AppEnv, vars::Vars};

/// The knobs; the default is all off.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tutorial {
    /// `PONKA_SLEEP_MS`: how long Ponka takes to arrive, on top of the real work.
    pub ponka_sleep: Duration,
    /// `DELETE_SLEEP_MS`: how long deleting takes, on top of the real work.
    pub delete_sleep: Duration,
    /// `FAULT_ADD_PONKA`: adding Ponka to a photo.
    pub add_ponka: Fault,
    /// `FAULT_DELETE_FILE`: deleting the file of a photo.
    pub delete_file: Fault,
    /// `FAULT_DB_DELETE`: deleting the row of a photo.
    pub db_delete: Fault,
    /// `FAULT_SMTP`: handing a mail over.
    pub smtp: Fault,
}

/// When a step fails on purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Fault {
    /// `never`: the default.
    #[default]
    Never,
    /// `always`: every call.
    Always,
    /// `random:P`: each time with this probability, from 0 to 1.
    Random(f64),
    /// `times:N`: the first N times.
    Times(u32),
}

/// A text that names no fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("allowed: {FAULTS}")]
pub struct InvalidFault;

/// What a fault may be, in words.
const FAULTS: &str = "never, always, random:P (P from 0 to 1) or times:N";

impl Tutorial {
    pub(super) fn read(vars: &mut Vars<'_>, app_env: AppEnv) -> Self {
        if app_env == AppEnv::Prod {
            return Self::default();
        }
        Self {
            ponka_sleep: sleep(vars, "PONKA_SLEEP_MS"),
            delete_sleep: sleep(vars, "DELETE_SLEEP_MS"),
            add_ponka: read_fault(vars, "FAULT_ADD_PONKA"),
            delete_file: read_fault(vars, "FAULT_DELETE_FILE"),
            db_delete: read_fault(vars, "FAULT_DB_DELETE"),
            smtp: read_fault(vars, "FAULT_SMTP"),
        }
    }
}

impl FromStr for Fault {
    type Err = InvalidFault;

    fn from_str(text: &str) -> Result<Self, InvalidFault> {
        let fault = match text.split_once(':') {
            None if text == "never" => Some(Self::Never),
            None if text == "always" => Some(Self::Always),
            Some(("random", p)) => {
                p.parse().ok().filter(|p| (0.0..=1.0).contains(p)).map(Self::Random)
            }
            Some(("times", n)) => n.parse().ok().map(Self::Times),
            _ => None,
        };
        fault.ok_or(InvalidFault)
    }
}

fn sleep(vars: &mut Vars<'_>, name: &'static str) -> Duration {
    let allowed = "milliseconds, a whole number ≥ 0";
    vars.parse(name, allowed, |text| text.parse().ok().map(Duration::from_millis))
        .unwrap_or_default()
}

fn read_fault(vars: &mut Vars<'_>, name: &'static str) -> Fault {
    vars.parse(name, FAULTS, |text| text.parse().ok()).unwrap_or_default()
}
