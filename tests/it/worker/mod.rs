//! What workers do with photos and with poison.

mod add_ponka;
mod delete_photo_file;
mod external;
mod queue_poison;
