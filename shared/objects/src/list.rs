//! Listings, a page at a time.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::EncodingType;

use crate::classify::from_sdk;
use crate::listed_key::KeyForm;
use crate::{Listed, ListedVersion, ObjectAt, ObjectError, ObjectStore};

impl ObjectStore {
    /// Lists the objects below a prefix in the order of their keys' bytes, beginning behind
    /// `start_after`. Nothing is sent before the first page is asked for.
    pub fn list(&self, bucket: &str, prefix: &str, start_after: Option<&str>) -> ListPages {
        ListPages {
            pager: Pager::new(self.client(), ObjectAt::new("list", bucket, prefix), start_after),
            token: None,
        }
    }

    /// Lists the versions and delete markers below a prefix, by key and newest first, beginning
    /// behind all versions of `start_after`.
    pub fn list_versions(&self, bucket: &str, prefix: &str, start_after: Option<&str>) -> ListVersionPages {
        ListVersionPages {
            pager: Pager::new(self.client(), ObjectAt::new("list versions of", bucket, prefix), start_after),
            version_marker: None,
        }
    }
}

/// What both pagers share.
#[derive(Debug)]
struct Pager {
    client: Client,
    at: ObjectAt,
    start_after: Option<String>,
    max_keys: Option<i32>,
    done: bool,
}

impl Pager {
    fn new(client: &Client, at: ObjectAt, start_after: Option<&str>) -> Self {
        let start_after = start_after.filter(|key| !key.is_empty()).map(str::to_owned);
        Self { client: client.clone(), at, start_after, max_keys: None, done: false }
    }

    fn prefix(&self) -> Option<String> {
        Some(self.at.key().to_owned()).filter(|prefix| !prefix.is_empty())
    }

    /// A page that says "more" must say where, and somewhere else: else a store could hold us in a
    /// loop.
    fn advance<T: PartialEq>(
        &mut self,
        truncated: Option<bool>,
        place: (&T, &T),
        known: bool,
    ) -> Result<(), ObjectError> {
        if truncated != Some(true) {
            self.done = true;
            return Ok(());
        }
        if known && place.0 != place.1 {
            return Ok(());
        }
        Err(ObjectError::nonsense(&self.at, "the page is cut but does not say where to go on"))
    }
}

/// Pages of [`ObjectStore::list`].
#[derive(Debug)]
pub struct ListPages {
    pager: Pager,
    token: Option<String>,
}

impl ListPages {
    /// Asks for pages of at most so many objects; S3's own limit is 1,000.
    pub fn page_size(mut self, objects: u16) -> Self {
        self.pager.max_keys = Some(i32::from(objects));
        self
    }

    /// The next page, none after the last. A page may be empty. After an error the same page can be
    /// asked for again.
    pub async fn next(&mut self) -> Result<Option<Vec<Listed>>, ObjectError> {
        if self.pager.done {
            return Ok(None);
        }
        let Pager { client, at, start_after, max_keys, .. } = &self.pager;
        let page = client
            .list_objects_v2()
            .bucket(at.bucket())
            .set_prefix(self.pager.prefix())
            .set_start_after(start_after.clone())
            .set_continuation_token(self.token.clone())
            .set_max_keys(*max_keys)
            .encoding_type(EncodingType::Url)
            .send()
            .await
            .map_err(|error| from_sdk(at, error))?;
        let form = KeyForm::of(page.encoding_type());
        let objects = page.contents.unwrap_or_default().into_iter();
        let objects = objects.map(|one| Listed::read(at, form, one)).collect::<Result<Vec<_>, _>>()?;
        let next = page.next_continuation_token;
        self.pager.advance(page.is_truncated, (&self.token, &next), next.is_some())?;
        self.token = next;
        Ok(Some(objects))
    }
}

/// Pages of [`ObjectStore::list_versions`].
#[derive(Debug)]
pub struct ListVersionPages {
    pager: Pager,
    version_marker: Option<String>,
}

impl ListVersionPages {
    /// Asks for pages of at most so many versions; S3's own limit is 1,000.
    pub fn page_size(mut self, versions: u16) -> Self {
        self.pager.max_keys = Some(i32::from(versions));
        self
    }

    /// The next page, none after the last; as [`ListPages::next`].
    pub async fn next(&mut self) -> Result<Option<Vec<ListedVersion>>, ObjectError> {
        if self.pager.done {
            return Ok(None);
        }
        let Pager { client, at, start_after, max_keys, .. } = &self.pager;
        let mut page = client
            .list_object_versions()
            .bucket(at.bucket())
            .set_prefix(self.pager.prefix())
            .set_key_marker(start_after.clone())
            .set_version_id_marker(self.version_marker.clone())
            .set_max_keys(*max_keys)
            .encoding_type(EncodingType::Url)
            .send()
            .await
            .map_err(|error| from_sdk(at, error))?;
        let form = KeyForm::of(page.encoding_type());
        let next_key = page.next_key_marker.take().map(|key| form.decode(at, &key)).transpose()?;
        let next = (next_key, page.next_version_id_marker.take());
        let truncated = page.is_truncated;
        let versions = ListedVersion::page(at, form, page)?;
        let here = (self.pager.start_after.take(), self.version_marker.take());
        let advanced = self.pager.advance(truncated, (&here, &next), next.0.is_some());
        (self.pager.start_after, self.version_marker) = if advanced.is_ok() { next } else { here };
        advanced.map(|()| Some(versions))
    }
}
