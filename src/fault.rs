//! Failing on purpose: the knobs with which the tutorial shows what happens then.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU32, Ordering};

use thiserror::Error;

use crate::config::Fault;

/// A place that fails on purpose if its knob says so.
#[derive(Debug)]
pub struct FaultPoint {
    fault: Fault,
    variable: &'static str,
    times: AtomicU32,
    random: Mutex<fastrand::Rng>,
}

/// The knob of this name made something fail.
#[derive(Debug, Error)]
#[error("{0} makes this fail on purpose")]
pub struct InjectedFault(&'static str);

impl FaultPoint {
    /// A place whose knob is this variable.
    #[must_use]
    pub fn new(variable: &'static str, fault: Fault) -> Self {
        let random = Mutex::new(fastrand::Rng::new());
        Self { fault, variable, times: AtomicU32::new(0), random }
    }

    /// Fails if it is time to.
    ///
    /// # Errors
    /// [`InjectedFault`], as the knob says.
    pub fn check(&self) -> Result<(), InjectedFault> {
        let fails = match self.fault {
            Fault::Never => false,
            Fault::Always => true,
            Fault::Random(probability) => {
                self.random.lock().unwrap_or_else(PoisonError::into_inner).f64() < probability
            }
            Fault::Times(times) => self.times.fetch_add(1, Ordering::SeqCst) < times,
        };
        if fails { Err(InjectedFault(self.variable)) } else { Ok(()) }
    }
}
