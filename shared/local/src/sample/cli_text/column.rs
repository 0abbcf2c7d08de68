//! Rows of fixed columns.

use std::fmt::Write as _;

/// Labels with the distance to the next column, in characters. The last column may be longer than its
/// width.
pub(super) type Columns = [(&'static str, usize)];

/// The header and, under it, a ruler whose groups start where the columns start.
pub(super) fn header(columns: &Columns) -> String {
    let labels: Vec<&str> = columns.iter().map(|(label, _)| *label).collect();
    let dashes: Vec<String> = columns.iter().map(|(_, width)| "-".repeat(width.saturating_sub(2))).collect();
    let dashes: Vec<&str> = dashes.iter().map(String::as_str).collect();
    let mut text = String::new();
    push_row(&mut text, columns, &labels);
    push_row(&mut text, columns, &dashes);
    text
}

/// Appends one row, padded to the columns and without blanks at its end.
pub(super) fn push_row(text: &mut String, columns: &Columns, cells: &[&str]) {
    let start = text.len();
    for ((_, width), cell) in columns.iter().zip(cells) {
        // Writing to a string does not fail.
        let _ = write!(text, "{cell:<width$}");
    }
    text.truncate(text.trim_end_matches(' ').len().max(start));
    text.push('\n');
}
