//! Whole requests on the wire: queries, cookies, cursors, forms. Whatever comes, it is their fault.

use super::requests;
use crate::support::{TestApp, TestDatabase};
use crate::wire::say;

const EXAMPLES: [&str; 10] = [
    "GET /?cursor=01a20664-b8f4-76a2-9e1e-b5a1de214076 HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /api/images?cursor=%7B HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n",
    "GET /media/00000000000000000000000000c0ffee-e3b0c44298fc1c149afbf4c8996fb924.jpg HTTP/1.1\r\n\
     Host: x\r\nIf-None-Match: W/\"a\", *\r\nRange: bytes=0-\r\n\r\n",
    "GET /assets/app.css HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip;q=0.5, br, *;q=0\r\n\r\n",
    "GET /login?next=/account HTTP/1.1\r\nHost: x\r\nCookie: session=ab; ponka_visitor=a.b\r\n\r\n",
    "POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n\
     Content-Length: 29\r\n\r\nemail=a%40b.test&password=%ff",
    "POST /register HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n\
     Content-Length: 9\r\n\r\nname=%00a",
    "POST /api/images HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=X\r\n\
     Idempotency-Key: a\r\nContent-Length: 64\r\n\r\n--X\r\nContent-Disposition: form-data; name=file\
     \r\n\r\na\r\n--X--\r\n",
    "DELETE /api/images/01a20664-b8f4-76a2-9e1e-b5a1de214076 HTTP/1.1\r\nHost: x\r\n\
     Sec-Fetch-Site: none\r\nOrigin: http://x\r\n\r\n",
    "POST /images HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\nx\r\n0\r\n\r\n",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_is_a_fault_of_ours() {
    let app = TestApp::start(TestDatabase::sqlite()).await;
    for input in requests(&EXAMPLES.map(str::as_bytes)) {
        let said = say(&app, &input).await;
        assert!(said.statuses().iter().all(|status| *status < 500), "{:?}", said.statuses());
    }
    assert_eq!(app.visitor().get("/readyz").await.status, 200);
    app.assert_empty("nothing was a photo");
}
