//! Change files in tests: made of cells, read in chunks, told in lines.

use landfall_tickets::{COLUMNS, ChangeFile, Dataset, FileCounts, FileError, Reject, Row, RowSink};

/// The header, as the specification orders it.
pub(crate) fn header() -> String {
    COLUMNS.join(",")
}

/// A line of a ticket, with these values of columns and nothing else; values are written as they are.
pub(crate) fn line(values: &[(&str, &str)]) -> String {
    let value = |name| values.iter().find(|(column, _)| *column == name).map_or("", |(_, value)| value);
    COLUMNS.map(value).join(",")
}

/// The line of a ticket with this id.
pub(crate) fn ticket(id: &str) -> String {
    line(&[("ticket_id", id)])
}

/// A file of these lines below the header.
pub(crate) fn file(lines: &[&str]) -> String {
    let mut text = header();
    for line in lines {
        text.push('\n');
        text.push_str(line);
    }
    text.push('\n');
    text
}

/// What a file gave, in its order.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Told(pub(crate) Vec<String>);

impl RowSink for Told {
    fn row(&mut self, row: Row<'_>) {
        let (cluster, place) = (row.cluster_key.unwrap_or("-"), row.location_key.unwrap_or("-"));
        self.0.push(format!("{} {} [{cluster}] [{place}]\t{}", row.line_no, row.ticket_id, row.raw_json));
    }

    fn reject(&mut self, reject: Reject<'_>) {
        self.0.push(format!("{} {}: {}", reject.line_no, reject.reason.as_str(), reject.raw_line));
    }
}

/// Reads a file of incidents that is pushed in pieces.
pub(crate) fn read_pieces(pieces: &[&[u8]]) -> Result<(Told, FileCounts), FileError> {
    let (mut file, mut told) = (ChangeFile::new(Dataset::Inc), Told::default());
    for piece in pieces {
        file.push(piece, &mut told)?;
    }
    let counts = file.finish(&mut told)?;
    Ok((told, counts))
}

/// Reads a file of incidents.
pub(crate) fn read(bytes: impl AsRef<[u8]>) -> Result<(Told, FileCounts), FileError> {
    read_pieces(&[bytes.as_ref()])
}

/// The rows and rejects of a good file, without the values.
pub(crate) fn outline(bytes: impl AsRef<[u8]>) -> Vec<String> {
    let (told, _) = read(bytes).unwrap();
    told.0.iter().map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}

/// The raw values of the only row of a file.
pub(crate) fn raw_values(bytes: impl AsRef<[u8]>) -> serde_json::Value {
    let (told, _) = read(bytes).unwrap();
    assert_eq!(told.0.len(), 1, "{told:?}");
    values_of(&told.0[0])
}

/// The raw values of a row that was told.
pub(crate) fn values_of(row: &str) -> serde_json::Value {
    serde_json::from_str(row.split_once('\t').unwrap().1).unwrap()
}
