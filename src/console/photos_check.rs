//! `photos:check`: do photos, files and messages still belong together?

use std::collections::HashMap;
use std::process::ExitCode;

use chrono::TimeDelta;
use clap::Args;
use owo_colors::Style;
use uuid::Uuid;

use super::app::App;
use super::sweep;
use crate::entity::PhotoStatus;
use crate::kernel::Kernel;
use crate::photo_storage::{MediaName, original_key};
use crate::repository::photos::{self, PhotoFiles};
use crate::repository::queued_messages::{self, PonkaMessages};

/// So many photos are looked at at once.
const AT_ONCE: i64 = 500;
/// So many broken ones are named.
const NAMED: usize = 10;
/// A message that is due for longer shows that workers are missing.
const OVERDUE: TimeDelta = TimeDelta::minutes(10);

/// Check that photos, files and messages belong together; ends with 1 if they do not
#[derive(Args)]
#[command(after_help = "Example: console photos:check --env prod || echo 'call somebody'")]
pub(super) struct PhotosCheck {}

/// What must be true whenever nobody is in the middle of something.
const INVARIANTS: [(&str, &str); 6] = [
    ("I1", "every photo that waits for Ponka has a message"),
    ("I2", "every file that a photo needs is there"),
    ("I3", "every file belongs to a photo or to a queued deletion, or is young"),
    ("I4", "every photo that has failed can be tried again"),
    ("I5", "no photo has two messages that wait"),
    ("I6", "no message has been due for more than ten minutes"),
];

/// What was found broken, by the number of the invariant.
#[derive(Default)]
struct Broken {
    counts: [u64; INVARIANTS.len()],
    names: [Vec<String>; INVARIANTS.len()],
}

impl PhotosCheck {
    /// Checks everything, and prints an invariant a line.
    pub(super) async fn run(self, app: &App) -> anyhow::Result<ExitCode> {
        let kernel = app.current_kernel().await?;
        let broken = check(&kernel).await?;
        for (number, (name, sentence)) in INVARIANTS.iter().enumerate() {
            let count = broken.counts[number];
            if count == 0 {
                let word = app.terminal.out.paint("OK  ", Style::new().green());
                app.terminal.out.line(format!(" {word}  {name}  {sentence}"));
                continue;
            }
            let word = app.terminal.out.paint("FAIL", Style::new().red().bold());
            app.terminal.out.line(format!(" {word}  {name}  {sentence}: not true of {count}"));
            for one in &broken.names[number] {
                app.terminal.out.line(format!("           {one}"));
            }
        }
        if broken.counts.iter().all(|count| *count == 0) {
            app.terminal.out.success("Photos, files and messages belong together.");
            return Ok(ExitCode::SUCCESS);
        }
        app.terminal.err.error("Something does not belong together; see the lines with FAIL.");
        Ok(ExitCode::FAILURE)
    }
}

async fn check(kernel: &Kernel) -> anyhow::Result<Broken> {
    let mut broken = Broken::default();
    check_photos(kernel, &mut broken).await?;
    broken.counts[2] = sweep::of(kernel).look().await?.orphans;
    let before = (kernel.clock.now() - OVERDUE).naive_utc();
    let overdue =
        kernel.database.run(move |connection| queued_messages::count_overdue(connection, before));
    broken.counts[5] = overdue.await?.unsigned_abs();
    Ok(broken)
}

/// Looks at each photo, some hundred at a time, and once more at those that seem broken: they may
/// just have been in the middle of something.
async fn check_photos(kernel: &Kernel, broken: &mut Broken) -> anyhow::Result<()> {
    let mut messages = messages(kernel).await?;
    let mut last = None;
    while let Some((end, first)) = suspects(kernel, last, &messages).await? {
        if !first.is_empty() {
            messages = self::messages(kernel).await?;
            let again = suspects(kernel, last, &messages).await?.map(|(_, again)| again);
            for suspect in again.unwrap_or_default() {
                if first.contains(&suspect) {
                    broken.note(suspect);
                }
            }
        }
        last = Some(end);
    }
    Ok(())
}

type Messages = HashMap<Uuid, PonkaMessages>;

async fn messages(kernel: &Kernel) -> anyhow::Result<Messages> {
    Ok(kernel.database.run(queued_messages::photos_to_be_visited).await?)
}

/// One photo and the invariant that it seems to break.
#[derive(PartialEq, Eq)]
struct Suspect {
    invariant: usize,
    name: String,
}

/// Of the photos after this one, those that seem broken, and the last one that was looked at.
async fn suspects(
    kernel: &Kernel,
    after: Option<Uuid>,
    messages: &Messages,
) -> anyhow::Result<Option<(Uuid, Vec<Suspect>)>> {
    let photos =
        kernel.database.run(move |connection| photos::files_after(connection, after, AT_ONCE));
    let photos = photos.await?;
    let Some(last) = photos.last().map(|photo| photo.id) else { return Ok(None) };
    let mut suspects = Vec::new();
    for photo in &photos {
        let missing = missing_files(kernel, photo).await?;
        let waiting = messages.get(&photo.id).copied().unwrap_or_default();
        let mut suspect = |invariant, name| suspects.push(Suspect { invariant, name });
        for invariant in broken_by(photo, waiting, &missing) {
            suspect(invariant, format!("photo {} ({})", photo.id, photo.status.as_str()));
        }
        for key in missing {
            suspect(1, format!("{key} of photo {}", photo.id));
        }
    }
    Ok(Some((last, suspects)))
}

/// Which invariants of its messages a photo breaks.
fn broken_by(photo: &PhotoFiles, messages: PonkaMessages, missing: &[String]) -> Vec<usize> {
    let PonkaMessages { waiting, failed } = messages;
    let has_original = !missing.contains(&original_key(photo.filename));
    let mut broken = Vec::new();
    match photo.status {
        PhotoStatus::Queued | PhotoStatus::Processing if waiting + failed == 0 => broken.push(0),
        PhotoStatus::Failed if failed == 0 && !has_original => broken.push(3),
        _ => {}
    }
    if waiting > 1 {
        broken.push(4);
    }
    broken
}

/// The keys of the files that a photo needs and that are not there.
async fn missing_files(kernel: &Kernel, photo: &PhotoFiles) -> anyhow::Result<Vec<String>> {
    let renditions = photo.renditions().map(|(_, name)| match name.parse::<MediaName>() {
        Ok(name) => name.key(),
        Err(_) => name.to_owned(),
    });
    let original = photo.needs_original().then(|| original_key(photo.filename));
    let mut missing = Vec::new();
    for key in renditions.chain(original) {
        if !kernel.photos.exists(&key).await? {
            missing.push(key);
        }
    }
    Ok(missing)
}

impl Broken {
    fn note(&mut self, Suspect { invariant, name }: Suspect) {
        self.counts[invariant] += 1;
        if self.names[invariant].len() < NAMED {
            self.names[invariant].push(name);
        }
    }
}
