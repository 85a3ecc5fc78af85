//! The mailbox for tests: `/dev/mailbox/api/messages`.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{find, folder, parse_id};
use crate::controller::AppError;
use crate::developer::mailbox::{DevMailbox, Mail, MailFilter, MailFolder, MailSummary};
use crate::http::problem::Problem;

/// The longest a request may wait for a mail.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// What may stand behind the `?`.
#[derive(Deserialize)]
pub(super) struct Search {
    to: Option<String>,
    since: Option<String>,
    wait: Option<String>,
}

#[derive(Serialize)]
struct Found {
    items: Vec<MailView>,
}

/// A mail of the JSON API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MailView {
    #[serde(flatten)]
    summary: MailSummary,
    message_id: Option<String>,
    text: Option<String>,
    html: Option<String>,
    links: Vec<String>,
}

impl From<Mail> for MailView {
    fn from(mail: Mail) -> Self {
        let Mail { summary, message_id, text, html, links, .. } = mail;
        Self { summary, message_id, text, html, links }
    }
}

impl Search {
    fn filter(&self) -> Result<MailFilter, Problem> {
        let given = |value: &Option<String>| {
            // In an address a plus means a space, and neither of the two has spaces.
            value.as_deref().filter(|text| !text.is_empty()).map(|text| text.replace(' ', "+"))
        };
        let since = given(&self.since).map(|text| {
            parse_moment(&text).ok_or_else(|| {
                wrong("since is a moment such as 2026-11-23T12:00:00Z, or seconds since 1970.")
            })
        });
        Ok(MailFilter { to: given(&self.to), since: since.transpose()? })
    }

    fn patience(&self) -> Result<Duration, Problem> {
        let Some(text) = self.wait.as_deref().filter(|text| !text.is_empty()) else {
            return Ok(Duration::ZERO);
        };
        let seconds = text.strip_suffix('s').unwrap_or(text).parse::<u64>();
        let seconds =
            seconds.map_err(|_malformed| wrong("wait is a number of seconds, such as 5 or 5s."))?;
        Ok(Duration::from_secs(seconds).min(MAX_WAIT))
    }
}

fn wrong(sentence: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, sentence)
}

fn parse_moment(text: &str) -> Option<DateTime<Utc>> {
    let seconds = text.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    seconds.or_else(|| text.parse().ok())
}

/// Whoever waits for a mail that goes elsewhere would wait in vain.
fn folder_or_problem(mailbox: &DevMailbox) -> Result<&MailFolder, Problem> {
    match mailbox {
        DevMailbox::Here(folder) => Ok(folder),
        DevMailbox::Elsewhere(place) => {
            let sentence = format!(
                "Mails go to {place}. Set MAILER_DSN=file://var/mail to find them here instead."
            );
            Err(Problem::new(StatusCode::CONFLICT, sentence))
        }
    }
}

/// `GET /dev/mailbox/api/messages?to=&since=&wait=`
pub(super) async fn list(
    mailbox: web::Data<DevMailbox>,
    search: web::Query<Search>,
) -> Result<HttpResponse, AppError> {
    let asked = folder_or_problem(&mailbox)
        .and_then(|folder| Ok((folder, search.filter()?, search.patience()?)));
    let (folder, filter, patience) = match asked {
        Ok(asked) => asked,
        Err(problem) => return Ok(problem.response()),
    };
    let mails = folder.wait(filter, patience).await?;
    let items = mails.into_iter().map(MailView::from).collect();
    Ok(HttpResponse::Ok().json(Found { items }))
}

/// `DELETE /dev/mailbox/api/messages?to=&since=`
pub(super) async fn delete_all(
    mailbox: web::Data<DevMailbox>,
    search: web::Query<Search>,
) -> Result<HttpResponse, AppError> {
    let asked = folder_or_problem(&mailbox).and_then(|folder| Ok((folder, search.filter()?)));
    match asked {
        Ok((folder, filter)) => folder.delete_all(filter).await?,
        Err(problem) => return Ok(problem.response()),
    }
    Ok(HttpResponse::NoContent().finish())
}

/// `GET /dev/mailbox/api/messages/{id}`
pub(super) async fn show(
    mailbox: web::Data<DevMailbox>,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    Ok(HttpResponse::Ok().json(MailView::from(find(&mailbox, &id).await?)))
}

/// `DELETE /dev/mailbox/api/messages/{id}`
pub(super) async fn delete(
    mailbox: web::Data<DevMailbox>,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    folder(&mailbox)?.delete(parse_id(&id)?).await?;
    Ok(HttpResponse::NoContent().finish())
}
