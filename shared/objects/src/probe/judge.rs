//! From what was seen to findings.

use landfall_domain::Finding;

use super::{Attempt, Miss, Seen, StoreFacts, Told, WriteFacts, notify};
use crate::Versioning;

/// The findings on a store; `told` is how the platform learns of writes.
pub fn judge(facts: &StoreFacts, told: &Told) -> Vec<Finding> {
    vec![
        bucket("store.landing-bucket", &facts.landing, "LANDFALL_BUCKET"),
        versioning(&facts.versioning),
        notify::judge(&facts.notifications, told),
        work_bucket(facts),
        create(&facts.writes),
        replace(&facts.writes),
        range(&facts.writes.range),
        checksums(&facts.writes),
        removed(&facts.writes.removed, &format!("s3://{}/{}", facts.work.0, facts.key)),
        clock(facts),
    ]
}

impl Miss {
    /// What was said, for people.
    pub fn text(&self) -> &str {
        match self {
            Self::Denied(text)
            | Self::NoBucket(text)
            | Self::Unsupported(text)
            | Self::Unreachable(text)
            | Self::Failed(text) => text,
            Self::NotAsked(why) => why,
        }
    }

    /// A finding of what could not be seen; `action` is what the credentials must allow.
    fn finding(&self, name: &str, action: &str) -> Finding {
        let next = match self {
            Self::NotAsked(why) => return Finding::skipped(name, *why),
            Self::Denied(_) => {
                format!("check the credentials (LANDFALL_S3_ACCESS_KEY, or the AWS sources); allow {action}")
            }
            Self::NoBucket(_) => "make the bucket, or name another one; `landfall up` makes both".to_owned(),
            Self::Unsupported(_) => "use a store, or a release of it, that has this operation".to_owned(),
            Self::Unreachable(_) => {
                "check that the object store runs and LANDFALL_S3_ENDPOINT names it".to_owned()
            }
            Self::Failed(_) => "check LANDFALL_S3_ENDPOINT, AWS_REGION and LANDFALL_S3_PATH_STYLE".to_owned(),
        };
        Finding::problem(name, self.text(), next)
    }
}

fn bucket(name: &str, (bucket, seen): &(String, Seen<()>), variable: &str) -> Finding {
    match seen {
        Ok(()) => Finding::ok(name, format!("{bucket} answers with these credentials")),
        Err(miss @ Miss::NoBucket(_)) => {
            let next = format!("make the bucket, or let {variable} name another one");
            Finding::problem(name, miss.text(), next)
        }
        Err(miss) => miss.finding(name, "s3:ListBucket"),
    }
}

fn work_bucket(facts: &StoreFacts) -> Finding {
    const NAME: &str = "store.work-bucket";
    if facts.work.0 == facts.landing.0 {
        let seen =
            format!("{} is the watched bucket, too: what Landfall keeps would be worked on", facts.work.0);
        return Finding::problem(NAME, seen, "let LANDFALL_WORK_BUCKET name another bucket");
    }
    bucket(NAME, &facts.work, "LANDFALL_WORK_BUCKET")
}

fn versioning(seen: &Seen<Versioning>) -> Finding {
    const NAME: &str = "store.versioning";
    let seconds = "identities are ETag and second: equal bytes written twice within a second are one, and a version \
                   that is overwritten before it is read is lost";
    let on = "turn versioning on for the landing bucket";
    match seen {
        Ok(Versioning::Enabled) => Finding::ok(NAME, "enabled: each upload is an identity of its own"),
        Ok(Versioning::Suspended) => {
            Finding::warning(NAME, format!("suspended: for what is written from now on, {seconds}"), on)
        }
        Ok(Versioning::Unversioned) => Finding::warning(NAME, format!("off: {seconds}"), on),
        Err(Miss::NotAsked(why)) => Finding::skipped(NAME, *why),
        Err(Miss::Unsupported(text)) => Finding::warning(
            NAME,
            format!("the store has no versions ({text}): {seconds}"),
            "never overwrite a key",
        ),
        Err(Miss::Denied(text)) => {
            Finding::warning(NAME, text, "allow s3:GetBucketVersioning, and run this again")
        }
        Err(miss) => miss.finding(NAME, "s3:GetBucketVersioning"),
    }
}

/// What to do about a store that ignores conditions.
const CONDITIONS: &str = "use a store, or a release of it, with conditional writes: without them two workers overwrite \
                          each other's objects";

fn create(writes: &WriteFacts) -> Finding {
    const NAME: &str = "store.create-once";
    match (&writes.create, &writes.create_again) {
        (Attempt::Done, Attempt::Refused) => {
            Finding::ok(NAME, "a second `If-None-Match: *` on the same key is refused")
        }
        (Attempt::Done, Attempt::Done) => Finding::problem(
            NAME,
            "a second `If-None-Match: *` on the same key overwrote the first",
            CONDITIONS,
        ),
        (Attempt::Refused, _) => {
            Finding::problem(NAME, "`If-None-Match: *` is refused for a key that is not there", CONDITIONS)
        }
        (Attempt::Missed(miss), _) | (_, Attempt::Missed(miss)) => miss.finding(NAME, "s3:PutObject"),
    }
}

fn replace(writes: &WriteFacts) -> Finding {
    const NAME: &str = "store.replace-known";
    match (&writes.wrong_etag, &writes.right_etag) {
        (Attempt::Refused, Attempt::Done) => {
            Finding::ok(NAME, "`If-Match` is refused with a wrong ETag and taken with the right one")
        }
        (Attempt::Done, _) => {
            Finding::problem(NAME, "`If-Match` with a wrong ETag overwrote the object", CONDITIONS)
        }
        (_, Attempt::Refused) => {
            Finding::problem(NAME, "`If-Match` is refused with the object's own ETag", CONDITIONS)
        }
        (Attempt::Missed(miss), _) | (_, Attempt::Missed(miss)) => miss.finding(NAME, "s3:PutObject"),
    }
}

fn range(seen: &Seen<bool>) -> Finding {
    const NAME: &str = "store.ranges";
    let next = "use a store that serves ranged GETs: archives are read by ranges only";
    match seen {
        Ok(true) => Finding::ok(NAME, "a ranged GET brings the bytes of the range"),
        Ok(false) => Finding::problem(NAME, "a ranged GET brings other bytes than those of the range", next),
        Err(Miss::Failed(text)) => Finding::problem(NAME, text, next),
        Err(miss) => miss.finding(NAME, "s3:GetObject"),
    }
}

fn checksums(writes: &WriteFacts) -> Finding {
    const NAME: &str = "store.checksums";
    let next = "nothing has to be done: Landfall checks what it reads by CRC and SHA-256; damage on the way into the \
                store is found only then";
    match (&writes.good_checksum, &writes.bad_checksum) {
        (Attempt::Done, Attempt::Refused) => {
            Finding::ok(NAME, "a write whose content is not that of its SHA-256 is refused")
        }
        (Attempt::Done, Attempt::Done) => {
            Finding::warning(NAME, "a write is taken although its content is not that of its SHA-256", next)
        }
        (Attempt::Refused, _) => Finding::warning(NAME, "a write with its right SHA-256 is refused", next),
        (Attempt::Missed(miss @ Miss::NotAsked(_)), _) => miss.finding(NAME, ""),
        (Attempt::Missed(miss), _) | (_, Attempt::Missed(miss)) => Finding::warning(NAME, miss.text(), next),
    }
}

fn removed(seen: &Seen<()>, place: &str) -> Finding {
    const NAME: &str = "store.clean-up";
    match seen {
        Ok(()) => Finding::ok(NAME, "nothing of the probe is left"),
        Err(Miss::NotAsked(why)) => Finding::skipped(NAME, *why),
        Err(miss) => {
            let next = format!("delete {place} with all its versions; allow s3:DeleteObject");
            Finding::warning(NAME, miss.text(), next)
        }
    }
}

fn clock(facts: &StoreFacts) -> Finding {
    const NAME: &str = "clock.store";
    match facts.skew {
        Some(skew) => skew.judge(NAME, "the store's"),
        None => Finding::skipped(NAME, "no answer of the store told its time"),
    }
}
