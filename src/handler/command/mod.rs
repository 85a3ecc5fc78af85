//! Handlers of commands.

mod add_ponka_to_image;
mod delete_image_post;
mod delete_photo_file;
mod log_emoji;
mod send_email_message;

pub use add_ponka_to_image::AddPonkaToImageHandler;
pub use delete_image_post::DeleteImagePostHandler;
pub use delete_photo_file::DeletePhotoFileHandler;
pub use log_emoji::LogEmojiHandler;
pub use send_email_message::SendEmailMessageHandler;
