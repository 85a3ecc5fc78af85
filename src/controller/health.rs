//! Whether the process is up, and whether it can do its work.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

use super::App;
use crate::migrations;
use crate::photo_storage::StorageError;

/// How long one check may take.
const PATIENCE: Duration = Duration::from_millis(1500);

/// What the last look has found. A clone is cheap and means the same.
#[derive(Clone, Default)]
pub struct Readiness(Arc<Mutex<Option<Look>>>);

struct Look {
    began: Instant,
    problems: Vec<&'static str>,
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<&'static str>,
}

/// `GET /healthz`: the process is up.
pub(super) async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "ok", problems: Vec::new() })
}

/// `GET /readyz`: database, schema and storage are good.
pub(super) async fn ready(app: web::Data<App>) -> HttpResponse {
    let problems = app.readiness.problems(look(&app)).await;
    if problems.is_empty() {
        return HttpResponse::Ok().json(Health { status: "ok", problems });
    }
    HttpResponse::ServiceUnavailable().json(Health { status: "not ready", problems })
}

async fn look(app: &App) -> Vec<&'static str> {
    let schema = tokio::time::timeout(PATIENCE, migrations::are_applied(&app.database));
    let storage = tokio::time::timeout(PATIENCE, app.photos.probe());
    let (schema, storage) = tokio::join!(schema, storage);
    let mut problems = Vec::new();
    match schema {
        Ok(Ok(true)) => {}
        Ok(Ok(false)) => problems.push("the database schema is not current"),
        _ => problems.push("the database cannot be reached"),
    }
    match storage {
        // Then it is the database that is the problem.
        Ok(Ok(()) | Err(StorageError::Unknown(_))) => {}
        Ok(Err(StorageError::Away { .. })) => {
            problems.push("the photo storage is away, or not the one of this gallery");
        }
        _ => problems.push("the photo storage cannot be written to"),
    }
    problems
}

impl Readiness {
    /// Looks, unless somebody has begun to since this was asked: strangers may ask, and each look
    /// costs a query and a file, so there is only one at a time.
    async fn problems(&self, look: impl Future<Output = Vec<&'static str>>) -> Vec<&'static str> {
        let asked = Instant::now();
        let mut last = self.0.lock().await;
        if let Some(Look { problems, .. }) = last.as_ref().filter(|look| look.began > asked) {
            return problems.clone();
        }
        let began = Instant::now();
        let problems = look.await;
        *last = Some(Look { began, problems: problems.clone() });
        problems
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_crowd_that_asks_at_once_is_told_what_one_look_has_found() {
        let (readiness, looks) = (Readiness::default(), AtomicUsize::new(0));
        let look = || async {
            tokio::task::yield_now().await;
            looks.fetch_add(1, Ordering::Relaxed);
            vec!["a problem"]
        };
        let asked = (0..1000).map(|_| readiness.problems(look()));
        let told = futures_util::future::join_all(asked).await;
        assert!(told.iter().all(|problems| problems == &["a problem"]));
        assert!(looks.load(Ordering::Relaxed) < 3, "{looks:?}");
        assert!(readiness.problems(async { Vec::new() }).await.is_empty(), "that was before");
    }
}
