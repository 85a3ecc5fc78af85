//! The kernel: opens database and storage, builds the messenger. The only file that knows
//! everything.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use messenger::clock::Clock;
use messenger::config::{ConfigLoader, MessengerConfig};
use messenger::transport::{InMemoryFactory, SyncFactory, TransportFactory};
use messenger::{Interface, Messenger, MessengerBuilder, TransactionMiddleware};
use messenger_doctrine::{Database, DoctrineFactory, UnitOfWork};
use tracing::warn;

use crate::codec::ExternalJson;
use crate::config::{Config, DatabaseUrl, Environment};
use crate::darkroom::Darkroom;
use crate::developer::{self, Developer};
use crate::fault::FaultPoint;
use crate::handler::PhotoGivenUp;
use crate::handler::command::{
    AddPonkaToImageHandler, DeleteImagePostHandler, DeletePhotoFileHandler, DeleteUserHandler,
    LogEmojiHandler, RegisterUserHandler, SendEmailMessageHandler,
};
use crate::handler::event::{ClaimPhotosWhenUserRegistered, SendWelcomeEmailWhenUserRegistered};
use crate::handler::query::GetTotalImageCountHandler;
use crate::live_feed::LiveFeed;
use crate::mailer::{self, BodyRenderer, Composer, ComposerSettings, Mailer};
use crate::message::command::{
    AddPonkaToImage, DeleteImagePost, DeletePhotoFile, DeleteUser, LogEmoji, RegisterUser,
    SendEmailMessage,
};
use crate::message::event::UserRegistered;
use crate::message::query::GetTotalImageCount;
use crate::message::{COMMAND_BUS, EVENT_BUS, QUERY_BUS};
use crate::middleware::{Audit, UniqueIdStamp};
use crate::migrations;
use crate::photo::Ponkaficator;
use crate::photo_storage::PhotoStorage;

/// The messenger of this application.
pub type AppMessenger = Messenger<UnitOfWork>;

/// Where the application's files are: `messenger.toml`, `.env`.
#[derive(Debug, Clone)]
pub struct Project {
    /// Relative paths of the configuration begin here.
    pub folder: PathBuf,
    /// The environment, files and real variables together.
    pub environment: Environment,
}

/// How many uploads are looked at, at the same time, in one process.
const UPLOADS_AT_ONCE: usize = 1;
/// How many photos Ponka visits at the same time in one process, however many messages a worker
/// handles: each takes up to 200 MB.
const PHOTOS_AT_ONCE: usize = 2;

/// The application, put together.
pub struct Kernel {
    /// What the environment says.
    pub config: Config,
    /// What `messenger.toml` says.
    pub messenger_config: MessengerConfig,
    /// Rows, and the queues of `doctrine://default`.
    pub database: Database,
    /// Where the photos are.
    pub photos: PhotoStorage,
    /// Every change of a photo or an account goes through it.
    pub messenger: AppMessenger,
    /// The `in-memory://` transports, for tests.
    pub in_memory: InMemoryFactory,
    /// Renders mails and puts them together.
    pub mail_composer: Composer,
    /// Takes mails to the SMTP server, or into a folder.
    pub mail_transport: mailer::Transport,
    /// What time it is.
    pub clock: Clock,
    /// Where uploads are decoded; the worker has a darkroom of its own.
    pub darkroom: Arc<Darkroom>,
    /// The tools for developers; `None` outside dev.
    pub developer: Option<Developer>,
    /// The open pages that are told of changes.
    pub live: LiveFeed,
}

impl Project {
    /// Reads the environment of the project in this folder; `env` overrides `APP_ENV`, and `bind`
    /// overrides `BIND`.
    ///
    /// # Errors
    /// When an `.env` file cannot be read.
    pub fn load(folder: &Path, env: Option<&str>, bind: Option<&str>) -> anyhow::Result<Self> {
        let mut real: BTreeMap<String, String> = std::env::vars().collect();
        for (name, value) in [("APP_ENV", env), ("BIND", bind)] {
            if let Some(value) = value {
                real.insert(name.to_owned(), value.to_owned());
            }
        }
        let environment = Environment::load(folder, &real)?;
        Ok(Self { folder: folder.to_owned(), environment })
    }

    /// The typed configuration.
    ///
    /// # Errors
    /// Everything that is wrong with a variable.
    pub fn config(&self) -> anyhow::Result<Config> {
        Ok(Config::from_vars(&self.environment.values())?)
    }

    /// `messenger.toml` with its overlay.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn messenger_config(&self, config: &Config) -> anyhow::Result<MessengerConfig> {
        let lookup = |name: &str| match self.environment.get(name) {
            Some(value) => Some(value.to_owned()),
            None if name == "MESSENGER_TRANSPORT_DSN" => {
                Some(config.messenger_transport_dsn.expose().to_owned())
            }
            None => None,
        };
        let loader = ConfigLoader::new(&lookup).directory(&self.folder, config.app_env.name());
        Ok(loader.load()?)
    }
}

impl Kernel {
    /// Opens everything and applies the migrations that are missing.
    ///
    /// # Errors
    /// When something cannot be opened, with what to do about it.
    pub async fn boot(project: &Project, clock: Clock) -> anyhow::Result<Self> {
        let config = project.config()?;
        let messenger_config = project.messenger_config(&config)?;
        let kernel = Self::assemble(config, messenger_config, clock)?;
        migrations::run(&kernel.database).await.context("could not migrate the database")?;
        kernel.photos.check_at_start().await;
        for warning in kernel.config.mail_warnings() {
            warn!("{warning}");
        }
        Ok(kernel)
    }

    /// Opens everything, but leaves the database as it is.
    ///
    /// # Errors
    /// When something cannot be opened.
    pub fn assemble(
        config: Config,
        messenger_config: MessengerConfig,
        clock: Clock,
    ) -> anyhow::Result<Self> {
        let database = Database::open(&database_url(&config))?;
        let database = developer::observed(database, config.app_env);
        let photos = PhotoStorage::open(config.photo_storage_url.clone(), &config.aws)
            .context("could not open the photo storage (PHOTO_STORAGE_URL)")?
            .guarded_by(database.clone());
        let darkroom =
            Arc::new(Darkroom::open(UPLOADS_AT_ONCE).context("could not start threads")?);
        let of_worker = Darkroom::open(PHOTOS_AT_ONCE).context("could not start threads")?;
        let in_memory = InMemoryFactory::default();
        let send_email = send_email(&config, &clock)?;
        let (mail_composer, mail_transport) =
            (send_email.composer.clone(), send_email.transport.clone());
        let builder = with_handlers(&config, &database, &photos, of_worker, &clock)
            .bus(COMMAND_BUS, |bus| bus.handler::<SendEmailMessage>(send_email));
        let builder = developer::listening(builder, config.app_env);
        let factories =
            transport_factories(DoctrineFactory::new(database.clone()), in_memory.clone());
        let builder = factories.into_iter().fold(builder, MessengerBuilder::factory);
        let messenger = builder.configured_by(&messenger_config).build()?;
        let developer = Developer::of(&config, &database, &mail_composer, &clock);
        let live = LiveFeed::new(database.clone(), clock.clone());
        Ok(Self {
            config,
            messenger_config,
            database,
            photos,
            messenger,
            in_memory,
            mail_composer,
            mail_transport,
            clock,
            darkroom,
            live,
            developer,
        })
    }
}

/// The kinds of transports there are.
#[must_use]
pub fn transport_factories(
    doctrine: DoctrineFactory,
    in_memory: InMemoryFactory,
) -> Vec<Box<dyn TransportFactory<UnitOfWork>>> {
    vec![Box::new(doctrine), Box::new(SyncFactory), Box::new(in_memory)]
}

fn database_url(config: &Config) -> String {
    match &config.database_url {
        DatabaseUrl::Sqlite(path) => format!("sqlite://{}", path.display()),
        DatabaseUrl::Postgres(url) => url.expose().to_owned(),
    }
}

/// What makes and delivers mails.
fn send_email(config: &Config, clock: &Clock) -> anyhow::Result<SendEmailMessageHandler> {
    let bodies = BodyRenderer::load(&config.http.default_uri);
    let bodies = bodies.context("could not load the templates of mails")?;
    Ok(SendEmailMessageHandler {
        composer: Composer::new(bodies, ComposerSettings::of(config), clock.clone()),
        transport: mailer::Transport::new(&config.mailer_dsn, clock),
        fault: FaultPoint::new("FAULT_SMTP", config.tutorial.smtp),
    })
}

/// The buses with their handlers: one line a message.
fn with_handlers(
    config: &Config,
    database: &Database,
    photos: &PhotoStorage,
    darkroom: Darkroom,
    clock: &Clock,
) -> MessengerBuilder<UnitOfWork> {
    let (database, tutorial) = (database.clone(), config.tutorial);
    let add_ponka = AddPonkaToImageHandler {
        photos: photos.clone(),
        ponkaficator: Ponkaficator::new(),
        darkroom,
        clock: clock.clone(),
        fault: FaultPoint::new("FAULT_ADD_PONKA", tutorial.add_ponka),
        sleep: tutorial.ponka_sleep,
    };
    let delete_file = DeletePhotoFileHandler {
        photos: photos.clone(),
        fault: FaultPoint::new("FAULT_DELETE_FILE", tutorial.delete_file),
        sleep: tutorial.delete_sleep,
    };
    let delete_post =
        DeleteImagePostHandler { fault: FaultPoint::new("FAULT_DB_DELETE", tutorial.db_delete) };
    let register = RegisterUserHandler { mailer: Mailer, clock: clock.clone() };
    Messenger::builder(move || UnitOfWork::new(database.clone()))
        .clock(clock.clone())
        .stamp::<UniqueIdStamp>()
        .given_up_listener(PhotoGivenUp)
        .middleware(Audit)
        .middleware(TransactionMiddleware { except: Some(Interface("LongRunning")) })
        .codec("external_json", ExternalJson::new())
        .bus(COMMAND_BUS, |bus| {
            bus.handler::<AddPonkaToImage>(add_ponka)
                .handler::<DeleteImagePost>(delete_post)
                .handler::<DeletePhotoFile>(delete_file)
                .handler::<DeleteUser>(DeleteUserHandler)
                .handler::<LogEmoji>(LogEmojiHandler)
                .handler::<RegisterUser>(register)
        })
        .bus(EVENT_BUS, |bus| {
            bus.handler::<UserRegistered>(ClaimPhotosWhenUserRegistered)
                .handler::<UserRegistered>(SendWelcomeEmailWhenUserRegistered { mailer: Mailer })
        })
        .bus(QUERY_BUS, |bus| {
            bus.never_routed().handler::<GetTotalImageCount>(GetTotalImageCountHandler)
        })
}
