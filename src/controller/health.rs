//! Whether the process is up, and whether it can do its work.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use std::time::Duration;

use super::App;
use crate::migrations;
use crate::photo_storage::StorageError;

/// How long one check may take.
const PATIENCE: Duration = Duration::from_millis(1500);

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
    if problems.is_empty() {
        return HttpResponse::Ok().json(Health { status: "ok", problems });
    }
    HttpResponse::ServiceUnavailable().json(Health { status: "not ready", problems })
}
