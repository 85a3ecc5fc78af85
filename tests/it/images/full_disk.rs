//! A disk that is full: 507, and nothing is left behind.

use crate::support::{TestApp, TestDatabase, photos};

/// A small disk of its own, unmounted in the end.
pub(crate) struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount(kilobytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let size = format!("size={kilobytes}k");
        let mount = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(folder.path())
            .output();
        mount.is_ok_and(|output| output.status.success()).then(|| Self(folder))
    }
}

impl SmallDisk {
    /// Where it is.
    pub(crate) fn path(&self) -> &std::path::Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _unmounted = std::process::Command::new("umount").arg(self.0.path()).output();
    }
}

/// A small disk, or the reason why this is not tested.
pub(crate) fn small_disk(kilobytes: u32) -> Option<SmallDisk> {
    let disk = SmallDisk::mount(kilobytes);
    if disk.is_none() {
        println!("not tested: a full disk, because tmpfs cannot be mounted here (root is needed)");
    }
    disk
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_507_and_nothing_is_left_behind() {
    let Some(disk) = small_disk(180) else { return };
    let folder = disk.0.path().join("uploads");
    let mut app = TestApp::builder(TestDatabase::sqlite())
        .var("PHOTO_STORAGE_URL", format!("file:{}", folder.display()))
        .start()
        .await;
    app.uploads = folder;
    // The first does not fit; of the second the original does, but not all of its renditions.
    for kilobytes in [400, 174] {
        let mut photo = photos::jpeg(16, 16);
        photo.resize(kilobytes * 1024, 0);
        for path in ["/api/images", "/images"] {
            let answer = app.visitor().post_form(path, &[], &[("a.jpg", &photo)]).await;
            assert_eq!(answer.status, 507, "{} bytes: {}", photo.len(), answer.text());
            let sentence =
                "We can&#x27;t store photos right now. Nothing was lost; try again later.";
            assert!(answer.text().replace('\'', "&#x27;").contains(sentence), "{}", answer.text());
            app.assert_empty("a full disk");
        }
    }
    app.visitor().upload_one("small.jpg", &photos::jpeg(16, 16)).await;
}

/// By default both are on one disk: a small photo still fits, but not its row.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_of_the_database_is_507_too() {
    let Some(disk) = small_disk(4096) else { return };
    let file = disk.0.path().join("ponka.sqlite");
    let app = TestApp::builder(TestDatabase::sqlite())
        .var("DATABASE_URL", format!("sqlite://{}", file.display()))
        .start()
        .await;
    let visitor = app.visitor();
    visitor.upload_one("before.jpg", &photos::jpeg(16, 16)).await;
    let files = app.files();
    let filler = disk.0.path().join("filler");
    std::fs::write(&filler, vec![0; 8 << 20]).expect_err("the disk is full");
    for path in ["/api/images", "/images"] {
        let photo = photos::jpeg(16, 16);
        let many = vec![("a.jpg", &photo[..]); 20];
        let answer = visitor.post_form(path, &[], &many).await;
        assert_eq!(answer.status, 507, "{}", answer.text());
        assert_eq!(app.files(), files, "no row, no file");
    }
    std::fs::remove_file(&filler).unwrap();
    visitor.upload_one("after.jpg", &photos::jpeg(16, 16)).await;
}
