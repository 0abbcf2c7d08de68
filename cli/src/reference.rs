//! How people name an object: by id, by key, or by the start of a key.

use landfall_store::object::ObjectDetail;
use landfall_store::{PgPool, object};

use crate::{Exit, Failure};

/// Candidates that an ambiguous name is answered with.
const SHOWN: i64 = 10;

/// The object that a text names: an id; else the newest version of that key; else of the only key that starts so.
pub(crate) async fn find(pool: &PgPool, text: &str) -> Result<ObjectDetail, Failure> {
    if let Ok(id) = text.parse::<i64>() {
        let found = object::list_by_key(pool, Some(id), "", 1).await?.into_iter().next();
        return found.ok_or_else(|| unknown(format!("there is no object {id}")));
    }
    if let Some(newest) = object::versions_of_key(pool, text, 1).await?.into_iter().next() {
        return Ok(newest);
    }
    let found = object::list_by_key(pool, None, text, SHOWN).await?;
    let mut keys: Vec<&str> = found.iter().map(|object| object.key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    match (keys.as_slice(), found.first()) {
        ([_], Some(newest)) => Ok(newest.clone()),
        (_, None) => Err(unknown(format!("no object has the key {text:?}, and no key starts so"))),
        _ => {
            let list: Vec<String> = found.iter().map(|o| format!("  {} {}", o.object_id, o.key)).collect();
            let text = format!("several keys start with {text:?}:\n{}", list.join("\n"));
            Err(Failure::new(Exit::Arguments, text).advise("name one of them by its id or its whole key"))
        }
    }
}

fn unknown(text: String) -> Failure {
    Failure::new(Exit::Arguments, text).advise("`landfall objects --key-prefix PREFIX` lists what is there")
}
