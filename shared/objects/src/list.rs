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
        let at = ObjectAt::new("list", bucket, prefix);
        ListPages(Pager::new(
            self.client(),
            at,
            ObjectPlace { start_after: behind(start_after), token: None },
        ))
    }

    /// Lists the versions and delete markers below a prefix, by key and newest first, beginning
    /// behind all versions of `start_after`.
    pub fn list_versions(&self, bucket: &str, prefix: &str, start_after: Option<&str>) -> ListVersionPages {
        let at = ObjectAt::new("list versions of", bucket, prefix);
        ListVersionPages(Pager::new(
            self.client(),
            at,
            VersionPlace { key: behind(start_after), version: None },
        ))
    }
}

fn behind(start_after: Option<&str>) -> Option<String> {
    start_after.filter(|key| !key.is_empty()).map(str::to_owned)
}

/// What every page of a listing is asked with.
#[derive(Debug)]
struct Request {
    client: Client,
    at: ObjectAt,
    max_keys: Option<i32>,
}

impl Request {
    fn prefix(&self) -> Option<String> {
        Some(self.at.key().to_owned()).filter(|prefix| !prefix.is_empty())
    }
}

/// Where a page of a listing begins, and how it is asked for.
trait Place: PartialEq + Sized {
    /// One entry of the listing.
    type Item;

    /// Asks for the page that begins here.
    async fn ask(&self, request: &Request) -> Result<Page<Self>, ObjectError>;
}

/// An answer.
struct Page<P: Place> {
    items: Vec<P::Item>,
    truncated: Option<bool>,
    /// Where the next page begins, if the answer says so.
    next: Option<P>,
}

/// Goes from page to page.
#[derive(Debug)]
struct Pager<P> {
    request: Request,
    place: P,
    done: bool,
}

impl<P: Place> Pager<P> {
    fn new(client: &Client, at: ObjectAt, place: P) -> Self {
        Self { request: Request { client: client.clone(), at, max_keys: None }, place, done: false }
    }

    fn page_size(mut self, entries: u16) -> Self {
        self.request.max_keys = Some(i32::from(entries));
        self
    }

    /// A page that says "more" must say where, and somewhere else: else a store could hold us in a
    /// loop. After an error the place is still the same.
    async fn next(&mut self) -> Result<Option<Vec<P::Item>>, ObjectError> {
        if self.done {
            return Ok(None);
        }
        let page = self.place.ask(&self.request).await?;
        if page.truncated != Some(true) {
            self.done = true;
        } else if let Some(next) = page.next.filter(|next| *next != self.place) {
            self.place = next;
        } else {
            let what = "the page is cut but does not say where to go on";
            return Err(ObjectError::nonsense(&self.request.at, what));
        }
        Ok(Some(page.items))
    }
}

/// Pages of [`ObjectStore::list`].
#[derive(Debug)]
pub struct ListPages(Pager<ObjectPlace>);

impl ListPages {
    /// Asks for pages of at most so many objects; S3's own limit is 1,000.
    pub fn page_size(self, objects: u16) -> Self {
        Self(self.0.page_size(objects))
    }

    /// The next page, none after the last. A page may be empty. After an error the same page can be
    /// asked for again.
    pub async fn next(&mut self) -> Result<Option<Vec<Listed>>, ObjectError> {
        self.0.next().await
    }
}

/// Pages of [`ObjectStore::list_versions`].
#[derive(Debug)]
pub struct ListVersionPages(Pager<VersionPlace>);

impl ListVersionPages {
    /// Asks for pages of at most so many versions; S3's own limit is 1,000.
    pub fn page_size(self, versions: u16) -> Self {
        Self(self.0.page_size(versions))
    }

    /// The next page, none after the last; as [`ListPages::next`].
    pub async fn next(&mut self) -> Result<Option<Vec<ListedVersion>>, ObjectError> {
        self.0.next().await
    }
}

/// A place in a listing of objects: the store's token, before the first one the caller's key.
#[derive(Debug, PartialEq)]
struct ObjectPlace {
    start_after: Option<String>,
    token: Option<String>,
}

impl Place for ObjectPlace {
    type Item = Listed;

    async fn ask(&self, request: &Request) -> Result<Page<Self>, ObjectError> {
        let at = &request.at;
        let page = request
            .client
            .list_objects_v2()
            .bucket(at.bucket())
            .set_prefix(request.prefix())
            .set_start_after(self.start_after.clone())
            .set_continuation_token(self.token.clone())
            .set_max_keys(request.max_keys)
            .encoding_type(EncodingType::Url)
            .send()
            .await
            .map_err(|error| from_sdk(at, error))?;
        let form = KeyForm::of(page.encoding_type());
        let objects = page.contents.unwrap_or_default().into_iter();
        let next = page.next_continuation_token;
        Ok(Page {
            items: objects.map(|one| Listed::read(at, form, one)).collect::<Result<Vec<_>, _>>()?,
            truncated: page.is_truncated,
            next: next.map(|token| Self { start_after: self.start_after.clone(), token: Some(token) }),
        })
    }
}

/// A place in a listing of versions: behind this version of the key, or behind all of them.
#[derive(Debug, PartialEq)]
struct VersionPlace {
    key: Option<String>,
    version: Option<String>,
}

impl Place for VersionPlace {
    type Item = ListedVersion;

    async fn ask(&self, request: &Request) -> Result<Page<Self>, ObjectError> {
        let at = &request.at;
        let mut page = request
            .client
            .list_object_versions()
            .bucket(at.bucket())
            .set_prefix(request.prefix())
            .set_key_marker(self.key.clone())
            .set_version_id_marker(self.version.clone())
            .set_max_keys(request.max_keys)
            .encoding_type(EncodingType::Url)
            .send()
            .await
            .map_err(|error| from_sdk(at, error))?;
        let form = KeyForm::of(page.encoding_type());
        let key = page.next_key_marker.take().map(|key| form.decode(at, &key)).transpose()?;
        let version = page.next_version_id_marker.take();
        Ok(Page {
            truncated: page.is_truncated,
            next: key.map(|key| Self { key: Some(key), version }),
            items: ListedVersion::page(at, form, page)?,
        })
    }
}
