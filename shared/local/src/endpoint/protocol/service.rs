//! The `s3s` trait: each operation in one line, the work in its own module.

use std::sync::Arc;

use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput,
    CompleteMultipartUploadOutput, CopyObjectInput, CopyObjectOutput, CreateBucketInput, CreateBucketOutput,
    CreateMultipartUploadInput, CreateMultipartUploadOutput, DeleteBucketInput, DeleteBucketOutput,
    DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, GetBucketLocationInput,
    GetBucketLocationOutput, GetBucketVersioningInput, GetBucketVersioningOutput, GetObjectInput,
    GetObjectOutput, HeadBucketInput, HeadBucketOutput, HeadObjectInput, HeadObjectOutput, ListBucketsInput,
    ListBucketsOutput, ListMultipartUploadsInput, ListMultipartUploadsOutput, ListObjectVersionsInput,
    ListObjectVersionsOutput, ListObjectsInput, ListObjectsOutput, ListObjectsV2Input, ListObjectsV2Output,
    ListPartsInput, ListPartsOutput, PutBucketVersioningInput, PutBucketVersioningOutput, PutObjectInput,
    PutObjectOutput, UploadPartCopyInput, UploadPartCopyOutput, UploadPartInput, UploadPartOutput,
};
use s3s::{S3, S3Request, S3Response, S3Result};

use super::core::Core;
use super::{buckets, deletes, listings, objects, reads, uploads};

/// The operations of an endpoint. What is missing here answers `NotImplemented`.
pub(crate) struct Service(pub(crate) Arc<Core>);

macro_rules! operations {
    ($($name:ident($input:ty) -> $output:ty = $($call:ident)::+;)*) => {
        #[async_trait::async_trait]
        impl S3 for Service {
            $(async fn $name(&self, request: S3Request<$input>) -> S3Result<S3Response<$output>> {
                $($call)::+(&self.0, request).await.map(S3Response::new)
            })*
        }
    };
}

operations! {
    create_bucket(CreateBucketInput) -> CreateBucketOutput = buckets::create;
    delete_bucket(DeleteBucketInput) -> DeleteBucketOutput = buckets::delete;
    head_bucket(HeadBucketInput) -> HeadBucketOutput = buckets::head;
    list_buckets(ListBucketsInput) -> ListBucketsOutput = buckets::list;
    get_bucket_location(GetBucketLocationInput) -> GetBucketLocationOutput = buckets::location;
    get_bucket_versioning(GetBucketVersioningInput) -> GetBucketVersioningOutput = buckets::versioning;
    put_bucket_versioning(PutBucketVersioningInput) -> PutBucketVersioningOutput = buckets::set_versioning;
    put_object(PutObjectInput) -> PutObjectOutput = objects::put;
    copy_object(CopyObjectInput) -> CopyObjectOutput = objects::copy;
    get_object(GetObjectInput) -> GetObjectOutput = reads::get;
    head_object(HeadObjectInput) -> HeadObjectOutput = reads::head;
    delete_object(DeleteObjectInput) -> DeleteObjectOutput = deletes::one;
    delete_objects(DeleteObjectsInput) -> DeleteObjectsOutput = deletes::many;
    list_objects(ListObjectsInput) -> ListObjectsOutput = listings::objects_v1;
    list_objects_v2(ListObjectsV2Input) -> ListObjectsV2Output = listings::objects_v2;
    list_object_versions(ListObjectVersionsInput) -> ListObjectVersionsOutput = listings::versions;
    list_multipart_uploads(ListMultipartUploadsInput) -> ListMultipartUploadsOutput = listings::uploads;
    create_multipart_upload(CreateMultipartUploadInput) -> CreateMultipartUploadOutput = uploads::create;
    upload_part(UploadPartInput) -> UploadPartOutput = uploads::part;
    upload_part_copy(UploadPartCopyInput) -> UploadPartCopyOutput = uploads::part_copy;
    complete_multipart_upload(CompleteMultipartUploadInput) -> CompleteMultipartUploadOutput = uploads::complete;
    abort_multipart_upload(AbortMultipartUploadInput) -> AbortMultipartUploadOutput = uploads::abort;
    list_parts(ListPartsInput) -> ListPartsOutput = uploads::list_parts;
}
