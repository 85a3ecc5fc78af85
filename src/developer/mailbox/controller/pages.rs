//! The mailbox for people: the list, one mail, and deleting.

use actix_web::http::header;
use actix_web::{HttpResponse, HttpResponseBuilder, web};
use serde::Deserialize;

use super::view::{ListPage, MailPage, Tab};
use super::{find, folder, parse_id};
use crate::controller::{Account, App, AppError};
use crate::developer::mailbox::{DevMailbox, MailFilter};
use crate::http::security_headers;

/// Which page of the list.
#[derive(Deserialize)]
pub(super) struct Position {
    page: Option<usize>,
}

/// What to show of a mail.
#[derive(Deserialize)]
pub(super) struct View {
    tab: Option<Tab>,
}

/// `GET /dev/mailbox?page=`
pub(super) async fn list(
    app: web::Data<App>,
    mailbox: web::Data<DevMailbox>,
    account: Option<Account>,
    position: web::Query<Position>,
) -> Result<HttpResponse, AppError> {
    let number = position.page.unwrap_or(1).max(1);
    let mut page = ListPage {
        now: app.clock.now(),
        mails: Vec::new(),
        total: 0,
        unread: 0,
        page: number,
        has_older: false,
        elsewhere: None,
    };
    match &**mailbox {
        DevMailbox::Elsewhere(place) => page.elsewhere = Some(place.clone()),
        DevMailbox::Here(folder) => {
            let found = folder.page(number).await?;
            page = ListPage {
                mails: found.mails,
                total: found.total,
                unread: found.unread,
                has_older: found.has_older,
                ..page
            };
        }
    }
    Ok(html().body(app.page_for(account.as_ref(), "mailbox/list.html", page)?))
}

/// `GET /dev/mailbox/{id}?tab=`
pub(super) async fn show(
    app: web::Data<App>,
    mailbox: web::Data<DevMailbox>,
    account: Option<Account>,
    id: web::Path<String>,
    view: web::Query<View>,
) -> Result<HttpResponse, AppError> {
    let mail = find(&mailbox, &id).await?;
    if mail.summary.is_unread
        && let Err(error) = folder(&mailbox)?.mark_seen(mail.summary.id.clone()).await
    {
        tracing::warn!("Could not note that a mail was read: {error:#}");
    }
    let page = MailPage::new(app.clock.now(), mail, view.tab);
    let policy = security_headers::page_policy_with("frame-src 'self'");
    let page = app.page_for(account.as_ref(), "mailbox/show.html", page)?;
    Ok(html().insert_header((header::CONTENT_SECURITY_POLICY, policy)).body(page))
}

/// `POST /dev/mailbox/{id}/delete`
pub(super) async fn delete(
    mailbox: web::Data<DevMailbox>,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    folder(&mailbox)?.delete(parse_id(&id)?).await?;
    Ok(to_the_list())
}

/// `POST /dev/mailbox/delete`
pub(super) async fn delete_all(mailbox: web::Data<DevMailbox>) -> Result<HttpResponse, AppError> {
    folder(&mailbox)?.delete_all(MailFilter::default()).await?;
    Ok(to_the_list())
}

/// A page that tells the places its links lead to nothing.
fn html() -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"));
    response
}

fn to_the_list() -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, "/dev/mailbox")).finish()
}
