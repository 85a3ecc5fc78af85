//! Queries on `image_post`. Each that changes a photo notes an event in the same transaction, so
//! that nobody can forget it: those must run in a transaction.

mod change;
mod files;
mod find;

pub use change::{
    change_owner, delete, delete_all_of, insert, mark_ponka_added, queue_again, set_alt, set_status,
};
pub use files::{PhotoFiles, count_files, files_after, files_of, newest_files};
pub use find::{
    count, count_of, find, find_all_owned, find_by_content, find_by_idempotency_keys, find_owned,
    newest, owns_file, page,
};
