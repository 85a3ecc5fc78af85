//! What a seed chooses: who does what, and which faults come in between.

use std::time::Duration;

use fastrand::Rng;
use messenger_doctrine::Backend;

use crate::choice::Run;
use crate::programs::Role;

/// How many clients there are.
pub(crate) const CLIENTS: usize = 4;
const STEPS: usize = 90;
const FAULTS: usize = 8;
/// Each hashes a password or three.
const NEWCOMERS: usize = 6;

/// One thing that happens; the next one begins when a client is free for it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Move {
    /// A client does something.
    Step(usize, Action),
    /// Something breaks, and is whole again by itself.
    Fault(Fault),
}

/// What a client does.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Action {
    /// Uploads one of the photos, with an `Idempotency-Key` or without.
    Upload { photo: usize, with_key: bool },
    /// Goes away in the middle of an upload.
    UploadHalf { photo: usize },
    /// Deletes one of its photos.
    Delete { which: usize },
    /// Looks at its gallery and at one of its photos.
    Look { which: usize },
    /// Somebody new comes, and registers.
    Register { uploads_before: bool, then: Then },
}

/// What somebody does who has just registered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Then {
    Leaves,
    SignsIn,
    SignsInAndUploads,
    DeletesTheAccount,
}

/// What breaks. All of them last a second or two, if they last.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    /// SIGKILL; the program is started again.
    Kill(Role),
    /// SIGTERM; likewise.
    Stop(Role),
    /// SIGSTOP, for longer than a lease, then SIGCONT.
    Freeze(Role, Duration),
    /// The answer to the next COMMIT is lost.
    LoseCommit,
    /// The database says nothing any more; connections stay silent for ever.
    DatabaseSilent(Duration),
    /// All connections to the database are cut, and new ones refused.
    DatabaseCut(Duration),
    /// The database ends all connections, and is away for a moment.
    DatabaseRestart(Duration),
    /// Somebody else writes into the SQLite file, in one long transaction.
    DatabaseLocked(Duration),
    /// The folder of the photos is gone; or it is empty, as where a disk is not mounted.
    FolderAway { is_empty: bool, lasts: Duration },
    /// No byte is free, for photos and for the SQLite file.
    DiskFull(Duration),
    /// The mail server refuses connections.
    SmtpDead(Duration),
    /// The mail server takes mails, and its answers are lost.
    SmtpLosesAnswers(usize),
}

impl Fault {
    /// The name under which it is counted.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Kill(Role::Server) => "kill server",
            Self::Kill(_) => "kill worker",
            Self::Stop(Role::Server) => "stop server",
            Self::Stop(_) => "stop worker",
            Self::Freeze(Role::Server, _) => "freeze server",
            Self::Freeze(..) => "freeze worker",
            Self::LoseCommit => "commit's answer lost",
            Self::DatabaseSilent(_) => "database silent",
            Self::DatabaseCut(_) => "database cut",
            Self::DatabaseRestart(_) => "database restart",
            Self::DatabaseLocked(_) => "database locked",
            Self::FolderAway { is_empty: false, .. } => "folder missing",
            Self::FolderAway { is_empty: true, .. } => "folder empty",
            Self::DiskFull(_) => "disk full",
            Self::SmtpDead(_) => "smtp dead",
            Self::SmtpLosesAnswers(_) => "smtp answers lost",
        }
    }
}

/// All moves of a run, in their order.
pub(crate) fn of(run: Run, can_fill_disk: bool) -> Vec<Move> {
    let mut rng = Rng::with_seed(run.seed);
    let steps = steps(&mut rng);
    let mut deck = deck(&mut rng, run.backend, can_fill_disk);
    rng.shuffle(&mut deck);
    deck.truncate(FAULTS);
    let mut moves: Vec<Move> = steps;
    // From the end, so that the places of those before stay what they are.
    for (number, fault) in deck.into_iter().enumerate().rev() {
        let share = STEPS / (FAULTS + 1);
        let at = share / 2 + share * number + rng.usize(..share);
        moves.insert(at, Move::Fault(fault));
    }
    moves
}

fn steps(rng: &mut Rng) -> Vec<Move> {
    let mut newcomers = 0;
    let mut action = |rng: &mut Rng| match rng.u8(..100) {
        0..8 if newcomers < NEWCOMERS => {
            newcomers += 1;
            let then =
                [Then::Leaves, Then::SignsIn, Then::SignsInAndUploads, Then::DeletesTheAccount];
            Action::Register { uploads_before: rng.bool(), then: then[rng.usize(..then.len())] }
        }
        8..25 => Action::Delete { which: rng.usize(..1000) },
        25..35 => Action::Look { which: rng.usize(..1000) },
        35..40 => Action::UploadHalf { photo: rng.usize(..1000) },
        _ => Action::Upload { photo: rng.usize(..1000), with_key: rng.bool() },
    };
    (0..STEPS).map(|_| Move::Step(rng.usize(..CLIENTS), action(rng))).collect()
}

/// Every fault that is possible here, the frequent ones more than once.
fn deck(rng: &mut Rng, backend: Backend, can_fill_disk: bool) -> Vec<Fault> {
    let mut lasts = |from: u64, to: u64| Duration::from_millis(rng.u64(from..to));
    let mut deck = vec![
        Fault::Kill(Role::Server),
        Fault::Kill(Role::Server),
        Fault::Kill(Role::Worker(0)),
        Fault::Kill(Role::Worker(1)),
        Fault::Stop(Role::Server),
        Fault::Stop(Role::Worker(0)),
        Fault::Freeze(Role::Server, lasts(500, 2000)),
        Fault::Freeze(Role::Worker(0), lasts(1500, 2500)),
        Fault::FolderAway { is_empty: false, lasts: lasts(500, 1500) },
        Fault::FolderAway { is_empty: true, lasts: lasts(500, 1500) },
        Fault::SmtpDead(lasts(500, 2000)),
        Fault::SmtpLosesAnswers(3),
    ];
    if can_fill_disk {
        deck.push(Fault::DiskFull(lasts(500, 1500)));
    }
    match backend {
        Backend::Sqlite => deck.extend([
            Fault::DatabaseLocked(lasts(1000, 3000)),
            Fault::DatabaseLocked(lasts(1000, 3000)),
        ]),
        Backend::Postgres => deck.extend([
            Fault::LoseCommit,
            Fault::LoseCommit,
            Fault::LoseCommit,
            Fault::DatabaseSilent(lasts(1000, 2500)),
            Fault::DatabaseCut(lasts(300, 1500)),
            Fault::DatabaseRestart(lasts(300, 1500)),
        ]),
    }
    deck
}
