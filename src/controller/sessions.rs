//! Begins and ends sessions: signing in and out.

use actix_web::HttpRequest;
use chrono::{NaiveDateTime, TimeDelta};
use diesel::QueryResult;
use messenger_doctrine::DbConnection;
use uuid::Uuid;

use super::{App, AppError};
use crate::entity::{PasswordHash, Session};
use crate::http::session_cookie::SessionToken;
use crate::repository::{attempts, photos, sessions, users};

/// How long failed attempts are remembered at most.
const ATTEMPTS_KEPT: TimeDelta = TimeDelta::days(2);

/// Somebody whose password was right a moment ago.
pub(super) struct Confirmed {
    pub(super) user: Uuid,
    /// The hash that the password was checked against.
    pub(super) hash: PasswordHash,
}

/// Begins a session, with a new token; the one that the browser had ends. The photos of the visit
/// move to the account. With a new password every other session ends too.
///
/// `None` if the account has another password by now, or is gone.
pub(super) async fn begin(
    app: &App,
    request: &HttpRequest,
    confirmed: Confirmed,
    new_password: Option<PasswordHash>,
) -> Result<Option<SessionToken>, AppError> {
    let Confirmed { user, hash } = confirmed;
    let token = SessionToken::random().map_err(|error| AppError::Internal(error.into()))?;
    let now = app.clock.now().naive_utc();
    let new = Session { token_hash: token.hash(), user_id: user, created_at: now, seen_at: now };
    let old = app.session_cookies.read(request).map(|token| token.hash());
    let visits = visits(app, request);
    let begun = app.database.transaction(move |connection| {
        // Everybody locks the account first and its sessions then.
        if !users::hold_if_password(connection, user, &hash)? {
            return Ok(false);
        }
        if let Some(new_password) = new_password {
            users::set_password(connection, user, &new_password)?;
            sessions::delete_all_of(connection, user)?;
        }
        for visit in visits {
            photos::change_owner(connection, visit, user)?;
        }
        sessions::insert(connection, &new)?;
        if let Some(old) = old {
            sessions::delete(connection, &old)?;
        }
        Ok(true)
    });
    if !begun.await? {
        return Ok(None);
    }
    clean_up(app, now).await;
    Ok(Some(token))
}

/// Ends the session that the browser has.
pub(super) async fn end(app: &App, request: &HttpRequest) -> Result<(), AppError> {
    if let Some(token) = app.session_cookies.read(request) {
        let hash = token.hash();
        app.database.transaction(move |connection| sessions::delete(connection, &hash)).await?;
    }
    Ok(())
}

/// Whom this browser was before it signed in.
fn visits(app: &App, request: &HttpRequest) -> Vec<Uuid> {
    let visitor = app.visitor_cookies.read(request);
    visitor
        .map_or_else(Vec::new, |visitor| visitor.before.into_iter().chain([visitor.id]).collect())
}

/// Removes what nobody will use again; if not now, then the next time.
async fn clean_up(app: &App, now: NaiveDateTime) {
    let removals: [fn(&mut DbConnection, NaiveDateTime) -> QueryResult<()>; 2] = [
        |connection, now| {
            sessions::delete_expired(connection, now - Session::IDLE, now - Session::LONGEST)
        },
        |connection, now| attempts::delete_old(connection, now - ATTEMPTS_KEPT),
    ];
    for remove in removals {
        if let Err(error) =
            app.database.transaction(move |connection| remove(connection, now)).await
        {
            tracing::warn!("Could not remove old sessions or attempts: {error}");
        }
    }
}
