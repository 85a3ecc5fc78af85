//! Tables as Symfony draws them: lines above, below and under the headers, none in between.

use comfy_table::{ContentArrangement, ContentLineStyle, LineStyle, Table, TableStyle};

use super::printable::printable;

const LINE: LineStyle = LineStyle::new(' ', '-', ' ', ' ');
const CELLS: ContentLineStyle = ContentLineStyle::new(' ', ' ', ' ');
const STYLE: TableStyle = TableStyle::new()
    .top_border(LINE)
    .header_lines(CELLS)
    .header_separator(LINE)
    .content_lines(CELLS)
    .bottom_border(LINE);

/// Draws a table, folded to fit a terminal that is so wide.
pub(super) fn render(headers: &[&str], rows: &[Vec<String>], width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(STYLE);
    if !headers.is_empty() {
        table.set_header(headers);
    }
    for row in rows {
        table.add_row(row.iter().map(|cell| printable_lines(cell)));
    }
    if let Some(width) = width {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    table.trim_fmt()
}

/// A cell may have several lines, but no other control character.
fn printable_lines(cell: &str) -> String {
    cell.lines().map(printable).collect::<Vec<_>>().join("\n")
}
