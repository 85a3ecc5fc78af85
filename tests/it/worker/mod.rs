//! What workers do with photos and with poison.

mod add_ponka;
mod delete_photo_file;
mod queue_poison;
