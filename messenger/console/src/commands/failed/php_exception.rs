//! An exception as PHP leaves it in a failed message, flattened, with those that caused it.

use serde_json::Value;

/// So many lines of a trace are shown; the rest is Symfony's own stack.
const TRACE: usize = 8;
/// So many exceptions are shown of one chain.
const CHAIN: usize = 10;

/// Class, code, message, place and the beginning of the trace; likewise of each exception before it.
pub(super) fn text(exception: &Value) -> String {
    let chain = std::iter::successors(Some(exception), |one| one.get("previous"));
    let chain = chain.take_while(|one| one.is_object()).take(CHAIN);
    let texts = chain.enumerate().map(|(depth, one)| {
        let caused_by = if depth == 0 { "" } else { "caused by " };
        format!("{caused_by}{}", one_text(one))
    });
    texts.collect::<Vec<_>>().join("\n")
}

fn one_text(exception: &Value) -> String {
    let field = |name: &str| exception.get(name).map(plain).unwrap_or_default();
    let message = field("message").lines().map(|line| format!("\n  {line}")).collect::<String>();
    let text = format!("{} (code {}):{message}", field("class"), field("code"));
    let text = match field("file") {
        file if file.is_empty() => text,
        file => format!("{text}\n  in {file}:{}", field("line")),
    };
    let trace = field("trace_as_string");
    let shown = trace.lines().take(TRACE).map(|line| format!("\n    {line}")).collect::<String>();
    match trace.lines().count().saturating_sub(TRACE) {
        0 => text + &shown,
        more => format!("{text}{shown}\n    … and {more} more lines"),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
