//! Accounts: each has its welcome mail, once or under one Message-ID, and lets its owner in.

use crate::newcomers::{Known, Newcomer};
use crate::smtp::message_ids;
use crate::world::World;

const STAYS: &str = "an account stays until it is deleted";
const WELCOME: &str = "an account has its welcome mail, under one Message-ID";
const LETS_IN: &str = "an account lets its owner in";

pub(crate) async fn check(world: &World, newcomer: &mut Newcomer) {
    let Newcomer { email, registered, deleted, .. } = &*newcomer;
    let is_there = world.database.count(&format!("app_user WHERE email = '{email}'")) == 1;
    let may_be_there = match (registered, deleted) {
        (Known::Yes, Known::No) => is_there,
        (_, Known::Yes) | (Known::No, _) => !is_there,
        _ => true,
    };
    if !may_be_there {
        let there = if is_there { "is there" } else { "is not there" };
        let detail =
            format!("{email}: registered: {registered:?}, deleted: {deleted:?}; it {there}");
        world.ledger().broken(STAYS, detail);
    }
    let mut mails = world.smtp.mails();
    mails.retain(|mail| mail.to.contains(email));
    let ids = message_ids(&mails);
    if ids.len() > 1 || (ids.is_empty() && is_there) {
        world.ledger().broken(WELCOME, format!("{email}: {} mails, {ids:?}", mails.len()));
    }
    if is_there && !newcomer.sign_in(world).await {
        world.ledger().broken(LETS_IN, newcomer.email.clone());
    }
}
