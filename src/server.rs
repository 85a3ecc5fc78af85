//! `ponka`: the web server, with a worker beside it.

use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::{Compress, Condition, from_fn};
use actix_web::{App as ActixApp, HttpServer, web};
use anyhow::Context as _;
use clap::Parser;
use clap::builder::FalseyValueParser;
use messenger::clock::Clock;
use messenger_console::{ShutdownTimeout, hangup};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::config::AppEnv;
use crate::controller::{self, App};
use crate::descriptors::Places;
use crate::embedded_worker::EmbeddedWorker;
use crate::http::allowed_hosts::{self, AllowedHosts};
use crate::http::connections::Connections;
use crate::http::forwarded::{self, ForwardedRequests};
use crate::http::in_hand::RequestsInHand;
use crate::http::log_share::LogShare;
use crate::http::session_cookie::SessionCookies;
use crate::http::templates::Templates;
use crate::http::trusted_proxies::TrustedProxies;
use crate::http::visitor::{VisitorCookies, remember_visitor};
use crate::http::{body_pace, content_encoding, cross_site, error_page, in_hand, security_headers};
use crate::kernel::{Kernel, Project};
use crate::live_feed::LiveFeed;
use crate::password::Passwords;
use crate::process_limits::{Needs, cores};
use crate::{developer, telemetry};

/// How many threads of each web worker may block, on a disk or with a password: few, because each
/// keeps memory. Databases are waited for on threads of their own.
const BLOCKING_THREADS: usize = 24;

/// What the gallery needs to start, with its worker and a few visitors.
fn needs() -> Needs {
    let cores = cores();
    Needs { descriptors: 96 + 8 * cores as u64, memory: 512, threads: 48 + 4 * cores }
}

/// The gallery: web server and embedded worker.
#[derive(Debug, Parser)]
#[command(
    name = "ponka",
    version,
    about,
    after_help = "Example:\n  ponka --bind 127.0.0.1:8080 --no-worker"
)]
struct Options {
    /// Leave the embedded worker out: messages then wait for `console messenger:consume`.
    #[arg(long, env = "PONKA_NO_WORKER", value_parser = FalseyValueParser::new())]
    no_worker: bool,
    /// Listen on this address.
    #[arg(long, value_name = "ADDRESS:PORT")]
    bind: Option<String>,
    /// The environment.
    #[arg(long, value_parser = ["dev", "test", "prod"])]
    env: Option<String>,
}

/// Runs the gallery until it is asked to stop. Prints problems and gives the exit code.
pub fn main() -> ExitCode {
    let options = Options::parse();
    match start(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ponka: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(options: Options) -> anyhow::Result<()> {
    needs().check()?;
    let runtime = tokio::runtime::Runtime::new().context("could not start threads")?;
    let result = runtime.block_on(run(options));
    runtime.shutdown_timeout(ShutdownTimeout::THREADS);
    result
}

async fn run(options: Options) -> anyhow::Result<()> {
    let project = Project::load(Path::new("."), options.env.as_deref(), options.bind.as_deref())?;
    let config = project.config()?;
    config.may_be_served()?;
    let profiled = developer::log_layer(config.app_env);
    telemetry::init(&config.log, None, profiled)?;
    let kernel = Kernel::boot(&project, Clock::System).await?;
    let listener = TcpListener::bind(config.http.bind)
        .with_context(|| format!("could not listen on {} (BIND or --bind)", config.http.bind))?;
    let address = listener.local_addr()?;
    let server = serve(&kernel, listener)?;
    let timeout = kernel.config.shutdown_timeout;
    tokio::spawn(end_streams(kernel.live.clone(), signals()?, timeout));
    tokio::spawn(end_with_terminal(kernel.live.clone(), server.handle(), hangup()?, timeout));
    say(&format!("The gallery is open: http://{address}"));
    let worker = if options.no_worker { None } else { EmbeddedWorker::of(&kernel) };
    let handle = server.handle();
    let serving = async {
        match worker {
            None => {
                say("No worker runs here. Start one with: console messenger:consume --all");
                Ok(server.await?)
            }
            Some(worker) => run_both(server, worker).await,
        }
    };
    tokio::select! {
        served = serving => served,
        error = kernel.database.file_lost() => {
            kernel.live.close();
            // Requests in hand are answered 503, and those are quick.
            drop(tokio::time::timeout(ShutdownTimeout::THREADS, handle.stop(true)).await);
            Err(error.into())
        }
    }
}

/// Tells whoever started the program; nobody need be listening any more.
fn say(sentence: &str) {
    let mut output = std::io::stdout().lock();
    let _ = writeln!(output, "{sentence}").and_then(|()| output.flush());
}

/// Both end when the process is asked to stop, each after what it has in hand.
async fn run_both(server: Server, worker: EmbeddedWorker) -> anyhow::Result<()> {
    let (end, ended) = watch::channel(false);
    let worker = tokio::spawn(async move { worker.run(ended).await });
    let served = server.await;
    end.send_replace(true);
    worker.await??;
    Ok(served?)
}

fn signals() -> std::io::Result<[Signal; 2]> {
    Ok([signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?])
}

/// Ends the streams of events when the process is asked to stop: the server waits for them. It ends
/// when its time is over, and when it is asked again at once.
async fn end_streams(live: LiveFeed, signals: [Signal; 2], timeout: ShutdownTimeout) {
    let [mut terminate, mut interrupt] = signals;
    let mut asked = async || {
        tokio::select! {
            _ = terminate.recv() => SignalKind::terminate(),
            _ = interrupt.recv() => SignalKind::interrupt(),
        }
    };
    asked().await;
    live.close();
    timeout.begin();
    let again = asked().await;
    std::process::exit(128 + again.as_raw_value());
}

/// Ends the server when its terminal is closed: it knows the other signals itself.
async fn end_with_terminal(
    live: LiveFeed,
    server: ServerHandle,
    hangup: impl Future<Output = ()>,
    timeout: ShutdownTimeout,
) {
    hangup.await;
    live.close();
    timeout.begin();
    server.stop(true).await;
}

/// The web server on a socket that is already bound.
///
/// # Errors
/// When a template is broken or the socket cannot be used.
pub fn serve(kernel: &Kernel, listener: TcpListener) -> anyhow::Result<Server> {
    let app = web::Data::new(app_of(kernel)?);
    let cookies = web::Data::new(app.visitor_cookies.clone());
    let templates = web::Data::new(app.templates.clone());
    let proxies = web::Data::new(app.trusted_proxies.clone());
    let hosts = web::Data::new(allowed_hosts(kernel));
    let places = Places::now();
    let in_hand = web::Data::new(RequestsInHand::new(places.requests_of_client));
    let log_share = web::Data::new(LogShare::default());
    let developer = kernel.developer.clone();
    let connections = Connections::new(places, app.trusted_proxies.clone());
    let forwarded = web::Data::new(ForwardedRequests::of(kernel.config.app_env));
    let server = HttpServer::new(move || {
        ActixApp::new()
            .app_data(app.clone())
            .app_data(cookies.clone())
            .app_data(templates.clone())
            .app_data(proxies.clone())
            .app_data(hosts.clone())
            .app_data(in_hand.clone())
            .app_data(log_share.clone())
            .app_data(forwarded.clone())
            .wrap(from_fn(remember_visitor))
            .wrap(from_fn(cross_site::refuse_cross_site))
            .wrap(from_fn(allowed_hosts::refuse_other_hosts))
            .wrap(from_fn(forwarded::refuse_forwarded))
            .wrap(from_fn(content_encoding::refuse_encoded_bodies))
            .wrap(from_fn(in_hand::share_out))
            .wrap(from_fn(error_page::explain_errors))
            .wrap(from_fn(security_headers::add_security_headers))
            .wrap(Compress::default())
            .wrap(Condition::new(developer.is_some(), from_fn(developer::profile_requests)))
            .wrap(from_fn(body_pace::pace_bodies))
            .configure(controller::routes)
            .configure(|config| developer.iter().for_each(|developer| developer.routes(config)))
    });
    let server = server
        .on_connect(move |connection, extensions| connections.accept(connection, extensions))
        .client_request_timeout(Duration::from_secs(5))
        .client_disconnect_timeout(Duration::from_secs(3))
        .worker_max_blocking_threads(BLOCKING_THREADS)
        .shutdown_timeout(kernel.config.shutdown_timeout.work().as_secs())
        .listen(listener)?;
    Ok(server.run())
}

/// In dev, this machine.
fn allowed_hosts(kernel: &Kernel) -> AllowedHosts {
    match kernel.config.app_env {
        AppEnv::Dev => AllowedHosts::Local,
        _ => AllowedHosts::Any,
    }
}

fn app_of(kernel: &Kernel) -> anyhow::Result<App> {
    let http = &kernel.config.http;
    let (secret, secure) =
        (http.secret.expose().as_bytes(), http.default_uri.starts_with("https:"));
    Ok(App {
        messenger: kernel.messenger.clone(),
        database: kernel.database.clone(),
        photos: kernel.photos.clone(),
        darkroom: kernel.darkroom.clone(),
        templates: Templates::load(kernel.config.app_env)
            .context("could not load the templates")?,
        limits: crate::http::upload::UploadLimits::default(),
        guest_uploads: kernel.config.guest_uploads,
        allowance: kernel.config.allowance,
        live: kernel.live.clone(),
        trusted_proxies: TrustedProxies::new(http.trusted_proxies.clone()),
        passwords: Passwords::new().context("could not hash passwords")?,
        session_cookies: SessionCookies::new(secret, secure),
        visitor_cookies: VisitorCookies::new(secret, secure),
        dev: kernel.config.app_env == AppEnv::Dev,
        readiness: controller::Readiness::default(),
        clock: kernel.clock.clone(),
    })
}
