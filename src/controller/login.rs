//! Signing in and out.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::answer::{add_cookie, ask_to_wait, html, see_other};
use super::guesses::{self, Wait};
use super::sessions::{self, Confirmed};
use super::viewer::Viewer;
use super::{App, AppError, viewer};
use crate::config::Secret;
use crate::entity::User;
use crate::http::account_pages::FormPage;
use crate::http::even_pace::EvenPace;
use crate::http::form::Field;
use crate::http::next_path::next_path;
use crate::mail_address::EmailAddress;
use crate::repository::users;

/// The one answer to a wrong address and to a wrong password.
const WRONG: &str = "That email and password don’t go together. Check both and try again.";

/// The query of `GET /login`.
#[derive(Deserialize)]
pub(super) struct Question {
    next: Option<String>,
}

/// The fields of the form.
#[derive(Deserialize)]
pub(super) struct LoginForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    next: Option<String>,
}

/// `GET /login`
pub(super) async fn show(
    app: web::Data<App>,
    viewer: Viewer,
    question: web::Query<Question>,
) -> Result<HttpResponse, AppError> {
    let next = next_path(question.next.as_deref());
    if viewer.account.is_some() {
        return Ok(see_other(next));
    }
    let page = form("").with_next(next);
    html(StatusCode::OK, app.page(&viewer, "account/login.html", page)?)
}

/// `POST /login`
pub(super) async fn sign_in(
    app: web::Data<App>,
    request: HttpRequest,
    form: web::Form<LoginForm>,
) -> Result<HttpResponse, AppError> {
    let pace = EvenPace::begin();
    let answer = answer(&app, &request, form.into_inner()).await;
    pace.keep().await;
    answer
}

/// `POST /logout`
pub(super) async fn sign_out(
    app: web::Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    sessions::end(&app, &request).await?;
    let mut answer = see_other("/");
    add_cookie(&mut answer, &app.session_cookies.forget())?;
    Ok(answer)
}

async fn answer(
    app: &App,
    request: &HttpRequest,
    typed: LoginForm,
) -> Result<HttpResponse, AppError> {
    let next = next_path(typed.next.as_deref()).to_owned();
    let page = form(&typed.email).with_next(&next);
    // What is no address at all belongs to nobody, and is answered like that.
    let email = EmailAddress::parse(&typed.email)
        .map_or_else(|_| typed.email.trim().to_lowercase(), |email| email.to_string());
    let guess = match guesses::ask(app, request, &email).await? {
        Ok(guess) => guess,
        Err(Wait(seconds)) => return slow_down(app, page, seconds),
    };
    let wanted = email.clone();
    let user =
        app.database.run(move |connection| users::find_by_email(connection, &wanted)).await?;
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let client = viewer::client(app, request).name();
    let is_right = app.passwords.verify(&client, Secret::new(typed.password), hash).await;
    let confirmed = user.filter(|_| matches!(is_right, Ok(true)));
    is_right.map_err(AppError::of_hashing)?;
    if let Some(user) = confirmed {
        guess.was_right(app).await?;
        if let Some(answer) = welcome(app, request, user, &next).await? {
            return Ok(answer);
        }
    }
    let page = app.templates.render("account/login.html", page.with_problem(WRONG))?;
    html(StatusCode::UNPROCESSABLE_ENTITY, page)
}

/// Signs in; `None` if the password is another one by now.
async fn welcome(
    app: &App,
    request: &HttpRequest,
    user: User,
    next: &str,
) -> Result<Option<HttpResponse>, AppError> {
    let confirmed = Confirmed { user: user.id, hash: user.password_hash };
    let Some(token) = sessions::begin(app, request, confirmed, None).await? else {
        return Ok(None);
    };
    let mut answer = see_other(next);
    let cookies = &app.session_cookies;
    add_cookie(&mut answer, &cookies.issue(&token))?;
    // The visit goes on under its name: an upload that is still on its way is found next time.
    add_cookie(&mut answer, &cookies.issue_device(request, &guesses::device(&user.email)))?;
    Ok(Some(answer))
}

/// Too many guesses: the page says when to come back.
pub(super) fn wait_sentence(seconds: u64) -> String {
    let wait = match seconds {
        ..=1 => "1 second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    };
    format!("Too many attempts. Wait {wait} and try again.")
}

fn slow_down(app: &App, page: FormPage, seconds: u64) -> Result<HttpResponse, AppError> {
    let page = page.with_problem(wait_sentence(seconds));
    let page = app.templates.render("account/login.html", page)?;
    Ok(ask_to_wait(html(StatusCode::TOO_MANY_REQUESTS, page)?, Some(seconds)))
}

fn form(email: &str) -> FormPage {
    FormPage::new(vec![
        Field::email("email", "username").with_value(email),
        Field::password("password", "Password", "current-password"),
    ])
}
