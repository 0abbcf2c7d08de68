//! Rows in the text form of COPY, gathered and sent.

use sqlx::PgConnection;
use sqlx::postgres::PgCopyIn;

use crate::StoreError;

/// Bytes of one message to the server; the connection holds a copy of the message that it writes.
const MESSAGE: usize = 64 << 10;

/// Rows that are on their way into a table.
#[derive(Debug, Default)]
pub(super) struct CopyLines(Vec<u8>);

impl CopyLines {
    /// Adds a row: its first value, which needs no escapes, and the others.
    pub fn push<'v>(&mut self, first: &[u8], values: impl IntoIterator<Item = Option<&'v str>>) {
        let Self(bytes) = self;
        bytes.extend_from_slice(first);
        for value in values {
            bytes.push(b'\t');
            match value {
                Some(value) => push_escaped(bytes, value),
                None => bytes.extend_from_slice(b"\\N"),
            }
        }
        bytes.push(b'\n');
    }

    /// Size in bytes.
    pub fn bytes(&self) -> usize {
        self.0.len()
    }

    /// Sends the rows by a `copy .. from stdin`; none are left. Gives their number.
    ///
    /// # Errors
    /// `Data` if the database cannot hold a value.
    pub async fn copy(&mut self, conn: &mut PgConnection, statement: &str) -> Result<u64, StoreError> {
        if self.0.is_empty() {
            return Ok(0);
        }
        let mut copy = conn.copy_in_raw(statement).await?;
        let sent = send(&mut copy, &self.0).await;
        self.0.clear();
        if let Err(error) = sent {
            copy.abort("the rows could not be sent").await?;
            return Err(error.into());
        }
        Ok(copy.finish().await?)
    }
}

async fn send(copy: &mut PgCopyIn<&mut PgConnection>, rows: &[u8]) -> Result<(), sqlx::Error> {
    for message in rows.chunks(MESSAGE) {
        copy.send(message).await?;
    }
    Ok(())
}

/// Backslashes and the characters that end values and lines are written by their names.
fn push_escaped(lines: &mut Vec<u8>, value: &str) {
    let mut rest = value.as_bytes();
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'\\' | b'\t' | b'\n' | b'\r')) {
        let (plain, special) = rest.split_at(at);
        lines.extend_from_slice(plain);
        lines.push(b'\\');
        lines.push(match special.first() {
            Some(b'\t') => b't',
            Some(b'\n') => b'n',
            Some(b'\r') => b'r',
            _ => b'\\',
        });
        rest = special.get(1..).unwrap_or_default();
    }
    lines.extend_from_slice(rest);
}
