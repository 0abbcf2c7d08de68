//! Where the database and the objects are: of a platform that runs on the data folder, else as the environment says.

mod functions_file;
mod private_file;
mod running;

use std::path::{Path, PathBuf};

use landfall_objects::{ObjectStore, Settings, StaticCredentials};
use landfall_runtime::{ConfigError, Env, WORK_BUCKET};
use landfall_store::Store;

use crate::{Exit, Failure};
pub(crate) use functions_file::FunctionsFile;
pub(crate) use running::{Announcement, Running};

/// Connections of a command that is no platform.
const CONNECTIONS: u32 = 4;
/// The bucket where nothing else is said; the same as that of `landfall up`.
const BUCKET: &str = "landing";

/// The database and the objects that a command works on.
#[derive(Debug)]
pub(crate) struct Place {
    database_url: Option<String>,
    storage: Option<Settings>,
    platform: Option<RunningPlatform>,
    /// The watched bucket.
    pub bucket: String,
    /// The bucket of the indexes.
    pub work_bucket: String,
    /// What to say where something is missing.
    missing: String,
    /// The folder, for what to do next.
    data: PathBuf,
}

/// A platform that runs on the data folder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RunningPlatform {
    /// Its process.
    pub pid: i32,
    /// Whether the object store is its own.
    pub embedded_store: bool,
}

impl Place {
    /// Looks for a platform that runs on a folder, then into the environment.
    pub fn find(data: &Path, env: &Env) -> Result<Self, Failure> {
        let missing = format!("no platform runs on {} (there is no running.json)", data.display());
        match Running::read(data)? {
            Some(running) if running.is_alive() => {
                let storage = running.settings(env)?;
                let platform =
                    RunningPlatform { pid: running.pid, embedded_store: running.access_key.is_some() };
                Ok(Self {
                    database_url: Some(running.database_url),
                    storage: Some(storage),
                    platform: Some(platform),
                    bucket: running.bucket,
                    work_bucket: running.work_bucket,
                    missing,
                    data: data.to_owned(),
                })
            }
            Some(running) => {
                let dir = data.display();
                let missing = format!("the platform that ran on {dir} (process {}) has ended", running.pid);
                Self::of_env(env, missing, data)
            }
            None => Self::of_env(env, missing, data),
        }
    }

    fn of_env(env: &Env, missing: String, data: &Path) -> Result<Self, Failure> {
        let named = env.get("LANDFALL_S3_ENDPOINT").is_some() || env.get("LANDFALL_BUCKET").is_some();
        Ok(Self {
            database_url: env.get("DATABASE_URL").map(str::to_owned),
            storage: if named { Some(settings(env)?) } else { None },
            platform: None,
            bucket: env.get("LANDFALL_BUCKET").unwrap_or(BUCKET).to_owned(),
            work_bucket: env.get("LANDFALL_WORK_BUCKET").unwrap_or(WORK_BUCKET).to_owned(),
            missing,
            data: data.to_owned(),
        })
    }

    /// The platform that runs here, if one does.
    pub fn platform(&self) -> Option<RunningPlatform> {
        self.platform
    }

    /// Whether a database is named at all.
    pub fn has_database(&self) -> bool {
        self.database_url.is_some()
    }

    /// The database, known to answer.
    pub async fn store(&self) -> Result<Store, Failure> {
        let Some(url) = &self.database_url else {
            let text = format!("no database: {} and DATABASE_URL is not set", self.missing);
            return Err(Failure::new(Exit::Storage, text).advise(self.advice("set DATABASE_URL")));
        };
        let store = Store::connect(url, CONNECTIONS)
            .map_err(|error| Failure::of(Exit::Arguments, error).while_doing("DATABASE_URL does not read"))?;
        store.reach().await?;
        Ok(store)
    }

    fn advice(&self, variables: &str) -> String {
        let data = self.data.display();
        format!(
            "start one with `landfall up --data {data}`, name the folder of a running one with --data, or {variables}"
        )
    }

    /// The objects. Nothing is sent yet.
    pub async fn objects(&self) -> Result<ObjectStore, Failure> {
        let Some(settings) = &self.storage else {
            let text = format!(
                "no object store: {} and neither LANDFALL_S3_ENDPOINT nor LANDFALL_BUCKET is set",
                self.missing
            );
            return Err(Failure::new(Exit::Storage, text).advise(self.advice("set the variables")));
        };
        Ok(ObjectStore::connect(settings).await)
    }
}

/// How to reach the store that the environment names.
fn settings(env: &Env) -> Result<Settings, ConfigError> {
    let endpoint = env.get("LANDFALL_S3_ENDPOINT").map(str::to_owned);
    let credentials = match (env.get("LANDFALL_S3_ACCESS_KEY"), env.get("LANDFALL_S3_SECRET_KEY")) {
        (Some(access), Some(secret)) => Some(StaticCredentials::new(access, secret)),
        _ => None,
    };
    let force_path_style = env.parsed("LANDFALL_S3_PATH_STYLE", endpoint.is_some())?;
    // Without a region the SDK would ask the machine's metadata service, which is not there beside such a store.
    let region = env.get("AWS_REGION").or(endpoint.as_ref().map(|_| "us-east-1")).map(str::to_owned);
    Ok(Settings { endpoint, region, credentials, force_path_style })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_a_platform_and_variables_the_error_names_both_and_what_to_do() {
        let place = Place::find(Path::new("/nowhere"), &Env::default()).unwrap();
        insta::assert_snapshot!(place.store().await.unwrap_err(), @r"
        no database: no platform runs on /nowhere (there is no running.json) and DATABASE_URL is not set
        start one with `landfall up --data /nowhere`, name the folder of a running one with --data, or set DATABASE_URL
        ");
        insta::assert_snapshot!(place.objects().await.unwrap_err(), @r"
        no object store: no platform runs on /nowhere (there is no running.json) and neither LANDFALL_S3_ENDPOINT nor LANDFALL_BUCKET is set
        start one with `landfall up --data /nowhere`, name the folder of a running one with --data, or set the variables
        ");
    }

    #[tokio::test]
    async fn a_database_that_does_not_answer_is_an_error_at_once() {
        let env = Env::of([("DATABASE_URL", "postgres://nobody@127.0.0.1:9/none")]);
        let failure = Place::find(Path::new("/nowhere"), &env).unwrap().store().await.unwrap_err();
        assert_eq!(failure.exit(), Exit::Storage);
        let text = failure.to_string();
        assert!(text.contains("Connection refused") && text.contains("DATABASE_URL"), "{text}");
    }
}
