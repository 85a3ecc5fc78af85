//! What the gallery claims, where it takes real processes, a terminal, or a story of several steps.

mod consuming;
mod deleting;
mod failing;
mod killed;
mod killed_after_the_commit;
mod killed_while_mailing;
mod lost_file;
mod mail;
mod many_at_once;
mod mixed;
mod newcomer;
pub(crate) mod process;
mod reader_question;
mod registration;
mod restart;
mod secrets;
mod silent_network;
mod transports;
mod without_the_stamp;
