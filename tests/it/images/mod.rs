//! Photos, from the upload to their end.

mod alt;
mod delete;
pub(crate) mod full_disk;
mod hostile;
mod limits;
mod list;
mod media;
mod refused;
mod renditions;
mod retry;
mod storage_away;
mod storage_swept;
mod tiles;
mod upload;
