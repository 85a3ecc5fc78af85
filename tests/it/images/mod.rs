//! Photos, from the upload to their end.

mod delete;
mod full_disk;
mod hostile;
mod list;
mod media;
mod refused;
mod upload;
