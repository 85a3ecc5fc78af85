//! What a mail consists of: its HTML in a cage, its bytes and attachments to be saved.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::find;
use super::view::too_large;
use crate::controller::AppError;
use crate::developer::mail_frame::mail_frame;
use crate::developer::mailbox::{DevMailbox, MailProblem};
use crate::http::download::download;
use crate::http::error_page;
use crate::http::original_filename::OriginalFilename;

/// `GET /dev/mailbox/{id}/html`: the document of the frame.
pub(super) async fn frame(
    mailbox: web::Data<DevMailbox>,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let mail = find(&mailbox, &id).await?;
    let drawn = web::block(move || mail.frame_document()).await;
    let document = drawn.map_err(|error| AppError::Unavailable(error.into()))?;
    Ok(mail_frame(document.ok_or(AppError::NotFound)?))
}

/// `GET /dev/mailbox/{id}/raw`: the mail as it was sent.
pub(super) async fn raw(
    mailbox: web::Data<DevMailbox>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let mail = find(&mailbox, &id).await?;
    if let Some(MailProblem::TooLarge(limit)) = mail.problem {
        let sentence = too_large(limit);
        return Ok(error_page::response(&request, StatusCode::PAYLOAD_TOO_LARGE, &sentence));
    }
    let name = OriginalFilename::clean(&format!("{}.eml", mail.summary.id));
    Ok(download(&name, mail.raw))
}

/// `GET /dev/mailbox/{id}/attachments/{number}`
pub(super) async fn attachment(
    mailbox: web::Data<DevMailbox>,
    path: web::Path<(String, usize)>,
) -> Result<HttpResponse, AppError> {
    let (id, number) = path.into_inner();
    let mail = find(&mailbox, &id).await?;
    let attachment = mail.attachments.into_iter().nth(number).ok_or(AppError::NotFound)?;
    let name = attachment.name.as_deref().unwrap_or("attachment");
    Ok(download(&OriginalFilename::clean(name), attachment.bytes))
}
