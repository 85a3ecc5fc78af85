//! The dev mailbox: pages for developers, JSON for their tests. Its addresses exist in dev only.

mod api;
mod files;
mod pages;
mod view;

use actix_web::web;

use super::{DevMailbox, Mail, MailFolder, MailId, MailboxError};
use crate::controller::{AppError, get_or_head, only};

/// The addresses of the mailbox.
pub(in crate::developer) fn routes(config: &mut web::ServiceConfig) {
    let get = get_or_head;
    config
        .service(only("/dev/mailbox", "GET, HEAD").route(get().to(pages::list)))
        .service(only("/dev/mailbox/delete", "POST").route(web::post().to(pages::delete_all)))
        .service(
            only("/dev/mailbox/api/messages", "GET, HEAD, DELETE")
                .route(get().to(api::list))
                .route(web::delete().to(api::delete_all)),
        )
        .service(
            only("/dev/mailbox/api/messages/{id}", "GET, HEAD, DELETE")
                .route(get().to(api::show))
                .route(web::delete().to(api::delete)),
        )
        .service(only("/dev/mailbox/{id}", "GET, HEAD").route(get().to(pages::show)))
        .service(only("/dev/mailbox/{id}/delete", "POST").route(web::post().to(pages::delete)))
        .service(only("/dev/mailbox/{id}/html", "GET, HEAD").route(get().to(files::frame)))
        .service(only("/dev/mailbox/{id}/raw", "GET, HEAD").route(get().to(files::raw)))
        .service(
            only("/dev/mailbox/{id}/attachments/{number}", "GET, HEAD")
                .route(get().to(files::attachment)),
        );
}

/// The folder of mails; if mails go elsewhere, no mail is found.
fn folder(mailbox: &DevMailbox) -> Result<&MailFolder, AppError> {
    match mailbox {
        DevMailbox::Here(folder) => Ok(folder),
        DevMailbox::Elsewhere(_) => Err(AppError::NotFound),
    }
}

/// The mail with this id, which is checked before anything is looked for.
async fn find(mailbox: &DevMailbox, id: &str) -> Result<Mail, AppError> {
    Ok(folder(mailbox)?.find(parse_id(id)?).await?)
}

fn parse_id(id: &str) -> Result<MailId, AppError> {
    id.parse().map_err(|_malformed| AppError::NotFound)
}

impl From<MailboxError> for AppError {
    fn from(error: MailboxError) -> Self {
        match error {
            MailboxError::NotFound => Self::NotFound,
            error => Self::Unavailable(error.into()),
        }
    }
}
