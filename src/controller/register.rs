//! Making an account.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use messenger::{DelayedMessageHandling, DispatchError};
use messenger_doctrine::DatabaseError;
use serde::Deserialize;
use uuid::Uuid;

use super::answer::{add_cookie, ask_to_wait, html, see_other};
use super::guesses::{self, Wait};
use super::login::wait_sentence;
use super::viewer::Viewer;
use super::{App, AppError, viewer};
use crate::config::Secret;
use crate::http::account_pages::FormPage;
use crate::http::error_page;
use crate::http::even_pace::EvenPace;
use crate::http::form::Field;
use crate::mail_address::{DisplayName, EmailAddress};
use crate::message::COMMAND_BUS;
use crate::message::command::RegisterUser;
use crate::repository::photos;

/// What a registration says whose mail could not be sent: true whether the address was known or
/// not.
const NO_MAIL: &str = "We could not send you a mail just now. If you have registered for the first \
     time, your account is ready all the same: sign in with your email and password.";

/// The fields of the form; others are not read.
#[derive(Deserialize)]
pub(super) struct RegisterForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

/// What a form becomes once nothing is wrong with it.
struct Registration {
    name: DisplayName,
    email: EmailAddress,
    password: Secret,
}

/// `GET /register`
pub(super) async fn show(app: web::Data<App>, viewer: Viewer) -> Result<HttpResponse, AppError> {
    if viewer.account.is_some() {
        return Ok(see_other("/account"));
    }
    html(StatusCode::OK, app.page(&viewer, "account/register.html", FormPage::new(fields()))?)
}

/// `POST /register`
pub(super) async fn create(
    app: web::Data<App>,
    request: HttpRequest,
    form: web::Form<RegisterForm>,
) -> Result<HttpResponse, AppError> {
    let pace = EvenPace::begin();
    let form = form.into_inner();
    if let Err(Wait(seconds)) = guesses::ask_to_register(&app, &request).await? {
        let page = FormPage::new(fields()).with_problem(wait_sentence(seconds));
        let page = app.templates.render("account/register.html", page)?;
        return Ok(ask_to_wait(html(StatusCode::TOO_MANY_REQUESTS, page)?, Some(seconds)));
    }
    let client = viewer::client(&app, &request).name();
    let answer = match form.check(&app, &client).await? {
        Ok(registration) => register(&app, &request, &client, registration).await,
        Err(page) => {
            let page = app.templates.render("account/register.html", page)?;
            return html(StatusCode::UNPROCESSABLE_ENTITY, page);
        }
    };
    pace.keep().await;
    answer
}

/// `GET /register/done`
pub(super) async fn done(app: web::Data<App>, viewer: Viewer) -> Result<HttpResponse, AppError> {
    html(StatusCode::OK, app.page(&viewer, "account/registered.html", ())?)
}

/// Everything is the same whether or not the address has an account already: the work, the answer,
/// the cookie. Only the mail tells.
async fn register(
    app: &App,
    request: &HttpRequest,
    client: &str,
    registration: Registration,
) -> Result<HttpResponse, AppError> {
    let password_hash = app.passwords.hash(client, registration.password).await;
    let visitor = app.visitor_cookies.read(request);
    let command = RegisterUser {
        uuid: Uuid::now_v7(),
        name: registration.name.to_string(),
        email: registration.email.to_string(),
        password_hash: password_hash.map_err(AppError::of_hashing)?,
        visitor_id: visitor.map(|visitor| visitor.id),
    };
    if let Some((visitor, before)) = visitor.and_then(|visitor| Some((visitor.id, visitor.before?)))
    {
        let joined = app
            .database
            .transaction(move |connection| photos::change_owner(connection, before, visitor));
        joined.await?;
    }
    let mut answer = match app.messenger.dispatch_on(COMMAND_BUS, command).await {
        Ok(_) => see_other("/register/done"),
        // The account is there. What follows is in the outbox, and a worker does it when the database
        // is back.
        Err(DispatchError::Delayed(delayed)) if only_waits_for_the_database(&delayed) => {
            tracing::warn!("Somebody registered; the welcome mail comes later: {delayed}");
            see_other("/register/done")
        }
        // The account is there, and the message could not be handled in this process.
        Err(DispatchError::Delayed(delayed)) => no_mail(app, request, &delayed.to_string()),
        Err(error) => return Err(error.into()),
    };
    if let Some(visitor) = visitor {
        add_cookie(&mut answer, &app.visitor_cookies.issue(visitor.after_registration()))?;
    }
    Ok(answer)
}

fn only_waits_for_the_database(delayed: &DelayedMessageHandling) -> bool {
    delayed.failures.iter().all(|failure| {
        DatabaseError::find_in(&failure.error)
            .is_some_and(|error| error.is_unavailable() || error.is_disk_full())
    })
}

fn no_mail(app: &App, request: &HttpRequest, reason: &str) -> HttpResponse {
    tracing::error!("Somebody registered, and the mail could not be sent: {reason}");
    let sentence = if app.dev { format!("{NO_MAIL} ({reason})") } else { NO_MAIL.to_owned() };
    error_page::response(request, StatusCode::INTERNAL_SERVER_ERROR, &sentence)
}

impl RegisterForm {
    /// What to do with it; or the page again, with what was wrong.
    async fn check(
        self,
        app: &App,
        client: &str,
    ) -> Result<Result<Registration, FormPage>, AppError> {
        let password = Secret::new(self.password);
        let name = DisplayName::parse(&self.name);
        let email = EmailAddress::parse(&self.email);
        let known_words = vec![self.name.clone(), self.email.clone()];
        let strength = app.passwords.check(client, password.clone(), known_words).await;
        let strength = strength.map_err(AppError::of_hashing)?;
        let errors = [
            name.as_ref().err().map(ToString::to_string),
            email.as_ref().err().map(ToString::to_string),
            strength.as_ref().err().map(ToString::to_string),
        ];
        if let (Ok(name), Ok(email), Ok(())) = (name, email, strength) {
            return Ok(Ok(Registration { name, email, password }));
        }
        let typed = [self.name.as_str(), self.email.as_str(), ""];
        let fields = fields().into_iter().zip(typed).zip(errors);
        let fields =
            fields.map(|((field, typed), error)| field.with_value(typed).with_error(error));
        Ok(Err(FormPage::new(fields.collect())))
    }
}

fn fields() -> Vec<Field> {
    vec![
        Field::text("name", "Your name", "name"),
        Field::email("email", "email"),
        Field::password("password", "Password", "new-password")
            .hint("At least 8 characters, any you like."),
    ]
}
