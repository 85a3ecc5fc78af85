//! What was promised, whatever happened.

mod accounts;
mod files;
mod messages;
mod photos;
mod processes;
mod rows;

use crate::clients::Client;
use crate::uploads::Photo;
use crate::world::World;

/// Looks at everything, first with the gallery open, then when all programs have stopped.
pub(crate) async fn check(world: &World, clients: &mut [Client]) {
    // Signing in would move them.
    rows::photos_of_a_visit_belong_to_its_account(world);
    for client in &mut *clients {
        for newcomer in &mut client.newcomers {
            accounts::check(world, newcomer).await;
            photos::answer(world, &mut newcomer.gallery).await;
        }
        photos::answer(world, &mut client.gallery).await;
    }
    processes::stop(world).await;
    files::sweep(world).await;
    let (rows, files) = (rows::read(world), files::read(world));
    rows::are_whole(world, &rows);
    files::belong_to_rows(world, &rows, &files);
    for photo in photos_of(clients) {
        photos::check(world, photo, &rows, &files);
    }
    messages::check(world, &rows);
    processes::check(world);
}

fn photos_of(clients: &[Client]) -> impl Iterator<Item = &Photo> {
    let newcomers = clients.iter().flat_map(|client| &client.newcomers);
    let theirs = newcomers.flat_map(|newcomer| &newcomer.gallery.photos);
    clients.iter().flat_map(|client| &client.gallery.photos).chain(theirs)
}
