//! Uploads of local files.

use std::fs;
use std::io::Write as _;
use std::sync::Mutex;

use landfall_objects::{Condition, FileUpload, ObjectError, PutOptions, ReadOptions, Versioning};

use crate::script::{Answer, Script};
use crate::store::{connect, endpoint, pattern, read_all};

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn a_file_arrives_whole_whether_sent_at_once_or_in_parts() {
    let s3 = endpoint().await;
    let bucket = s3.bucket(Versioning::Unversioned).await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("dump");
    for (size, steps) in [(0, 1), (5, 1), (16 * MIB, 1), (16 * MIB + 1, 3)] {
        let content = pattern(size);
        fs::write(&path, &content).unwrap();
        let seen = Mutex::new(Vec::new());
        let progress = |bytes| seen.lock().unwrap().push(bytes);
        let upload = FileUpload {
            options: PutOptions {
                metadata: [("feed".into(), "dumps".into())].into(),
                ..PutOptions::default()
            },
            progress: Some(&progress),
            ..FileUpload::new(&path)
        };
        let put = s3.objects.put_file(&bucket, "dump", upload).await.unwrap();
        let head = s3.objects.head(&bucket, "dump", None).await.unwrap();
        assert_eq!((&head.etag, head.size), (&put.etag, size as u64));
        assert_eq!(head.metadata["feed"], "dumps");
        let read = read_all(&s3.objects, (&bucket, "dump"), &head.pin(), ReadOptions::default()).await;
        assert!(read.unwrap() == content, "{size}");
        let seen = seen.into_inner().unwrap();
        assert_eq!((seen.len(), seen.last().copied()), (steps, Some(size as u64)));
    }
}

#[tokio::test]
async fn a_large_file_is_not_put_over_an_object_that_is_there() {
    let s3 = endpoint().await;
    let bucket = s3.bucket(Versioning::Unversioned).await;
    let first = s3.objects.put(&bucket, "dump", pattern(5), PutOptions::default()).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("dump");
    fs::write(&path, pattern(16 * MIB + 1)).unwrap();
    let upload = FileUpload {
        options: PutOptions { condition: Condition::IfAbsent, ..PutOptions::default() },
        ..FileUpload::new(&path)
    };
    let error = s3.objects.put_file(&bucket, "dump", upload).await.unwrap_err();
    assert!(matches!(error, ObjectError::PreconditionFailed { .. }), "{error:?}");
    assert_eq!(s3.objects.head(&bucket, "dump", None).await.unwrap().etag, first.etag);
}

#[tokio::test]
async fn a_file_that_grows_while_it_is_sent_does_not_land() {
    let s3 = endpoint().await;
    let bucket = s3.bucket(Versioning::Unversioned).await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("dump");
    fs::write(&path, pattern(16 * MIB + 1)).unwrap();
    let grow = |_| fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"more").unwrap();
    let upload = FileUpload { progress: Some(&grow), ..FileUpload::new(&path) };
    let error = s3.objects.put_file(&bucket, "dump", upload).await.unwrap_err();
    assert!(matches!(error, ObjectError::LocalFile { .. }), "{error:?}");
    assert!(s3.objects.head(&bucket, "dump", None).await.is_err());
}

#[tokio::test]
async fn the_parts_of_a_failed_upload_are_taken_back() {
    let script = Script::serve(|request| match (request.method.as_str(), request.query.as_str()) {
        ("POST", query) if query.contains("uploads") => Answer::ok(
            "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>",
        ),
        ("PUT", query) if query.contains("partNumber=2") => Answer::error(403, "AccessDenied"),
        ("PUT", _) => Answer::ok("").header("etag", "\"part\""),
        ("DELETE", _) => Answer::new(204),
        other => panic!("not expected: {other:?}"),
    })
    .await;
    let objects = connect(script.url()).await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("dump");
    fs::write(&path, vec![0; 17 * MIB]).unwrap();
    let error = objects.put_file("b", "dump", FileUpload::new(&path)).await.unwrap_err();
    assert!(matches!(error, ObjectError::AccessDenied { .. }), "{error:?}");
    let last = script.requests().pop().unwrap();
    assert_eq!(last.method, "DELETE");
    assert!(last.query.contains("uploadId=u1"), "{}", last.query);
}

#[tokio::test]
async fn the_parts_of_a_dropped_upload_are_taken_back() {
    let script = Script::serve(|request| match request.method.as_str() {
        "POST" => Answer::ok(
            "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>",
        ),
        "PUT" => Answer::hang(),
        _ => Answer::new(204),
    })
    .await;
    let objects = connect(script.url()).await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("dump");
    fs::write(&path, vec![0; 17 * MIB]).unwrap();
    let upload = tokio::spawn(async move {
        let path = path;
        objects.put_file("b", "dump", FileUpload::new(&path)).await
    });
    script.until("a part is sent", |requests| requests.iter().any(|one| one.method == "PUT")).await;
    upload.abort();
    script.until("the upload is aborted", |requests| requests.iter().any(|one| one.method == "DELETE")).await;
}
