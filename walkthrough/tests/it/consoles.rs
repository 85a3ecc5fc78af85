//! Commands, terminals, programs that go on, answers.

use crate::support::{Book, block};

#[test]
fn a_page_that_tells_the_truth_passes() {
    Book::new(&block(
        "console",
        "$ echo hello\nhello\n$ cat <<END\n> two\n> lines\n> END\ntwo\nlines",
    ))
    .passes();
}

#[test]
fn another_output_fails_with_file_line_and_difference() {
    let book =
        Book::new(&block("console", "$ echo one\none\n$ printf 'two\\nthree\\n'\ntwo\nfour"));
    let text = book.fails_at(6, "the output differs");
    assert!(text.contains("     two\n    -four\n    +three\n"), "{text}");
}

#[test]
fn a_terminal_keeps_variables_and_folders() {
    let page = "```console\n$ mkdir a; cd a; x=5\n```\n\n```console\n$ echo $x; pwd\n5\n~/ponka/a\n```\n\n\
                ```console terminal=other\n$ echo \"$x\"; pwd\n\n~/ponka\n```\n";
    Book::new(page).passes();
}

#[test]
fn a_command_ends_with_the_code_that_is_named() {
    Book::new(&block("console", "$ (exit 3)")).fails_at(4, "ended with 3, not with 0");
    Book::new(&block("console exit=3", "$ (exit 3)")).passes();
    Book::new(&block("console exit=1", "$ false; true")).fails_at(4, "ended with 0, not with 1");
}

#[test]
fn elisions_stand_for_anything() {
    let output = "$ seq 5; echo took 17 ms\n1\n...\n5\ntook [..] ms";
    Book::new(&block("console", output)).passes();
    let wrong = "$ seq 5; echo took 17 ms\n1\n...\n6\ntook [..] ms";
    Book::new(&block("console", wrong)).fails_at(4, "the output differs");
}

#[test]
fn ids_and_times_are_compared_by_kind() {
    let lines = "$ cat /proc/sys/kernel/random/uuid; date +%F; date +%T; date -u +%FT%T.%3NZ\n\
                 0190b0a1-aaaa-7bbb-8ccc-0123456789ab\n2020-02-02\n01:02:03\n\
                 2020-02-02T01:02:03.004Z\n$ echo 0123456789abcdef0123\nffffffffffffffff\n\
                 $ echo $BIND $PWD\n127.0.0.1:8000 ~/ponka";
    Book::new(&block("console", lines)).passes();
    let wrong = "$ date +%F\n02:02:02";
    Book::new(&block("console", wrong)).fails_at(4, "the output differs");
}

#[test]
fn a_program_goes_on_while_others_run_until_ctrl_c() {
    let page = "```console terminal=server background\n\
        $ echo ready; while [ ! -e go ]; do sleep 0.05; done; echo went; exec sh -c 'trap \"echo bye; exit 0\" INT; while :; do sleep 0.05; done'\n\
        ready\n```\n\n```console\n$ touch go\n```\n\n```console terminal=server\nwent\n```\n\n\
        ```console terminal=server\n^C\nbye\n```\n";
    let page = page.replace("exec sh", "sh");
    Book::new(&page).passes();
    Book::new(&page.replace("\nwent\n", "\ngone\n")).fails_at(11, "the output differs");
    Book::new(&page.replace("\nbye\n", "\nfarewell\n")).fails_at(15, "the output differs");
}

#[test]
fn a_program_that_should_go_on_must_not_fail() {
    let page = block("console background", "$ echo ready; false\nready");
    Book::new(&format!("{page}\n```console\n$ true\n```\n")).run_fails();
}

#[test]
fn questions_are_answered() {
    let asked = "$ read -p 'Sure? ' a; read -p 'Really? ' b; echo \"$a $b\"\n\
                 Sure? yes\nReally? 2,0\nyes 2,0";
    Book::new(&block("console answers=yes,2%2C0", asked)).passes();
    Book::new(&block("console answers=yes,2%2C0,more", asked)).fails_at(4, "not asked for");
}

#[test]
fn a_command_is_repeated_until_its_output_matches() {
    let command = "$ echo x >>n; test $(wc -l <n) -gt 2 && echo many";
    Book::new(&block("console until", &format!("{command}\nmany"))).passes();
    let never = format!("{command}\nfew");
    Book::new(&block("console until seconds=1", &never)).fails_at(4, "the output differs");
}

#[test]
fn a_command_that_does_not_end_fails() {
    Book::new(&block("console seconds=1", "$ sleep 60")).fails_at(4, "not ended after 1 s");
}

#[test]
fn a_failure_shows_the_other_terminals() {
    let page = "```console terminal=server background\n$ echo I am the server; sleep 60\n\
                I am the server\n```\n\n```console\n$ echo one\ntwo\n```\n";
    let text = Book::new(page).fails_at(7, "the output differs");
    assert!(text.contains("terminal `server`:\n      I am the server\n"), "{text}");
}

impl Book {
    fn run_fails(&self) {
        let said = self.run(&["01"]);
        assert_eq!(said.code, 1, "{}", said.text);
    }
}
