//! The options of the `doctrine://` transport.

use std::time::Duration;

use super::backend::Backend;
use super::table_name;
use messenger::config::options::{Allowed, OptionError, OptionSet, OptionSpec};

/// What a `doctrine://` transport is configured with. Names and meanings are Symfony's; where a
/// default differs, its comment says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoctrineOptions {
    /// The table.
    pub table_name: String,
    /// The value of the `queue_name` column: several transports share one table.
    pub queue_name: String,
    /// A claimed message whose lease is not renewed for so long is delivered again. Symfony: one
    /// hour, and no renewal.
    pub redeliver_timeout: Duration,
    /// The same for messages that somebody else has claimed, a PHP worker: nothing tells whether it
    /// is still at work. Never less than `redeliver_timeout`. Symfony's own default.
    pub foreign_redeliver_timeout: Duration,
    /// Whether the table is made when it is missing.
    pub auto_setup: bool,
    /// How long an idle worker relies on notifications (PostgreSQL): with none it looks into the
    /// queue after this time all the same. Symfony: one minute.
    pub check_delayed_interval: Duration,
    /// How long to wait for a notification; accepted for Symfony's sake, a worker always waits.
    pub get_notify_timeout: Duration,
    /// Whether notifications are sent and listened for (PostgreSQL).
    pub use_notify: bool,
    /// With more deliveries than this, because workers vanished with the message, it is set aside.
    /// Ours; Symfony delivers it for ever.
    pub max_deliveries: u32,
}

impl Default for DoctrineOptions {
    fn default() -> Self {
        Self {
            table_name: "messenger_messages".to_owned(),
            queue_name: "default".to_owned(),
            redeliver_timeout: Duration::from_secs(60),
            foreign_redeliver_timeout: Duration::from_secs(3600),
            auto_setup: true,
            check_delayed_interval: Duration::from_millis(5_000),
            get_notify_timeout: Duration::ZERO,
            use_notify: true,
            max_deliveries: 3,
        }
    }
}

impl DoctrineOptions {
    /// How long claims of others last; a longer timeout of ours is meant for them too.
    pub(super) fn foreign_redeliver_timeout(&self) -> Duration {
        self.foreign_redeliver_timeout.max(self.redeliver_timeout)
    }

    /// Whether the values can work with this database.
    pub(super) fn check(&self, backend: Backend) -> Result<(), String> {
        table_name::check(&self.table_name, backend)?;
        if self.queue_name.is_empty() || self.queue_name.chars().count() > 190 {
            return Err("queue_name must have 1 to 190 characters".to_owned());
        }
        if self.redeliver_timeout < Duration::from_secs(1) {
            return Err("redeliver_timeout must be at least 1 second".to_owned());
        }
        Ok(())
    }
}

/// The options, as `debug:transports` prints them.
pub static DOCTRINE_OPTIONS: &[OptionSpec] = &[
    OptionSpec::new(
        "table_name",
        "messenger_messages",
        "the table; on PostgreSQL it may be schema.table",
    ),
    OptionSpec::new(
        "queue_name",
        "default",
        "value of the queue_name column; several transports share one table",
    ),
    OptionSpec::new(
        "redeliver_timeout",
        "60",
        "seconds after which a message is delivered again whose worker vanished",
    ),
    OptionSpec::new(
        "foreign_redeliver_timeout",
        "3600",
        "the same for messages that a PHP worker has claimed, which does not renew its claim",
    ),
    OptionSpec::new("auto_setup", "true", "make the table when it is missing"),
    OptionSpec::new(
        "check_delayed_interval",
        "5000",
        "milliseconds an idle worker relies on notifications (PostgreSQL)",
    ),
    OptionSpec::new(
        "get_notify_timeout",
        "0",
        "accepted for Symfony's sake; a worker always waits for notifications (PostgreSQL)",
    ),
    OptionSpec::new("use_notify", "true", "send and await notifications (PostgreSQL)")
        .only(Allowed::OptionsOnly),
    OptionSpec::new(
        "max_deliveries",
        "3",
        "deliveries to workers that vanish, after which the message is set aside",
    ),
];

impl DoctrineOptions {
    /// Reads the options of a transport.
    ///
    /// # Errors
    /// When a value is of the wrong kind.
    pub fn from_set(set: &OptionSet) -> Result<Self, OptionError> {
        let default = Self::default();
        let text = |name, default: String| set.text(name).map_or(default, str::to_owned);
        Ok(Self {
            table_name: text("table_name", default.table_name),
            queue_name: text("queue_name", default.queue_name),
            redeliver_timeout: set
                .seconds("redeliver_timeout")?
                .unwrap_or(default.redeliver_timeout),
            foreign_redeliver_timeout: set
                .seconds("foreign_redeliver_timeout")?
                .unwrap_or(default.foreign_redeliver_timeout),
            auto_setup: set.bool("auto_setup")?,
            check_delayed_interval: set
                .milliseconds("check_delayed_interval")?
                .unwrap_or(default.check_delayed_interval),
            get_notify_timeout: set
                .milliseconds("get_notify_timeout")?
                .unwrap_or(default.get_notify_timeout),
            use_notify: set.bool("use_notify")?,
            max_deliveries: set.integer("max_deliveries")?.unwrap_or(default.max_deliveries),
        })
    }
}
