//! Commands.

mod add_ponka_to_image;
mod delete_image_post;
mod delete_photo_file;
mod delete_user;
mod email_attachment;
mod log_emoji;
mod register_user;
mod send_email_message;

pub use add_ponka_to_image::AddPonkaToImage;
pub use delete_image_post::DeleteImagePost;
pub use delete_photo_file::DeletePhotoFile;
pub use delete_user::DeleteUser;
pub use email_attachment::EmailAttachment;
pub use log_emoji::LogEmoji;
pub use register_user::RegisterUser;
pub use send_email_message::{SendEmailMessage, UncheckedMailbox};
