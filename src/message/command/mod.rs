//! Commands.

mod add_ponka_to_image;
mod delete_image_post;
mod delete_photo_file;
mod log_emoji;

pub use add_ponka_to_image::AddPonkaToImage;
pub use delete_image_post::DeleteImagePost;
pub use delete_photo_file::DeletePhotoFile;
pub use log_emoji::LogEmoji;
