//! Reads the photos of a form straight into the photo storage.

mod limits;
mod paced_body;
mod received;
#[cfg(test)]
mod tests;

use std::io;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::error::PayloadError;
use actix_web::http::header::{self, HeaderMap};
use actix_web::web;
use futures_util::{StreamExt, TryStreamExt};
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub use self::limits::{Pace, UploadLimits};
pub(super) use self::paced_body::PacedBody;
use self::received::ReceivedFiles;
use super::catalogue::UploadRefusal;
use super::original_filename::OriginalFilename;
use crate::photo_storage::{IncomingPhoto, PhotoStorage, StorageError, StoredOriginal};
use crate::watched::watcher;

/// The form field that carries photos, once or many times.
pub const FIELD: &str = "file";

/// How far the photos of a form with too many of them are counted.
const COUNTED_FIELDS: usize = 1000;

/// A photo that arrived completely. Nothing is known yet about what is in it.
#[derive(Debug, Clone)]
pub struct UploadedFile {
    /// The client's name for it, made harmless.
    pub original_filename: OriginalFilename,
    /// The original in the photo storage.
    pub stored: StoredOriginal,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub content_hash: String,
}

/// A request whose photos are not taken: none of them is stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("upload refused: {}", refusal.code())]
pub struct RefusedUpload {
    /// Why it is not taken.
    pub refusal: UploadRefusal,
    /// The file in question, if it is about one.
    pub file: Option<OriginalFilename>,
}

impl From<UploadRefusal> for RefusedUpload {
    fn from(refusal: UploadRefusal) -> Self {
        Self { refusal, file: None }
    }
}

/// Stores the photos of a `multipart/form-data` request, in the order of the form.
///
/// A refusal is answered after the rest of the form has been read and thrown away (within the
/// limits), because a browser that is still sending does not show an answer. Only a promised length
/// beyond the limits is refused at once, unread.
///
/// # Errors
/// The first reason not to take the request. Nothing of it is stored then, and neither is anything if
/// the client vanishes and this future is dropped.
pub async fn receive(
    headers: &HeaderMap,
    payload: web::Payload,
    storage: &PhotoStorage,
    limits: &UploadLimits,
) -> Result<Vec<UploadedFile>, RefusedUpload> {
    check_head(headers, limits)?;
    let mut form = Multipart::new(headers, PacedBody::new(payload, limits));
    let mut reader = Reader { storage, limits, fields: 0, files: 0, is_over: false };
    let mut received = ReceivedFiles::new(storage.clone());
    match reader.read(&mut form, &mut received).await {
        Ok(()) => Ok(received.keep()),
        Err(mut refused) => {
            received.discard().await;
            reader.count_the_rest(&mut form).await;
            if let UploadRefusal::TooMany { chosen } = &mut refused.refusal {
                *chosen = reader.files;
            }
            Err(refused)
        }
    }
}

/// Reads such a request to its end, as far as the limits allow, and keeps nothing of it: a browser
/// that is still sending does not show an answer.
///
/// # Errors
/// When it is refused unread.
pub async fn skip(
    headers: &HeaderMap,
    payload: web::Payload,
    limits: &UploadLimits,
) -> Result<(), RefusedUpload> {
    check_head(headers, limits)?;
    let mut body = PacedBody::new(payload, limits);
    while let Some(Ok(_)) = body.next().await {}
    Ok(())
}

/// What can be refused before a byte of the body is read.
fn check_head(headers: &HeaderMap, limits: &UploadLimits) -> Result<(), UploadRefusal> {
    let text = |name| headers.get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    let content_type = text(header::CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase();
    let kind = content_type.split(';').next().unwrap_or_default();
    if kind.trim_end() != "multipart/form-data" {
        return Err(UploadRefusal::NotAForm);
    }
    let promised = text(header::CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    if promised.is_some_and(|length| length > limits.request_bytes) {
        return Err(UploadRefusal::TooBigTogether);
    }
    Ok(())
}

/// Reads one form and counts what is in it.
struct Reader<'a> {
    storage: &'a PhotoStorage,
    limits: &'a UploadLimits,
    fields: usize,
    files: usize,
    /// The form ended, or could not be read: asking it for more would panic.
    is_over: bool,
}

impl Reader<'_> {
    async fn read(
        &mut self,
        form: &mut Multipart,
        received: &mut ReceivedFiles,
    ) -> Result<(), RefusedUpload> {
        while let Some(mut field) = self.next_field(form).await.map_err(refusal_of)? {
            self.count(&field);
            if self.files > self.limits.files {
                return Err(UploadRefusal::TooMany { chosen: self.files }.into());
            }
            if self.fields > self.limits.fields {
                return Err(UploadRefusal::TooManyFields.into());
            }
            if field.name() == Some(FIELD) {
                let file = self.store(field).await?;
                file.into_iter().for_each(|file| received.push(file));
            } else {
                length_of_rest(&mut field).await.map_err(refusal_of)?;
            }
        }
        if received.len() == 0 { Err(UploadRefusal::NoFile.into()) } else { Ok(()) }
    }

    /// Stores one field; nothing for the empty field of a form in which no file was chosen.
    async fn store(&self, mut field: Field) -> Result<Option<UploadedFile>, RefusedUpload> {
        let given_name = field
            .content_disposition()
            .and_then(|header| header.get_filename())
            .unwrap_or_default();
        let is_nameless = given_name.is_empty();
        let name = OriginalFilename::clean(given_name);
        let about = |refusal| RefusedUpload { refusal, file: Some(name.clone()) };

        let mut incoming = self.storage.incoming(Uuid::new_v4(), self.limits.file_bytes);
        let content_hash = match fill(&mut incoming, &mut field).await {
            Ok(hash) => hash,
            Err(refusal) => {
                // Before the refusal is told: the storage is then as it was.
                if let Err(error) = incoming.abort().await {
                    tracing::warn!(%error, "could not remove a refused upload; the sweep will");
                }
                return Err(match refusal {
                    UploadRefusal::TooBig { .. } => about(refusal),
                    refusal => refusal.into(),
                });
            }
        };
        match incoming.size() {
            0 if is_nameless => Ok(None),
            0 => Err(about(UploadRefusal::NotSupported)),
            _ => {
                let stored = incoming.finish().await.map_err(|error| storage_refusal(&error))?;
                Ok(Some(UploadedFile { original_filename: name, stored, content_hash }))
            }
        }
    }

    /// Reads on to the end of the form, or to the first error: the refusal is known already.
    async fn count_the_rest(&mut self, form: &mut Multipart) {
        while self.fields < COUNTED_FIELDS
            && let Ok(Some(mut field)) = self.next_field(form).await
        {
            self.count(&field);
            if length_of_rest(&mut field).await.is_err() {
                return;
            }
        }
    }

    async fn next_field(&mut self, form: &mut Multipart) -> Result<Option<Field>, MultipartError> {
        if self.is_over {
            return Ok(None);
        }
        let next = form.try_next().await;
        self.is_over = !matches!(next, Ok(Some(_)));
        next
    }

    fn count(&mut self, field: &Field) {
        self.fields += 1;
        self.files += usize::from(field.name() == Some(FIELD));
        if let (Some(watcher), Some(name)) = (watcher(), field.name()) {
            watcher.form_field(name);
        }
    }
}

/// Writes a field into the storage, and gives the hash of its bytes; of one that is too big, the
/// rest is only counted.
async fn fill(incoming: &mut IncomingPhoto, field: &mut Field) -> Result<String, UploadRefusal> {
    let mut digest = Sha256::new();
    while let Some(piece) = field.try_next().await.map_err(|error| refusal_of(error).refusal)? {
        digest.update(&piece);
        match incoming.write(piece).await {
            Ok(()) => {}
            Err(StorageError::TooBig { .. }) => {
                let rest =
                    length_of_rest(field).await.map_err(|error| refusal_of(error).refusal)?;
                return Err(UploadRefusal::TooBig { size: incoming.size() + rest });
            }
            Err(error) => return Err(storage_refusal(&error)),
        }
    }
    Ok(hex::encode(digest.finalize()))
}

async fn length_of_rest(field: &mut Field) -> Result<u64, MultipartError> {
    let mut length = 0;
    while let Some(piece) = field.try_next().await? {
        length += piece.len() as u64;
    }
    Ok(length)
}

/// `actix-multipart` answers 400 to all of these; people need to know which it was.
fn refusal_of(error: MultipartError) -> RefusedUpload {
    let refusal = match &error {
        MultipartError::Payload(PayloadError::Overflow) => UploadRefusal::TooBigTogether,
        MultipartError::Payload(PayloadError::Io(io)) if io.kind() == io::ErrorKind::TimedOut => {
            UploadRefusal::TooSlow
        }
        _ => UploadRefusal::Unreadable,
    };
    tracing::info!(%error, "could not read an upload: {}", refusal.code());
    refusal.into()
}

fn storage_refusal(error: &StorageError) -> UploadRefusal {
    tracing::error!(error = error as &dyn std::error::Error, "could not store an upload: {error}");
    match error {
        StorageError::NoSpace(_) => UploadRefusal::NoSpace,
        _ => UploadRefusal::Unavailable,
    }
}
