//! Columns of a chunk of records, for `unnest`.

/// A column that is never null, as text.
pub(super) fn texts<R, T: ToString>(records: &[&R], get: impl Fn(&R) -> T) -> Vec<String> {
    records.iter().map(|r| get(r).to_string()).collect()
}

/// A column that may be null, as text.
pub(super) fn optional<R, T: ToString>(records: &[&R], get: impl Fn(&R) -> Option<T>) -> Vec<Option<String>> {
    records.iter().map(|r| get(r).map(|value| value.to_string())).collect()
}
