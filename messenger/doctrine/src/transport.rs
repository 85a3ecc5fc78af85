//! `doctrine://`: a queue in a database table.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use messenger::async_trait;

use super::backend::Backend;
use super::connection::DbConnection;
use super::database::Database;
use super::dates::Dates;
use super::dialect::Dialect;
use super::layout::Layout;
use super::options::DoctrineOptions;
use super::queue::Queue;
use super::text::as_text;
use super::trigger::notify;
use super::unit_of_work::UnitOfWork;
use super::{DatabaseError, schema};
use messenger::clock::Clock;
use messenger::codec::{Codec, Encoded};
use messenger::stamp::{DelayStamp, QueueNameStamp, TransportMessageIdStamp};
use messenger::transport::{Delivery, Receiver, Sender, Transport};
use messenger::{Context, DispatchError, Envelope, Scope, Transactions as _, TransportError};

/// A queue in a table of the application's database. A message that is sent while a transaction is
/// open is part of it, if that is one of the same database (of the same URL).
#[derive(Debug)]
pub struct DoctrineTransport {
    pub(super) name: String,
    pub(super) database: Database,
    pub(super) options: DoctrineOptions,
    pub(super) codec: Arc<dyn Codec>,
    pub(super) clock: Clock,
    layout: Mutex<Option<Layout>>,
    pub(super) notified_at: Mutex<Option<Instant>>,
    /// A notification is about to be sent that makes up for those left out.
    pub(super) will_notify: Arc<AtomicBool>,
    /// The number of changes before the last look at the queue.
    pub(super) seen: AtomicU64,
    /// Until when an idle worker need not look, unless something changes.
    pub(super) idle_until: Mutex<Option<Instant>>,
    /// It was said that somebody writes dates that cannot be.
    pub(super) warned_of_dates: AtomicBool,
    pub(super) dates: Dates,
    /// When ended leases were last looked for, by queue.
    pub(super) looked_for_expired: Mutex<HashMap<String, Instant>>,
    /// The date of the last row that was claimed, by queue: where the next claim begins to look.
    pub(super) reached: Mutex<HashMap<String, String>>,
}

impl DoctrineTransport {
    /// A transport of this name. Nothing is opened or made yet.
    ///
    /// # Errors
    /// When an option has a value that cannot work.
    pub fn new(
        name: &str,
        database: Database,
        options: DoctrineOptions,
        codec: Arc<dyn Codec>,
        clock: Clock,
    ) -> Result<Self, TransportError> {
        let wrong =
            |problem| TransportError::Configuration(format!("transport \"{name}\": {problem}"));
        options.check(database.backend()).map_err(wrong)?;
        if database.backend() == Backend::Postgres && options.use_notify {
            database.watcher().add_channel(&options.table_name);
        }
        Ok(Self {
            name: name.to_owned(),
            database,
            options,
            codec,
            clock,
            layout: Mutex::default(),
            notified_at: Mutex::default(),
            will_notify: Arc::default(),
            seen: AtomicU64::new(u64::MAX),
            idle_until: Mutex::default(),
            warned_of_dates: AtomicBool::new(false),
            dates: Dates::default(),
            looked_for_expired: Mutex::default(),
            reached: Mutex::default(),
        })
    }

    /// The queue, once its table is known to exist.
    pub(super) async fn queue(&self, name: &str) -> Result<Queue, TransportError> {
        let known = *lock(&self.layout);
        let layout = match known {
            Some(layout) => layout,
            None => self.find_layout(&mut UnitOfWork::new(self.database.clone())).await?,
        };
        Ok(self.queue_with(name, layout))
    }

    fn queue_with(&self, name: &str, layout: Layout) -> Queue {
        let dialect = Dialect {
            backend: self.database.backend(),
            fractions: layout.fractions,
            clock: self.clock.clone(),
        };
        Queue {
            table: self.options.table_name.clone(),
            name: name.to_owned(),
            layout,
            dialect,
            redeliver_timeout: self.options.redeliver_timeout,
            foreign_redeliver_timeout: self.options.foreign_redeliver_timeout(),
            notifies_by_hand: self.may_notify(layout),
        }
    }

    /// Looks at the table, or makes it: within the open transaction, whose writes would otherwise
    /// keep us out. Such a table may vanish again, so it is not remembered.
    async fn find_layout(&self, unit: &mut UnitOfWork) -> Result<Layout, TransportError> {
        let table = self.options.table_name.clone();
        let found = unit.run(move |connection| Layout::of(connection, &table)).await;
        let layout = match found.map_err(|error| self.failed("look for the table of", error))? {
            Some(layout) => layout,
            None if self.options.auto_setup && unit.depth() > 0 => {
                let options = self.options.clone();
                let made = unit.run(move |connection| schema::make(connection, &options)).await;
                return made.map_err(|error| self.failed("make the table of", error));
            }
            None if self.options.auto_setup => self.make_table().await?,
            None => {
                let what = format!("the table \"{}\"", self.options.table_name);
                return Err(TransportError::NotSetUp { what });
            }
        };
        *lock(&self.layout) = Some(layout);
        Ok(layout)
    }

    /// Makes the table unless it is there, and what belongs to it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn setup(&self) -> Result<(), TransportError> {
        let layout = self.make_table().await?;
        *lock(&self.layout) = Some(layout);
        Ok(())
    }

    async fn make_table(&self) -> Result<Layout, TransportError> {
        let options = self.options.clone();
        let made = self.database.transaction(move |connection| schema::make(connection, &options));
        made.await.map_err(|error| self.failed("make the table of", error))
    }

    /// Forgets what the table looked like, if the error says that it is gone.
    pub(super) fn is_table_gone(&self, error: &DatabaseError) -> bool {
        let gone = matches!(error, DatabaseError::Query(query) if {
            let text = query.to_string();
            text.contains("no such table") || text.contains("does not exist")
        });
        if gone {
            *lock(&self.layout) = None;
        }
        gone
    }

    fn is_on_the_database_of(&self, unit: &UnitOfWork) -> bool {
        self.database.is_same(unit.database())
    }

    /// The unit of work of a dispatch if it is on this database, otherwise one of our own, in which no
    /// transaction is open.
    pub(super) fn unit_for<'a>(
        &self,
        unit: &'a mut UnitOfWork,
        own: &'a mut Option<UnitOfWork>,
    ) -> &'a mut UnitOfWork {
        match self.is_on_the_database_of(unit) {
            true => unit,
            false => own.insert(UnitOfWork::new(self.database.clone())),
        }
    }

    pub(super) fn failed(&self, what: &str, error: DatabaseError) -> TransportError {
        error.in_transport(format!("could not {what} \"{}\"", self.name))
    }

    async fn insert(
        &self,
        message: Encoded,
        queue: &str,
        delay: i64,
        unit: &mut UnitOfWork,
    ) -> Result<i64, TransportError> {
        let in_transaction = unit.depth() > 0;
        for attempt in 0.. {
            let known = *lock(&self.layout);
            let layout = match known {
                Some(layout) => layout,
                None => self.find_layout(unit).await?,
            };
            let queue = self.queue_with(queue, layout);
            let later = queue.clone();
            let notifies = self.should_notify(layout, in_transaction);
            let (body, headers) = as_text(&message);
            let work = move |connection: &mut DbConnection| {
                let id = queue.insert(connection, &body, &headers, delay)?;
                if notifies {
                    notify(connection, &queue)?;
                }
                Ok(id)
            };
            // In a transaction of its own, so that its outcome can be asked for if the answer is lost.
            let inserted = match in_transaction {
                true => unit.run(work).await,
                false => self.database.transaction(work).await,
            };
            match inserted {
                Ok(id) => {
                    if !in_transaction && !notifies && self.may_notify(layout) {
                        self.notify_later(later);
                    }
                    return Ok(id);
                }
                Err(error) if self.is_table_gone(&error) && attempt == 0 => {}
                Err(error) => return Err(self.failed("send to", error)),
            }
        }
        unreachable!("the loop ends with a return")
    }
}

#[async_trait]
impl<S: Scope + AsMut<UnitOfWork>> Transport<S> for DoctrineTransport {
    fn class(&self) -> &'static str {
        "DoctrineTransport"
    }

    fn sender(&self) -> &dyn Sender<S> {
        self
    }

    fn receiver(&self) -> Option<&dyn Receiver<S>> {
        Some(self)
    }

    async fn setup(&self) -> Result<bool, TransportError> {
        Self::setup(self).await.map(|()| true)
    }
}

#[async_trait]
impl<S: Scope + AsMut<UnitOfWork>> Sender<S> for DoctrineTransport {
    async fn send(
        &self,
        envelope: Envelope,
        cx: &mut Context<S>,
    ) -> Result<Envelope, DispatchError> {
        let message = self.codec.encode(&envelope).map_err(TransportError::from)?;
        let delay = envelope.last::<DelayStamp>().map_or(0, |stamp| stamp.delay);
        let queue = envelope.last::<QueueNameStamp>().map(|stamp| &stamp.queue_name);
        let queue = queue.unwrap_or(&self.options.queue_name);
        let mut own = None;
        let unit = self.unit_for(cx.scope.as_mut(), &mut own);
        let id = self.insert(message, queue, delay, unit).await?;
        Ok(envelope
            .without::<TransportMessageIdStamp>()
            .with(TransportMessageIdStamp { id: id.into() }))
    }

    fn delivery(&self) -> Delivery {
        Delivery::WithTransaction
    }

    fn joins(&self, scope: &mut S) -> bool {
        self.is_on_the_database_of(scope.as_mut())
    }

    fn codec(&self) -> Option<&dyn Codec> {
        Some(&*self.codec)
    }

    fn supports_delay(&self) -> bool {
        true
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
