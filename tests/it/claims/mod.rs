//! What the gallery claims, where it takes real processes, a terminal, or a story of several steps.

mod consuming;
mod deleting;
mod failing;
mod killed;
mod killed_while_mailing;
mod mixed;
mod process;
mod reader_question;
mod registration;
mod restart;
mod transports;
