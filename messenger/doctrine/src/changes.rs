//! Waits for something to be committed, for those who keep no queue in the database.

use std::time::Duration;

use super::database::Database;

/// Waits for changes in a database, made by whatever process. A change is noticed within a few
/// milliseconds; that nothing has changed is never certain, so look into the tables.
#[derive(Debug)]
pub struct Changes {
    database: Database,
    seen: u64,
}

impl Database {
    /// Begins to wait for changes. On PostgreSQL they are heard of if the transaction that makes
    /// them notifies this channel (`pg_notify(channel, '')`); on SQLite every commit is.
    #[must_use]
    pub fn listen(&self, channel: &str) -> Changes {
        self.watcher().add_channel(channel);
        Changes { database: self.clone(), seen: *self.changes().borrow() }
    }
}

impl Changes {
    /// Waits until something may have changed since the last time this was asked, or since the
    /// beginning, but at most this long. Says whether something may have. Dropped, it forgets
    /// nothing.
    pub async fn wait(&mut self, at_most: Duration) -> bool {
        self.database.watcher().wait(self.seen, at_most).await;
        let now = *self.database.changes().borrow();
        std::mem::replace(&mut self.seen, now) != now
    }
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection;

    use super::*;

    #[tokio::test]
    async fn what_another_process_commits_is_noticed_once() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("x.sqlite").display());
        let (here, elsewhere) = (Database::open(&url).unwrap(), Database::open(&url).unwrap());
        let mut changes = here.listen("table");
        // The first look at the file is a change too.
        while changes.wait(Duration::from_millis(100)).await {}
        for sql in ["CREATE TABLE t (x)", "INSERT INTO t VALUES (1)"] {
            elsewhere.transaction(|connection| connection.batch_execute(sql)).await.unwrap();
            assert!(changes.wait(Duration::from_secs(10)).await);
            assert!(!changes.wait(Duration::from_millis(100)).await);
        }
        here.transaction(|connection| connection.batch_execute("DROP TABLE t")).await.unwrap();
        assert!(changes.wait(Duration::from_secs(10)).await);
    }
}
