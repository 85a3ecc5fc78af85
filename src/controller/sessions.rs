//! Begins and ends sessions: signing in and out.

use actix_web::HttpRequest;
use chrono::TimeDelta;
use messenger::doctrine::DbConnection;
use uuid::Uuid;

use super::viewer::{IDLE, LONGEST};
use super::{App, AppError};
use crate::entity::Session;
use crate::http::session_cookie::SessionToken;
use crate::repository::{attempts, image_posts, sessions};

/// How long failed attempts are remembered at most.
const ATTEMPTS_KEPT: TimeDelta = TimeDelta::days(2);

/// Begins a session for an account, with a new token; the one that the browser had ends. The
/// photos of the visit move to the account.
pub(super) async fn begin(
    app: &App,
    request: &HttpRequest,
    user: Uuid,
) -> Result<SessionToken, AppError> {
    let token = SessionToken::random().map_err(|error| AppError::Internal(error.into()))?;
    let now = app.clock.now().naive_utc();
    let (token_hash, user_id) = (token.hash(), user.to_string());
    let new = Session { token_hash, user_id, created_at: now, seen_at: now };
    let old = app.session_cookies.read(request).map(|token| token.hash());
    let visits = visits(app, request);
    let begun = app.database.transaction(move |connection| {
        if let Some(old) = old {
            sessions::delete(connection, &old)?;
        }
        clean_up(connection, now)?;
        for visit in visits {
            image_posts::change_owner(connection, visit, user)?;
        }
        sessions::insert(connection, &new)
    });
    begun.await?;
    Ok(token)
}

/// Ends the session that the browser has.
pub(super) async fn end(app: &App, request: &HttpRequest) -> Result<(), AppError> {
    if let Some(token) = app.session_cookies.read(request) {
        let hash = token.hash();
        app.database.run(move |connection| sessions::delete(connection, &hash)).await?;
    }
    Ok(())
}

/// Whom this browser was before it signed in.
fn visits(app: &App, request: &HttpRequest) -> Vec<Uuid> {
    let visitor = app.visitor_cookies.read(request);
    visitor
        .map_or_else(Vec::new, |visitor| visitor.before.into_iter().chain([visitor.id]).collect())
}

/// Removes what nobody will use again.
fn clean_up(connection: &mut DbConnection, now: chrono::NaiveDateTime) -> diesel::QueryResult<()> {
    sessions::delete_expired(connection, now - IDLE, now - LONGEST)?;
    attempts::delete_old(connection, now - ATTEMPTS_KEPT)
}
