//! Handlers of commands.

mod add_ponka_to_image;
mod delete_image_post;
mod delete_photo_file;
mod delete_user;
mod log_emoji;
mod register_user;
mod send_email_message;

pub use add_ponka_to_image::AddPonkaToImageHandler;
pub use delete_image_post::DeleteImagePostHandler;
pub use delete_photo_file::DeletePhotoFileHandler;
pub use delete_user::DeleteUserHandler;
pub use log_emoji::LogEmojiHandler;
pub use register_user::RegisterUserHandler;
pub use send_email_message::SendEmailMessageHandler;
