//! S0.15: several photos come and some go again, and one worker handles it all in its order.

use super::process::{Running, count};
use crate::console::project::Project;
use crate::support::{Visitor, photos};

const ADD: &str = r"App\Message\AddPonkaToImage";
const DELETE: &str = r"App\Message\DeletePhotoFile";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s0_15_uploads_and_deletions_are_handled_mixed_in_the_order_in_which_they_came() {
    let project = Project::new();
    project.configure("[routing]\nAddPonkaToImage = \"async\"\n");
    let mut server = Running::start(&mut project.gallery("--no-worker"));
    let visitor = Visitor::new(server.address());
    for (name, deleted_at_once) in
        [("1.jpg", false), ("2.jpg", true), ("3.jpg", false), ("4.jpg", true), ("5.jpg", false)]
    {
        let image = visitor.upload_one(name, &photos::cat()).await;
        if deleted_at_once {
            assert_eq!(visitor.delete(image["@id"].as_str().unwrap()).await.status, 204);
        }
    }
    let consume = "messenger:consume async -vv --limit=7";
    let (status, lines) = Running::start(&mut project.command(consume)).ended();
    assert!(status.success());
    let received: Vec<String> = lines
        .iter()
        .filter_map(|line| Some(line.split_once("Received message ")?.1.to_owned()))
        .collect();
    let sent = [ADD, ADD, DELETE, ADD, ADD, DELETE, ADD];
    let sent: Vec<String> =
        (1..).zip(sent).map(|(id, class)| format!("{class} message_id={id}")).collect();
    assert_eq!(received, sent);
    assert_eq!(count(&lines, "ALERT: Image post"), 2, "{lines:#?}");
    assert_eq!(count(&lines, "was handled successfully (acknowledging"), 7, "{lines:#?}");
    let statuses = "SELECT status AS value FROM image_post";
    assert_eq!(project.values(statuses), ["done", "done", "done"]);
    assert_eq!(
        project.values("SELECT body AS value FROM messenger_messages"),
        Vec::<String>::new()
    );
}
