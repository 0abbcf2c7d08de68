//! From the SDK's errors to ours: one table over (status, code).

use std::error::Error;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use crate::{Cause, ObjectAt, ObjectError};

/// What an answer means to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    NotFound,
    PreconditionFailed,
    Conflict,
    AccessDenied,
    NoSuchBucket,
    Throttled,
    Unavailable,
    Invalid,
}

/// Turns an SDK error into ours. The raw response is dropped: the cause keeps what the store said.
pub(crate) fn from_sdk<E>(at: &ObjectAt, error: SdkError<E, HttpResponse>) -> ObjectError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let status = error.raw_response().map(|answer| answer.status().as_u16());
    let code = error.code().map(str::to_owned);
    let class = class_of(&error, status, code.as_deref());
    let code = other_region(&error).or(code).unwrap_or_else(|| match &error {
        SdkError::ConstructionFailure(_) => "the request cannot be built".to_owned(),
        SdkError::DispatchFailure(_) => "the request cannot be sent".to_owned(),
        // To a HEAD the store cannot say more.
        _ if status == Some(400) => "refused without a reason, perhaps for expired credentials".to_owned(),
        _ => "refused without a reason".to_owned(),
    });
    let cause = error.into_source().unwrap_or_else(|whole| Box::new(whole));
    build(class, Box::new(at.clone()), Some(cause), (status, code))
}

fn class_of<E>(error: &SdkError<E, HttpResponse>, status: Option<u16>, code: Option<&str>) -> Class {
    match error {
        SdkError::ConstructionFailure(_) => Class::Invalid,
        SdkError::DispatchFailure(failure) if failure.is_user() => Class::Invalid,
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) => Class::Unavailable,
        // Named by its version, a delete marker answers 405.
        _ if is_delete_marker(error) => Class::NotFound,
        SdkError::ServiceError(_) => by_answer(status.unwrap_or(0), code),
        // An answer that the SDK could not read: a damaged success is as good as none.
        _ => match status {
            Some(status) if status >= 400 => by_answer(status, None),
            _ => Class::Unavailable,
        },
    }
}

/// The region of a bucket that was asked for in another one: a redirect names it, also to a HEAD.
fn other_region<E>(error: &SdkError<E, HttpResponse>) -> Option<String> {
    let answer = error.raw_response().filter(|answer| matches!(answer.status().as_u16(), 301 | 307))?;
    let region = answer.headers().get("x-amz-bucket-region")?;
    Some(format!("the bucket is in the region {region}"))
}

fn is_delete_marker<E>(error: &SdkError<E, HttpResponse>) -> bool {
    let marker = error.raw_response().and_then(|answer| answer.headers().get("x-amz-delete-marker"));
    marker == Some("true")
}

/// The code decides where it says more than the status; else the status does.
fn by_answer(status: u16, code: Option<&str>) -> Class {
    by_code(code.unwrap_or_default()).unwrap_or_else(|| by_status(status))
}

fn by_code(code: &str) -> Option<Class> {
    Some(match code {
        "NoSuchBucket" => Class::NoSuchBucket,
        "NoSuchKey" | "NoSuchVersion" | "NotFound" => Class::NotFound,
        "PreconditionFailed" => Class::PreconditionFailed,
        // The upload is gone (aborted by a lifecycle rule, or already completed): begin again.
        "OperationAborted" | "ConditionalRequestConflict" | "NoSuchUpload" => Class::Conflict,
        "SlowDown"
        | "SlowDownRead"
        | "SlowDownWrite"
        | "TooManyRequests"
        | "RequestLimitExceeded"
        | "BandwidthLimitExceeded"
        | "Throttling"
        | "ThrottlingException"
        | "KMS.ThrottlingException"
        | "ThrottledException" => Class::Throttled,
        // 400 by number, but a lost connection or short-lived credentials by nature.
        "RequestTimeout"
        | "InternalError"
        | "ServiceUnavailable"
        | "ExpiredToken"
        | "TokenRefreshRequired" => Class::Unavailable,
        // 403 by number, but the object is in cold storage: more rights would not help.
        "InvalidObjectState" => Class::Invalid,
        "AccessDenied"
        | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "AllAccessDisabled"
        | "AccountProblem"
        | "InvalidToken" => Class::AccessDenied,
        _ => return None,
    })
}

fn by_status(status: u16) -> Class {
    match status {
        401 | 403 => Class::AccessDenied,
        404 | 410 => Class::NotFound,
        409 => Class::Conflict,
        412 => Class::PreconditionFailed,
        429 => Class::Throttled,
        // Not implemented stays so.
        501 => Class::Invalid,
        408 | 500.. => Class::Unavailable,
        _ => Class::Invalid,
    }
}

fn build(
    class: Class,
    at: Box<ObjectAt>,
    source: Option<Cause>,
    (status, code): (Option<u16>, String),
) -> ObjectError {
    match class {
        Class::NotFound => ObjectError::NotFound { at, source },
        Class::PreconditionFailed => ObjectError::PreconditionFailed { at, source },
        Class::Conflict => ObjectError::Conflict { at, source },
        Class::AccessDenied => ObjectError::AccessDenied { at, source },
        Class::NoSuchBucket => ObjectError::NoSuchBucket { at, source },
        Class::Throttled => ObjectError::Throttled { at, source },
        Class::Unavailable => ObjectError::Unavailable { at, source },
        Class::Invalid => ObjectError::Invalid { at, status, code, source },
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use aws_sdk_s3::error::ConnectorError;
    use aws_sdk_s3::error::ErrorMetadata;
    use aws_sdk_s3::operation::get_object::GetObjectError;
    use aws_sdk_s3::primitives::SdkBody;

    use super::*;

    fn name(error: &ObjectError) -> String {
        let debug = format!("{error:?}");
        let name = debug.split([' ', '{']).next().unwrap_or_default().to_owned();
        let mark = if error.is_retryable() { " (retry)" } else { "" };
        format!("{name}{mark}")
    }

    fn answered(status: u16, code: Option<&str>) -> ObjectError {
        let mut meta = ErrorMetadata::builder();
        if let Some(code) = code {
            meta = meta.code(code);
        }
        let raw = HttpResponse::new(status.try_into().unwrap(), SdkBody::empty());
        let error = SdkError::service_error(GetObjectError::generic(meta.build()), raw);
        from_sdk(&ObjectAt::new("get", "b", "k"), error)
    }

    #[test]
    fn every_answer_has_one_meaning() {
        let answers = [
            (404, Some("NoSuchKey")),
            (404, Some("NoSuchVersion")),
            (404, Some("NoSuchBucket")),
            (404, Some("NoSuchUpload")),
            (405, Some("MethodNotAllowed")),
            (412, Some("PreconditionFailed")),
            (409, Some("ConditionalRequestConflict")),
            (409, Some("OperationAborted")),
            (403, Some("AccessDenied")),
            (403, Some("SignatureDoesNotMatch")),
            (403, Some("InvalidObjectState")),
            (400, Some("RequestTimeout")),
            (400, Some("ExpiredToken")),
            (400, Some("KeyTooLongError")),
            (301, Some("PermanentRedirect")),
            (416, Some("InvalidRange")),
            (429, Some("TooManyRequests")),
            (500, Some("InternalError")),
            (501, Some("NotImplemented")),
            (503, Some("SlowDown")),
            (503, Some("ServiceUnavailable")),
            (507, Some("XMinioStorageFull")),
        ];
        let mut table = String::new();
        for (status, code) in answers {
            writeln!(table, "{status} {} -> {}", code.unwrap(), name(&answered(status, code))).unwrap();
        }
        insta::assert_snapshot!(table, @r"
        404 NoSuchKey -> NotFound
        404 NoSuchVersion -> NotFound
        404 NoSuchBucket -> NoSuchBucket
        404 NoSuchUpload -> Conflict (retry)
        405 MethodNotAllowed -> Invalid
        412 PreconditionFailed -> PreconditionFailed
        409 ConditionalRequestConflict -> Conflict (retry)
        409 OperationAborted -> Conflict (retry)
        403 AccessDenied -> AccessDenied
        403 SignatureDoesNotMatch -> AccessDenied
        403 InvalidObjectState -> Invalid
        400 RequestTimeout -> Unavailable (retry)
        400 ExpiredToken -> Unavailable (retry)
        400 KeyTooLongError -> Invalid
        301 PermanentRedirect -> Invalid
        416 InvalidRange -> Invalid
        429 TooManyRequests -> Throttled (retry)
        500 InternalError -> Unavailable (retry)
        501 NotImplemented -> Invalid
        503 SlowDown -> Throttled (retry)
        503 ServiceUnavailable -> Unavailable (retry)
        507 XMinioStorageFull -> Unavailable (retry)
        ");
    }

    #[test]
    fn an_answer_without_a_body_is_judged_by_its_status() {
        let mut table = String::new();
        for status in [301, 400, 401, 403, 404, 405, 408, 409, 410, 412, 416, 429, 500, 501, 502, 503, 504] {
            writeln!(table, "{status} -> {}", name(&answered(status, None))).unwrap();
        }
        insta::assert_snapshot!(table, @r"
        301 -> Invalid
        400 -> Invalid
        401 -> AccessDenied
        403 -> AccessDenied
        404 -> NotFound
        405 -> Invalid
        408 -> Unavailable (retry)
        409 -> Conflict (retry)
        410 -> NotFound
        412 -> PreconditionFailed
        416 -> Invalid
        429 -> Throttled (retry)
        500 -> Unavailable (retry)
        501 -> Invalid
        502 -> Unavailable (retry)
        503 -> Unavailable (retry)
        504 -> Unavailable (retry)
        ");
    }

    #[test]
    fn a_delete_marker_is_no_object_even_where_it_is_named_by_its_version() {
        let mut raw = HttpResponse::new(405.try_into().unwrap(), SdkBody::empty());
        raw.headers_mut().insert("x-amz-delete-marker", "true");
        let meta = ErrorMetadata::builder().build();
        let error = SdkError::service_error(GetObjectError::generic(meta), raw);
        assert_eq!(name(&from_sdk(&ObjectAt::new("head", "b", "k"), error)), "NotFound");
    }

    #[test]
    fn a_bucket_of_another_region_is_named_with_its_region() {
        let mut raw = HttpResponse::new(301.try_into().unwrap(), SdkBody::empty());
        raw.headers_mut().insert("x-amz-bucket-region", "eu-west-1");
        let error = SdkError::service_error(GetObjectError::generic(ErrorMetadata::builder().build()), raw);
        insta::assert_snapshot!(
            from_sdk(&ObjectAt::new("head", "b", "k"), error),
            @"head s3://b/k: the bucket is in the region eu-west-1 (status 301)"
        );
    }

    #[test]
    fn a_request_without_an_answer_is_unavailable_unless_it_could_not_be_built() {
        type Sdk = SdkError<GetObjectError, HttpResponse>;
        let raw = |status: u16| HttpResponse::new(status.try_into().unwrap(), SdkBody::empty());
        let shapes: [(&str, Sdk); 7] = [
            ("not built", SdkError::construction_failure("x")),
            ("timed out", SdkError::timeout_error("x")),
            ("connection refused", SdkError::dispatch_failure(ConnectorError::io("x".into()))),
            ("connect time-out", SdkError::dispatch_failure(ConnectorError::timeout("x".into()))),
            ("request refused by the client", SdkError::dispatch_failure(ConnectorError::user("x".into()))),
            ("unreadable 200", SdkError::response_error("x", raw(200))),
            ("unreadable 403", SdkError::response_error("x", raw(403))),
        ];
        let mut table = String::new();
        for (what, error) in shapes {
            let error = from_sdk(&ObjectAt::new("get", "b", "k"), error);
            writeln!(table, "{what} -> {}", name(&error)).unwrap();
        }
        insta::assert_snapshot!(table, @r"
        not built -> Invalid
        timed out -> Unavailable (retry)
        connection refused -> Unavailable (retry)
        connect time-out -> Unavailable (retry)
        request refused by the client -> Invalid
        unreadable 200 -> Unavailable (retry)
        unreadable 403 -> AccessDenied
        ");
    }

    #[test]
    fn the_message_names_operation_bucket_and_key_and_keeps_the_cause() {
        let error = answered(400, Some("KeyTooLongError"));
        insta::assert_snapshot!(error, @"get s3://b/k: KeyTooLongError (status 400)");
        assert!(error.source().is_some());
        let error = from_sdk(
            &ObjectAt::new("head", "logs", "a\nb"),
            SdkError::<GetObjectError, _>::timeout_error("after 20 s"),
        );
        insta::assert_snapshot!(error, @r"head s3://logs/a\nb: the store does not answer as it should");
        insta::assert_snapshot!(error.source().unwrap(), @"after 20 s");
    }
}
