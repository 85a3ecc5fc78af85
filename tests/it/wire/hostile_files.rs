//! SEC-05: bombs sent to a real process, by both doors and past them, and what they cost it.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::Value;

use super::files;
use crate::claims::process::Running;
use crate::console::project::Project;
use crate::support::{Visitor, photos};

const SCRIPT: &[u8] = b"<script>alert(1)</script>";

/// Files that are refused, whatever they unpack to.
fn refused() -> Vec<(&'static str, Vec<u8>, u16)> {
    let jpeg = photos::jpeg(64, 64);
    let gif = [b"GIF89a/*\0\0\0\0*/=1;//", SCRIPT].concat();
    vec![
        ("rgb_20000.png", files::black(20_000, 20_000, 2), 422),
        ("rgb_13000.png", files::black(13_000, 13_000, 2), 422),
        ("gray_22000.png", files::black(22_000, 22_000, 0), 422),
        ("lie_65535.png", photos::lying_png(65_535, 65_535), 422),
        ("lie_max.png", photos::lying_png(u32::MAX >> 1, u32::MAX >> 1), 422),
        ("zero.png", photos::lying_png(0, 0), 422),
        ("lotta_65500.jpg", photos::lying(&jpeg, 65_500, 65_500), 422),
        ("lotta_6000.jpg", photos::lying(&jpeg, 6_000, 6_000), 422),
        ("truncated.jpg", jpeg[..jpeg.len() / 2].to_vec(), 422),
        ("magic_only.jpg", b"\xff\xd8\xff\xe0".to_vec(), 422),
        ("script.gif", gif, 422),
        ("page.jpg", [b"<!doctype html>", SCRIPT].concat(), 415),
        ("empty.jpg", Vec::new(), 415),
    ]
}

/// Files that are photos all the same, and cost no more than photos do.
fn taken() -> Vec<(&'static str, Vec<u8>)> {
    let jpeg = photos::with_metadata(&photos::jpeg(64, 64));
    vec![
        ("rgba_7071.png", files::black(7_071, 7_071, 6)),
        ("ztxt_512MB.png", files::long_comment(512 << 20)),
        ("frames.gif", files::frames(1_000, 20_000)),
        ("text_html.png", files::with_chunk(b"tEXt", &[b"Comment\0", SCRIPT].concat())),
        ("trailing_html.png", [files::long_comment(10), SCRIPT.to_vec()].concat()),
        ("com_html.jpg", jpeg),
    ]
}

async fn both_doors(visitor: &Visitor, name: &str, file: &[u8]) -> (u16, u16) {
    let api = visitor.upload(&[(name, file)]).await.status;
    (api, visitor.post_form("/images", &[], &[(name, file)]).await.status)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_05_bombs_are_refused_and_honest_giants_are_taken_in_little_memory() {
    let project = Project::new();
    let mut gallery = Running::start(&mut project.gallery("--no-worker"));
    let visitor = Visitor::new(gallery.address());
    for (name, file, status) in refused() {
        assert!(file.len() < 10 << 20, "{name} is {} bytes", file.len());
        let before = gallery.processor_time();
        assert_eq!(both_doors(&visitor, name, &file).await, (status, status), "{name}");
        let files = [(name, &file[..])];
        let ten = join_all((0..10).map(|_| visitor.upload(&files))).await;
        let statuses: Vec<_> = ten.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses, [status; 10], "{name}");
        let computed = gallery.processor_time() - before;
        assert!(computed < Duration::from_secs(5), "{name}: {computed:?}");
    }
    let refusing = gallery.peak_memory();
    assert_eq!(project.values("SELECT id AS value FROM image_post"), Vec::<String>::new());
    for (name, file) in taken() {
        assert!(file.len() < 10 << 20, "{name} is {} bytes", file.len());
        let is_giant = name == "rgba_7071.png";
        let path = if is_giant { "/api/images" } else { "/images" };
        let answer = visitor.post_form(path, &[], &[(name, &file)]).await;
        assert_eq!(answer.status, if is_giant { 201 } else { 303 }, "{name}");
    }
    let taking = gallery.peak_memory();
    assert!(refusing < 150 && taking < 300, "{refusing} MiB to refuse, {taking} MiB to take");
    let mut command = project.command("messenger:consume async_priority_high --limit=6 -vv");
    let mut worker = Running::start(&mut command);
    for _ in 0..taken().len() {
        worker.line("was handled successfully");
    }
    let drawing = worker.peak_memory();
    assert!(drawing < 400, "{drawing} MiB to draw");
    let items = visitor.get("/api/images").await.json()["items"].clone();
    for image in items.as_array().unwrap() {
        assert_clean(&visitor, image).await;
    }
    gallery.stop();
}

async fn assert_clean(visitor: &Visitor, image: &Value) {
    for url in ["url", "thumbnailUrl"] {
        let answer = visitor.get(image[url].as_str().unwrap()).await;
        assert_eq!(answer.status, 200);
        let contains = |needle: &[u8]| answer.body.windows(needle.len()).any(|part| part == needle);
        assert!(!contains(b"<script") && !contains(b"<html"), "{image}");
        assert!(answer.header("content-type").unwrap().starts_with("image/"));
    }
}

/// The file is swapped behind our back, as if it had never been looked at.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_05_a_bomb_that_reaches_the_worker_is_set_aside_and_the_next_photo_is_done() {
    let project = Project::new();
    let mut gallery = Running::start(&mut project.gallery("--no-worker"));
    let visitor = Visitor::new(gallery.address());
    let image = visitor.upload_one("swapped.jpg", &photos::jpeg(64, 64)).await;
    let id = image["id"].as_str().unwrap();
    let name =
        project.values(&format!("SELECT filename AS value FROM image_post WHERE id = '{id}'"));
    let original = find(&project.path("uploads"), &name[0]);
    std::fs::write(&original, files::black(20_000, 20_000, 2)).unwrap();
    let good = visitor.upload_one("good.jpg", &photos::jpeg(64, 64)).await;
    let mut command = project.command("messenger:consume async_priority_high --limit=2 -vv");
    let mut worker = Running::start(&mut command);
    worker.line("will be sent to the failure transport");
    let memory = worker.peak_memory();
    let (status, lines) = worker.ended();
    assert!(status.success() && memory < 400, "{status}, {memory} MiB: {lines:#?}");
    let status = |image: Value| image["status"].as_str().unwrap().to_owned();
    let own = |image: &Value| image["@id"].as_str().unwrap().to_owned();
    assert_eq!(status(visitor.get(&own(&good)).await.json()), "done");
    assert_eq!(status(visitor.get(&own(&image)).await.json()), "failed");
    gallery.stop();
}

/// The one file below a folder whose path contains the name, and which is no rendition.
fn find(folder: &std::path::Path, name: &str) -> std::path::PathBuf {
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            let text = path.to_string_lossy().into_owned();
            match path.is_dir() {
                true => folders.push(path),
                false if text.contains(name) && !text.contains("media") => return path,
                false => {}
            }
        }
    }
    panic!("{name} is not there")
}
