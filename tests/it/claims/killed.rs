//! `kill -9`: of a worker in the middle of its work, and of the gallery in the middle of uploads.

use std::net::SocketAddr;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, SystemTime};

use ponka::photo::Ponkaficator;
use uuid::Uuid;

use super::process::{Running, count};
use crate::console::project::Project;
use crate::support::{FORM, MARKER, Visitor, eventually, form, photos};

const LEASE: &str = "[transports.async_priority_high]\n\
     options = { queue_name = \"high\", redeliver_timeout = 2 }\n";
/// Six kills may meet one message each time, and none of them is its fault.
const PATIENT: &str = "[transports.async_priority_high]\n\
     options = { queue_name = \"high\", redeliver_timeout = 2, max_deliveries = 10 }\n";
const CONSUME: &str = "messenger:consume async_priority_high -vv --keepalive=0.3 --sleep=0.1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s3_11_rel_01_what_a_killed_worker_had_in_hand_is_handled_once_more() {
    let project = Project::new();
    project.configure(LEASE);
    let mut server = Running::start(&mut project.gallery("--no-worker"));
    let visitor = Visitor::new(server.address());
    let mut slow = Running::start(project.command(CONSUME).env("PONKA_SLEEP_MS", "120000"));
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    slow.line(r"Received message App\Message\AddPonkaToImage");
    let mut other = Running::start(&mut project.command(CONSUME));
    other.line("Quit the worker");
    // More than two leases long, the first worker keeps its own alive.
    let taken = other.line_within("Received message", Duration::from_millis(4500));
    assert_eq!(taken, None);
    slow.kill();
    other.line("The lease of message 1 ended: delivery 2 begins.");
    let counted = "SELECT message_id || ' ' || deliveries AS value \
         FROM messenger_messages_deliveries";
    other.line(r"App\Message\AddPonkaToImage was handled successfully");
    eventually("the message to go", || {
        project.values("SELECT CAST(id AS TEXT) AS value FROM messenger_messages").is_empty()
    })
    .await;
    let lines = other.stop();
    assert_eq!(count(&lines, "Received message"), 1, "{lines:#?}");
    assert_eq!(project.values(counted), Vec::<String>::new());
    let id = image["id"].as_str().unwrap().parse().unwrap();
    one_cat_is_on(&project, id, &photos::cat());
}

/// The photo is done: it is shown as if nothing had happened, and nothing else is stored.
fn one_cat_is_on(project: &Project, id: Uuid, photo: &[u8]) {
    let post = "SELECT status || ' ' || media || ' ' || thumbnail AS value FROM image_post";
    let post = project.values(post).remove(0);
    let words: Vec<&str> = post.split(' ').collect();
    let mut files = files(project);
    files.retain(|file| file.contains("/media/"));
    assert_eq!((words[0], files.len()), ("done", 2), "{files:?}");
    assert_eq!(files_of(project, "originals"), Vec::<String>::new());
    let once = Ponkaficator::new().ponkafy(photo, id).unwrap();
    let shown = files.iter().filter(|file| std::fs::read(file).unwrap() == once).count();
    assert_eq!(shown, 1, "{post}: {files:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s0_6b_the_gallery_killed_while_photos_come_in_leaves_nothing_half_done() {
    let project = Project::new();
    project.configure(PATIENT);
    let mut accepted = Vec::new();
    for round in 0..6_u64 {
        accepted.extend(upload_and_kill(&project, round));
    }
    let known = project.values("SELECT id AS value FROM image_post");
    assert!(accepted.len() > 10 && accepted.iter().all(|id| known.contains(id)), "{accepted:?}");
    let alone = "SELECT id AS value FROM image_post WHERE status <> 'done' AND 1 <> \
         (SELECT count(*) FROM messenger_messages \
         WHERE queue_name = 'high' AND body LIKE '%' || image_post.id || '%')";
    assert_eq!(project.values(alone), Vec::<String>::new());
    every_file_has_a_photo_after_a_sweep(&project);
    let mut worker = Running::start(&mut project.command(CONSUME));
    eventually("all photos to be done", || {
        project.values("SELECT id AS value FROM image_post WHERE status <> 'done'").is_empty()
            && project.values("SELECT body AS value FROM messenger_messages").is_empty()
    })
    .await;
    worker.kill();
    every_file_has_a_photo_after_a_sweep(&project);
}

/// Uploads from several sides until the gallery, with its worker, is killed; gives the ids that it
/// has said it has.
fn upload_and_kill(project: &Project, round: u64) -> Vec<String> {
    let mut server = Running::start(&mut project.gallery(""));
    let address = server.address();
    let (sender, ids) = channel();
    let uploads = (0..4).map(|_| {
        let sender = sender.clone();
        std::thread::spawn(move || upload_until_killed(address, &sender))
    });
    let uploads: Vec<_> = uploads.collect();
    drop(sender);
    let mut accepted: Vec<String> = ids.iter().take(3 + usize::try_from(round).unwrap()).collect();
    server.kill();
    accepted.extend(ids);
    for upload in uploads {
        upload.join().unwrap();
    }
    accepted
}

fn upload_until_killed(address: SocketAddr, ids: &Sender<String>) {
    let photo = photos::cat();
    while let Some(id) = upload(address, &photo) {
        // At the end nobody counts any more.
        let _ = ids.send(id);
    }
}

/// The id of the new photo; `None` if the gallery does not answer.
fn upload(address: SocketAddr, photo: &[u8]) -> Option<String> {
    use std::io::{Read, Write};
    let body = form(&[("cat.jpg", photo)]);
    let head = format!(
        "POST /api/images HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: {FORM}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = std::net::TcpStream::connect(address).ok()?;
    stream.write_all(&[head.as_bytes(), &body].concat()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let id = answer.split("\"id\":\"").nth(1)?.split('"').next()?.to_owned();
    answer.starts_with("HTTP/1.1 201").then_some(id)
}

/// All files are made old, so that the sweep takes all that belong to no photo.
fn every_file_has_a_photo_after_a_sweep(project: &Project) {
    for file in files(project) {
        let file = std::fs::File::options().append(true).open(file).unwrap();
        #[expect(clippy::disallowed_methods, reason = "the file system has no other clock")]
        file.set_modified(SystemTime::now() - Duration::from_secs(7200)).unwrap();
    }
    let said = project.console("photos:sweep");
    assert_eq!(said.code, Some(0), "{said:?}");
    let checked = project.console("photos:check");
    assert_eq!(checked.code, Some(0), "{checked:?}");
    let photos = project.values("SELECT filename AS value FROM image_post");
    for file in files(project) {
        assert!(photos.iter().any(|photo| file.contains(photo.as_str())), "{file}");
    }
    let shown = project.values("SELECT media AS value FROM image_post");
    let media = files_of(project, "media");
    assert!(shown.len() <= media.len(), "{shown:?} {media:?}");
    let unfinished = "SELECT filename AS value FROM image_post WHERE status <> 'done'";
    for photo in project.values(unfinished) {
        assert!(project.path(&format!("uploads/originals/{photo}")).exists(), "{photo}");
    }
}

fn files_of(project: &Project, folder: &str) -> Vec<String> {
    let start = project.path(&format!("uploads/{folder}/")).display().to_string();
    files(project).into_iter().filter(|file| file.starts_with(&start)).collect()
}

/// All files of the storage.
fn files(project: &Project) -> Vec<String> {
    let (mut folders, mut files) = (vec![project.path("uploads")], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with(MARKER) {
                files.push(path.display().to_string());
            }
        }
    }
    files
}
