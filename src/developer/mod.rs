//! The tools for developers, all in one room: the book, the mailbox, the profiler, and what workers
//! did. They exist in dev only, and in a build without the feature `developer` not at all.
//!
//! This file is the door: nobody outside names what lies behind it.

pub mod book;
mod mail_frame;
pub mod mailbox;
pub mod message_trace;
pub mod profiler;

use std::sync::Arc;

use actix_web::web;
use messenger::MessengerBuilder;
use messenger::clock::Clock;
use messenger::worker::Worker;
use messenger_doctrine::{Database, UnitOfWork};
use tokio::task::JoinHandle;
use tracing_subscriber::{Layer, Registry};

use crate::config::{AppEnv, Config};
use crate::mailer::Composer;

use mailbox::DevMailbox;
use message_trace::MessageTracer;
use profiler::Profiler;

pub use profiler::profile_requests;

/// The tools of one process. A clone is cheap and sees the same ones.
#[derive(Clone)]
pub struct Developer {
    /// Where the mails are found.
    pub mailbox: DevMailbox,
    /// What happened while requests were answered.
    pub profiler: Profiler,
    tracer: MessageTracer,
}

impl Developer {
    /// The tools; `None` outside dev.
    #[must_use]
    pub fn of(
        config: &Config,
        database: &Database,
        composer: &Composer,
        clock: &Clock,
    ) -> Option<Self> {
        (config.app_env == AppEnv::Dev).then(|| Self {
            mailbox: DevMailbox::of(&config.mailer_dsn),
            profiler: Profiler::new(clock.clone(), Some(Arc::new(composer.clone()))),
            tracer: MessageTracer::new(database.clone(), clock.clone()),
        })
    }

    /// The addresses of the tools, beside those of the gallery.
    pub fn routes(&self, config: &mut web::ServiceConfig) {
        config
            .app_data(web::Data::new(self.mailbox.clone()))
            .app_data(web::Data::new(self.profiler.clone()))
            .configure(book::routes)
            .configure(mailbox::routes)
            .configure(profiler::routes);
    }

    /// The same worker; what it does is noted for the profiles. The task ends when the worker is
    /// gone and everything is written.
    ///
    /// # Panics
    /// Outside of a runtime, or if the worker was started.
    #[must_use]
    pub fn watch(&self, worker: Worker<UnitOfWork>) -> (Worker<UnitOfWork>, JoinHandle<()>) {
        self.tracer.watch(worker)
    }
}

/// The same database; in dev, profiles show its statements.
#[must_use]
pub fn observed(database: Database, app_env: AppEnv) -> Database {
    match app_env {
        AppEnv::Dev => database.observed_by(Arc::new(profiler::Statements)),
        _ => database,
    }
}

/// The same builder; in dev, profiles show what is dispatched.
#[must_use]
pub fn listening(
    builder: MessengerBuilder<UnitOfWork>,
    app_env: AppEnv,
) -> MessengerBuilder<UnitOfWork> {
    match app_env {
        AppEnv::Dev => builder.dispatch_listener(profiler::Messages),
        _ => builder,
    }
}

/// In dev, what lets profiles show log lines.
#[must_use]
pub fn log_layer(app_env: AppEnv) -> Option<impl Layer<Registry> + Send + Sync> {
    (app_env == AppEnv::Dev).then(profiler::Logs::layer)
}
