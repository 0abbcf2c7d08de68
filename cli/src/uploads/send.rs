//! Sending a file.

use std::path::Path;

use indicatif::ProgressBar;
use landfall_domain::ObjectVersion;
use landfall_objects::{FileUpload, ObjectStore, PutOptions};

use super::fields::Request;
use crate::{Exit, Failure};

/// Puts a file and gives the version that it became. The bar shows the bytes sent.
pub(crate) async fn send(
    objects: &ObjectStore,
    bucket: &str,
    (file, request): (&Path, &Request),
    bar: &ProgressBar,
) -> Result<String, Failure> {
    let progress = |sent: u64| bar.set_position(sent);
    let options = PutOptions { metadata: request.metadata.clone(), ..PutOptions::default() };
    let upload = FileUpload { path: file, options, progress: Some(&progress) };
    let put = objects.put_file(bucket, &request.key, upload).await?;
    let version = if let Some(version_id) = &put.version_id {
        ObjectVersion::from_id(version_id)
    } else {
        let head = objects.head(bucket, &request.key, None).await?;
        ObjectVersion::from_etag(&put.etag, head.last_modified)
    };
    Ok(version.as_str().to_owned())
}

/// The size of a file that can be sent.
pub(crate) fn size_of(file: &Path) -> Result<u64, Failure> {
    let failed =
        |error| Failure::of(Exit::Arguments, error).while_doing(format!("cannot read {}", file.display()));
    let found = std::fs::metadata(file).map_err(failed)?;
    if found.is_file() {
        return Ok(found.len());
    }
    Err(Failure::new(Exit::Arguments, format!("{} is no file", file.display())))
}
