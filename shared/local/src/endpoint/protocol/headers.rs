//! What goes with an object: read from requests, and features that are refused instead of ignored.

use std::collections::HashMap;

use s3s::S3Result;
use s3s::dto::Metadata;

use super::answers::refused;
use crate::endpoint::refusal::Refusal;

/// S3's limit for names and values of user metadata together.
const METADATA_LIMIT: usize = 2 * 1024;

/// Reads the headers of an operation that makes an object.
macro_rules! headers_of {
    ($input:expr) => {
        $crate::endpoint::index::Headers {
            content_type: $input.content_type.clone(),
            content_encoding: $crate::endpoint::protocol::headers::stored_encoding(
                $input.content_encoding.as_deref(),
            ),
            cache_control: $input.cache_control.clone(),
            content_disposition: $input.content_disposition.clone(),
            content_language: $input.content_language.clone(),
            expires: $input.expires.as_ref().and_then($crate::endpoint::protocol::answers::http_date),
            metadata: $crate::endpoint::protocol::headers::stored_metadata($input.metadata.as_ref())?,
        }
    };
}
pub(super) use headers_of;

/// Refuses what an operation that makes an object asks for and we do not do: encryption we would not apply, locks we
/// would not hold.
macro_rules! refuse_unsupported {
    ($input:expr) => {
        $crate::endpoint::protocol::headers::refuse_first([
            ($input.sse_customer_algorithm.is_some() || $input.sse_customer_key.is_some(), "SSE-C"),
            (
                $input.server_side_encryption.is_some() || $input.ssekms_key_id.is_some(),
                "server-side encryption",
            ),
            (
                $input.object_lock_mode.is_some()
                    || $input.object_lock_retain_until_date.is_some()
                    || $input.object_lock_legal_hold_status.is_some(),
                "object lock",
            ),
            ($input.tagging.is_some(), "object tagging"),
            ($input.website_redirect_location.is_some(), "website redirection"),
            (
                $input.grant_full_control.is_some()
                    || $input.grant_read.is_some()
                    || $input.grant_read_acp.is_some()
                    || $input.grant_write_acp.is_some(),
                "an access grant",
            ),
            (
                $input.acl.as_ref().is_some_and(|acl| {
                    !matches!(acl.as_str(), "private" | "bucket-owner-full-control" | "bucket-owner-read")
                }),
                "an access control list other than private",
            ),
            (
                $input.storage_class.as_ref().is_some_and(|class| class.as_str() != "STANDARD"),
                "a storage class other than STANDARD",
            ),
        ])?
    };
}
pub(super) use refuse_unsupported;

/// Refuses the first feature that is asked for.
pub(super) fn refuse_first<const N: usize>(asked: [(bool, &'static str); N]) -> S3Result<()> {
    match asked.into_iter().find(|(asked, _)| *asked) {
        Some((_, what)) => Err(refused(&Refusal::NotSupported(what))),
        None => Ok(()),
    }
}

/// `Content-Encoding` without `aws-chunked`, which belongs to the transfer.
pub(super) fn stored_encoding(value: Option<&str>) -> Option<String> {
    let kept: Vec<&str> = value?
        .split(',')
        .map(str::trim)
        .filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("aws-chunked"))
        .collect();
    (!kept.is_empty()).then(|| kept.join(","))
}

/// User metadata in the order of its names.
pub(super) fn stored_metadata(metadata: Option<&Metadata>) -> S3Result<Vec<(String, String)>> {
    let mut pairs: Vec<_> =
        metadata.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())).collect();
    let size = pairs
        .iter()
        .fold(0_usize, |sum, (name, value)| sum.saturating_add(name.len()).saturating_add(value.len()));
    if size > METADATA_LIMIT {
        return Err(refused(&Refusal::MetadataTooLarge { limit: METADATA_LIMIT }));
    }
    pairs.sort_unstable();
    Ok(pairs)
}

/// User metadata of an answer.
pub(super) fn shown_metadata(pairs: &[(String, String)]) -> Option<Metadata> {
    (!pairs.is_empty()).then(|| pairs.iter().cloned().collect::<HashMap<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transfer_coding_is_not_kept() {
        assert_eq!(stored_encoding(Some("gzip,aws-chunked")).as_deref(), Some("gzip"));
        assert_eq!(stored_encoding(Some("aws-chunked")), None);
        assert_eq!(stored_encoding(Some("gzip, br")).as_deref(), Some("gzip,br"));
        assert_eq!(stored_encoding(None), None);
    }
}
