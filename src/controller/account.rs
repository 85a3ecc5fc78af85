//! The account's own page: its name, its password, its sessions, and its end.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use messenger_doctrine::DatabaseContext as _;
use serde::Deserialize;

use super::answer::{add_cookie, ask_to_wait, html, see_other};
use super::error::is_delayed;
use super::guesses::{self, Wait};
use super::sessions::{self, Confirmed};
use super::viewer::{Account, Viewer};
use super::{App, AppError, login, viewer};
use crate::config::Secret;
use crate::http::account_pages::AccountPage;
use crate::mail_address::DisplayName;
use crate::message::COMMAND_BUS;
use crate::message::command::DeleteUser;
use crate::repository::{photos, sessions as session_rows, users};

const WRONG: &str = "That is not your password. Type it again.";

/// The query of `GET /account`: what was done last.
#[derive(Deserialize)]
pub(super) struct Done {
    saved: Option<String>,
}

/// The form for another name.
#[derive(Deserialize)]
pub(super) struct NameForm {
    #[serde(default)]
    name: String,
}

/// The form for another password.
#[derive(Deserialize)]
pub(super) struct PasswordForm {
    #[serde(default)]
    current: String,
    #[serde(default)]
    password: String,
}

/// The form that deletes the account.
#[derive(Deserialize)]
pub(super) struct DeleteForm {
    #[serde(default)]
    confirm: String,
}

/// `GET /account`
pub(super) async fn show(
    app: web::Data<App>,
    account: Account,
    done: web::Query<Done>,
) -> Result<HttpResponse, AppError> {
    let notice = match done.saved.as_deref() {
        Some("name") => Some("Your name has been changed."),
        Some("password") => {
            Some("Your password has been changed. You are signed out everywhere else.")
        }
        _ => None,
    };
    let page = page(&app, &account).await?.with_notice(notice);
    answer(&app, account, StatusCode::OK, page)
}

/// `POST /account/name`
pub(super) async fn rename(
    app: web::Data<App>,
    account: Account,
    form: web::Form<NameForm>,
) -> Result<HttpResponse, AppError> {
    match DisplayName::parse(&form.name) {
        Ok(name) => {
            let renamed = app.database.transaction(move |connection| {
                users::rename(connection, account.id, name.as_str())
            });
            renamed.await?;
            Ok(see_other("/account?saved=name"))
        }
        Err(error) => {
            let page = page(&app, &account).await?.with_name(&form.name);
            refuse(&app, account, page.with_error("name", &error.to_string()))
        }
    }
}

/// `POST /account/password`
pub(super) async fn change_password(
    app: web::Data<App>,
    account: Account,
    request: HttpRequest,
    form: web::Form<PasswordForm>,
) -> Result<HttpResponse, AppError> {
    let form = form.into_inner();
    let new = Secret::new(form.password);
    let known = vec![account.user.name.clone(), account.user.email.clone()];
    let client = viewer::client(&app, &request).name();
    let checked = app.passwords.check(&client, new.clone(), known).await;
    if let Err(error) = checked.map_err(AppError::of_hashing)? {
        let page = page(&app, &account).await?.with_error("password", &error.to_string());
        return refuse(&app, account, page);
    }
    let confirmed = match confirm(&app, &account, &request, form.current, "current").await? {
        Ok(confirmed) => confirmed,
        Err(answer) => return Ok(answer),
    };
    let hash = app.passwords.hash(&client, new).await.map_err(AppError::of_hashing)?;
    let Some(token) = sessions::begin(&app, &request, confirmed, Some(hash)).await? else {
        return Err(AppError::SignedOut);
    };
    let mut answer = see_other("/account?saved=password");
    add_cookie(&mut answer, &app.session_cookies.issue(&token))?;
    Ok(answer)
}

/// `POST /account/sign-out-everywhere`
pub(super) async fn sign_out_everywhere(
    app: web::Data<App>,
    account: Account,
) -> Result<HttpResponse, AppError> {
    let ended = app
        .database
        .transaction(move |connection| session_rows::delete_all_of(connection, account.id));
    ended.await?;
    leave(&app)
}

/// `POST /account/delete`
pub(super) async fn delete(
    app: web::Data<App>,
    account: Account,
    request: HttpRequest,
    form: web::Form<DeleteForm>,
) -> Result<HttpResponse, AppError> {
    let typed = form.into_inner().confirm;
    let Confirmed { user, hash } = match confirm(&app, &account, &request, typed, "confirm").await?
    {
        Ok(confirmed) => confirmed,
        Err(answer) => return Ok(answer),
    };
    let mut cx = app.messenger.context(COMMAND_BUS);
    let deleted = cx.transaction(async move |cx| {
        // Somebody who knew the old password only comes too late.
        let is_same = cx.db(move |connection| users::hold_if_password(connection, user, &hash));
        if is_same.await? {
            cx.dispatch_on(COMMAND_BUS, DeleteUser { uuid: user }).await?;
        }
        Ok::<_, anyhow::Error>(())
    });
    match deleted.await {
        Ok(()) => {}
        // The account is gone, and that is what was asked for.
        Err(error) if is_delayed(&error) => {
            tracing::error!("An account is deleted, but the steps after it failed: {error:#}");
        }
        Err(error) => return Err(AppError::of(error)),
    }
    leave(&app)
}

fn leave(app: &App) -> Result<HttpResponse, AppError> {
    let mut answer = see_other("/");
    add_cookie(&mut answer, &app.session_cookies.forget())?;
    Ok(answer)
}

/// Whether it is the account's owner who sits there: an open browser does not prove that. `Err`
/// inside is the page again.
async fn confirm(
    app: &App,
    account: &Account,
    request: &HttpRequest,
    typed: String,
    field: &str,
) -> Result<Result<Confirmed, HttpResponse>, AppError> {
    let guess = match guesses::ask(app, request, &account.user.email).await? {
        Ok(guess) => guess,
        Err(Wait(seconds)) => {
            let page = page(app, account).await?.with_problem(login::wait_sentence(seconds));
            let answer = answer(app, account.clone(), StatusCode::TOO_MANY_REQUESTS, page)?;
            return Ok(Err(ask_to_wait(answer, Some(seconds))));
        }
    };
    let hash = account.user.password_hash.clone();
    let client = viewer::client(app, request).name();
    let is_right = app.passwords.verify(&client, Secret::new(typed), Some(hash.clone())).await;
    if is_right.map_err(AppError::of_hashing)? {
        guess.was_right(app).await?;
        return Ok(Ok(Confirmed { user: account.id, hash }));
    }
    let page = page(app, account).await?.with_error(field, WRONG);
    refuse(app, account.clone(), page).map(Err)
}

async fn page(app: &App, account: &Account) -> Result<AccountPage, AppError> {
    let owner = account.id;
    let photos = app.database.run(move |connection| photos::count_of(connection, owner));
    Ok(AccountPage::new(&account.user.name, photos.await?))
}

fn refuse(app: &App, account: Account, page: AccountPage) -> Result<HttpResponse, AppError> {
    answer(app, account, StatusCode::UNPROCESSABLE_ENTITY, page)
}

fn answer(
    app: &App,
    account: Account,
    status: StatusCode,
    page: AccountPage,
) -> Result<HttpResponse, AppError> {
    let viewer = Viewer { owner: account.id, account: Some(account) };
    html(status, app.page(&viewer, "account/show.html", page)?)
}
