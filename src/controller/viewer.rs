//! Who makes a request: somebody with an account, or a visitor; and from where.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use chrono::TimeDelta;
use futures_util::future::LocalBoxFuture;
use uuid::Uuid;

use super::{App, AppError};
use crate::entity::User;
use crate::http::account_pages::AccountView;
use crate::http::client::Client;
use crate::http::session_cookie::SessionToken;
use crate::http::visitor::Visitor;
use crate::repository::sessions;

/// Using a session is noted at most so often: reading pages writes nothing in between.
const NOTED: TimeDelta = TimeDelta::minutes(1);

/// The query of a script names the account that its page was made for.
const MADE_FOR: &str = "viewer";

/// Who makes a request. One that names an account is answered to that account alone: a page must
/// not take the photos of whoever came after for its own.
#[derive(Debug, Clone)]
pub(crate) struct Viewer {
    /// Whose photos may be seen: the account's, or the visitor's.
    pub(crate) owner: Uuid,
    /// Who is signed in.
    pub(crate) account: Option<Account>,
}

/// Somebody signed in.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) id: Uuid,
    pub(crate) user: User,
}

/// Where a request comes from, as far as nobody can make it up.
pub(super) fn client(app: &App, request: &HttpRequest) -> Client {
    app.trusted_proxies.client(request)
}

impl Viewer {
    /// Whether photos are taken from here.
    pub(crate) fn may_upload(&self, app: &App) -> bool {
        self.account.is_some() || app.guest_uploads
    }
}

impl Account {
    /// What the top of a page shows.
    pub(crate) fn view(&self) -> AccountView {
        let (name, email) = (self.user.name.clone(), self.user.email.clone());
        AccountView { name, email, id: self.id }
    }
}

impl FromRequest for Viewer {
    type Error = AppError;
    type Future = LocalBoxFuture<'static, Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let account = Account::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            match account.await {
                Ok(account) if is_made_for_another(&request, Some(account.id)) => {
                    return Err(AppError::OtherViewer);
                }
                Ok(account) => return Ok(Self { owner: account.id, account: Some(account) }),
                Err(AppError::SignedOut) if is_made_for_another(&request, None) => {
                    return Err(AppError::OtherViewer);
                }
                Err(AppError::SignedOut) => {}
                Err(error) => return Err(error),
            }
            let visitor = Visitor::extract(&request).await;
            let visitor =
                visitor.map_err(|error| AppError::Internal(anyhow::anyhow!("{error}")))?;
            Ok(Self { owner: visitor.id, account: None })
        })
    }
}

fn is_made_for_another(request: &HttpRequest, account: Option<Uuid>) -> bool {
    let mut query = url::form_urlencoded::parse(request.query_string().as_bytes());
    let made_for = query.find(|(name, _)| name == MADE_FOR);
    made_for.is_some_and(|(_, id)| account.is_none_or(|account| account.to_string() != id))
}

impl FromRequest for Account {
    type Error = AppError;
    type Future = LocalBoxFuture<'static, Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let app = request.app_data::<web::Data<App>>().cloned();
        let token = app.as_ref().and_then(|app| app.session_cookies.read(request));
        let request = request.clone();
        Box::pin(async move {
            let (Some(app), Some(token)) = (app, token) else { return Err(AppError::SignedOut) };
            let account = recognise(&app, &token).await?.ok_or(AppError::SignedOut)?;
            request.extensions_mut().insert(account.view());
            Ok(account)
        })
    }
}

/// Whose session this is, if it has not ended.
async fn recognise(app: &App, token: &SessionToken) -> Result<Option<Account>, AppError> {
    let hash = token.hash();
    let wanted = hash.clone();
    let found = app.database.run(move |connection| sessions::find(connection, &wanted)).await?;
    let now = app.clock.now().naive_utc();
    let Some((session, user)) = found.filter(|(session, _)| session.is_alive(now)) else {
        return Ok(None);
    };
    if now - session.seen_at >= NOTED {
        let noted =
            app.database.transaction(move |connection| sessions::touch(connection, &hash, now));
        if let Err(error) = noted.await {
            tracing::warn!("Could not note that a session was used: {error}");
        }
    }
    Ok(Some(Account { id: user.id, user }))
}
