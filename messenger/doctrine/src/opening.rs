//! Opening a database, before there is a pool: its folder, and the first connection.

use std::time::Duration;

use super::error::DatabaseError;
use super::threads;

/// How long the program waits at its start for the first connection.
const FIRST: Duration = Duration::from_secs(10);

/// The first connection is waited for before there is a runtime to wait on.
pub(super) fn wait_for_first(
    open: impl FnOnce() -> Result<(), DatabaseError> + Send + 'static,
) -> Result<(), DatabaseError> {
    let (tell, told) = std::sync::mpsc::channel();
    drop(threads::start(move || {
        // Whoever waited may have given up.
        drop(tell.send(open()));
        Ok(())
    }));
    told.recv_timeout(FIRST).unwrap_or_else(|_| {
        let seconds = FIRST.as_secs();
        Err(DatabaseError::NoConnection(format!("the server has not answered for {seconds} s")))
    })
}

/// Makes the folder of a SQLite file.
pub(super) fn make_folder(path: &str) -> Result<(), DatabaseError> {
    let Some(folder) =
        std::path::Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty())
    else {
        return Ok(());
    };
    std::fs::create_dir_all(folder).map_err(|error| {
        let cause = format!("could not make its folder: {error}");
        DatabaseError::connect(format!("sqlite://{path}"), &cause)
    })
}
