//! S3 access: pinned ranged reads in order, HEAD, listing, conditional put.
