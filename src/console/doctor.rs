//! `doctor`: is everything there that the gallery needs?

use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use messenger::transport::Waiting;
use messenger_console::{explain, printable};
use messenger_doctrine::DatabaseError;
use owo_colors::Style;

use super::app::App;
use super::{exposed, sweep};
use crate::kernel::Kernel;
use crate::mailer;
use crate::migrations;
use crate::photo_storage::{PhotoStorage, StorageError};
use crate::repository::attempts;
use crate::sweep::Found;

/// How far the clocks may be apart.
const SKEW: chrono::TimeDelta = chrono::TimeDelta::seconds(2);

/// Check database, storage, mail, transports and clock; needs no worker
#[derive(Args)]
#[command(after_help = "Example: console doctor --env prod || echo 'call somebody'")]
pub(super) struct Doctor {}

impl Doctor {
    /// Checks everything, and fails if anything is wrong.
    pub(super) async fn run(self, app: &App) -> anyhow::Result<ExitCode> {
        let mut report = Report { app, healthy: true };
        let kernel = app.kernel();
        report.tell("storage", storage(app, kernel.as_ref().ok()).await);
        report.tell("mail", mail(app).await);
        report.warn("privacy", privacy(app));
        match kernel {
            Ok(kernel) => {
                report.tell("database", Ok(format!("{} answers", kernel.database.url())));
                report.tell("schema", schema(&kernel).await);
                report.tell("clock", clock(&kernel).await);
                for name in kernel.messenger.transports().keys() {
                    report.tell(&format!("transport {name}"), transport(&kernel, name).await);
                }
                report.tell("files", files(&kernel).await);
                report.warn("mails", mails_refused(&kernel).await.ok().flatten());
            }
            Err(error) => {
                let what = if error.is::<DatabaseError>() { "database" } else { "configuration" };
                report.tell(what, Err(error));
            }
        }
        if report.healthy {
            app.terminal.out.success("Everything is all right.");
            return Ok(ExitCode::SUCCESS);
        }
        app.terminal.err.error("Something is wrong; see the lines with FAIL.");
        Ok(ExitCode::FAILURE)
    }
}

/// Prints each result, and remembers whether all were good.
struct Report<'a> {
    app: &'a App,
    healthy: bool,
}

impl Report<'_> {
    fn tell(&mut self, what: &str, result: anyhow::Result<String>) {
        let (word, style, text) = match result {
            Ok(text) => ("OK", Style::new().green(), text),
            Err(error) => ("FAIL", Style::new().red().bold(), explain(error.as_ref())),
        };
        self.healthy &= word == "OK";
        self.line(word, style, what, &text);
    }

    /// Tells what works and yet should be looked at, if there is anything.
    fn warn(&self, what: &str, text: Option<String>) {
        if let Some(text) = text {
            self.line("WARN", Style::new().yellow().bold(), what, &text);
        }
    }

    fn line(&self, word: &str, style: Style, what: &str, text: &str) {
        let is_good = word == "OK";
        let word = self.app.terminal.out.paint(&format!("{word:4}"), style);
        let text: Vec<_> = text.lines().map(|line| printable(line.trim()).into_owned()).collect();
        let text = text.join("\n                                       ");
        let line = format!(" {word}  {what:<30} {text}\n");
        match is_good {
            true => self.app.terminal.out.raw(&line),
            false => self.app.terminal.out.insist(&line),
        }
    }
}

/// Without a database nobody knows whether it is the right one.
async fn storage(app: &App, kernel: Option<&Kernel>) -> anyhow::Result<String> {
    const ADVICE: &str = "the photo storage does not work; check PHOTO_STORAGE_URL, its rights and \
                          its free space";
    let (url, aws) = (app.config.photo_storage_url.clone(), &app.config.aws);
    let storage = match kernel {
        Some(kernel) => kernel.photos.clone(),
        None => PhotoStorage::open(url, aws).context(ADVICE)?,
    };
    match storage.probe().await {
        Err(error @ (StorageError::Away { .. } | StorageError::Unknown(_))) => bail!(error),
        probed => probed.context(ADVICE)?,
    }
    Ok("a file can be written, read and removed".to_owned())
}

/// Whether others on this machine can read what is nobody else's business.
fn privacy(app: &App) -> Option<String> {
    let places = exposed::places(&app.config);
    let (_, file) = places.first()?;
    let roots: Vec<_> = places.iter().map(|(root, _)| root.display().to_string()).collect();
    let roots = roots.join(" ");
    Some(format!(
        "others on this machine can read {}; run \"chmod -R go= {roots}\"",
        file.display()
    ))
}

/// Whether there are mails that were not sent because strangers had caused too many.
async fn mails_refused(kernel: &Kernel) -> anyhow::Result<Option<String>> {
    let now = kernel.clock.now().naive_utc();
    let counted = kernel.database.transaction(move |connection| {
        attempts::count_blocked(connection, attempts::MAIL_REFUSED, now)
    });
    let addresses = match counted.await? {
        0 => return Ok(None),
        1 => "1 address gets".to_owned(),
        count => format!("{count} addresses get"),
    };
    Ok(Some(format!("{addresses} no more mails for now: others ask for them again and again")))
}

async fn mail(app: &App) -> anyhow::Result<String> {
    let transport = mailer::Transport::new(&app.config.mailer_dsn, &app.clock);
    transport.check().await.context("mails cannot be sent; check MAILER_DSN")
}

async fn schema(kernel: &Kernel) -> anyhow::Result<String> {
    ensure!(
        migrations::are_applied(&kernel.database).await?,
        "migrations are missing; run \"console migrations:migrate\""
    );
    Ok("up to date".to_owned())
}

async fn clock(kernel: &Kernel) -> anyhow::Result<String> {
    let before = kernel.clock.now();
    let there = kernel.database.now().await?;
    let skew = there - before;
    ensure!(
        skew.abs() <= SKEW,
        "the database's clock is {:+.1} s from the one here; set both by NTP",
        skew.as_seconds_f64()
    );
    Ok("agrees with the database's".to_owned())
}

async fn transport(kernel: &Kernel, name: &str) -> anyhow::Result<String> {
    let transport = kernel.messenger.transport(name)?;
    let Some(receiver) = transport.receiver() else {
        return Ok(format!("{} handles at once", transport.class()));
    };
    let Some(counting) = receiver.message_count() else {
        return Ok(format!("{} cannot count its messages", transport.class()));
    };
    match counting.count().await {
        Ok(Waiting { ready, delayed, held }) => {
            let also = [(delayed, "delayed"), (held, "in hand")].map(|(count, what)| match count {
                None | Some(0) => String::new(),
                Some(count) => format!(", {count} {what}"),
            });
            Ok(format!("set up, {ready} due{}", also.concat()))
        }
        Err(error) => bail!("{error:#}"),
    }
}

async fn files(kernel: &Kernel) -> anyhow::Result<String> {
    let looked = sweep::of(kernel).look().await;
    let Found { files, orphans, missing, .. } =
        looked.context("the files could not be compared with the photos")?;
    let text = format!("{files} files, {orphans} of them without a photo; {missing} missing");
    ensure!(missing == 0, "{text}; \"console photos:check\" tells which");
    if orphans == 0 {
        return Ok(text);
    }
    Ok(format!("{text}; \"console photos:sweep\" removes those without a photo"))
}
