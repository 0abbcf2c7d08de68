//! Configuration from the environment.

use landfall_runtime::{Clients, Env, queue_from_env};

const DATABASE: (&str, &str) = ("DATABASE_URL", "postgres://u:hunter2@127.0.0.1:9/none");

async fn clients(more: &[(&str, &str)]) -> Result<Clients, String> {
    let env = Env::of([DATABASE].iter().chain(more).copied());
    Clients::from_env(&env).await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn test_env_loader_reads_defaults_and_overrides() {
    let defaults = clients(&[]).await.unwrap();
    assert_eq!(defaults.store.pool().options().get_max_connections(), 2);
    assert_eq!(&*defaults.work_bucket, "work");
    let chosen =
        clients(&[("LANDFALL_DB_CONNECTIONS", " 7 "), ("LANDFALL_WORK_BUCKET", "indexes")]).await.unwrap();
    assert_eq!(chosen.store.pool().options().get_max_connections(), 7);
    assert_eq!(&*chosen.work_bucket, "indexes");
}

#[tokio::test]
async fn test_env_loader_rejects_bad_values_by_the_name_of_their_variable() {
    let refused = async |name, value| clients(&[(name, value)]).await.unwrap_err();
    insta::assert_snapshot!(
        refused("LANDFALL_DB_CONNECTIONS", "-1").await,
        @r#"environment variable LANDFALL_DB_CONNECTIONS does not read: "-1": invalid digit found in string"#
    );
    insta::assert_snapshot!(
        refused("LANDFALL_S3_PATH_STYLE", "maybe").await,
        @r#"environment variable LANDFALL_S3_PATH_STYLE does not read: "maybe": provided string was not `true` or `false`"#
    );
    let missing = Clients::from_env(&Env::default()).await.unwrap_err();
    insta::assert_snapshot!(
        missing, @"environment variable DATABASE_URL is not set: the Postgres database"
    );
}

#[tokio::test]
async fn test_env_loader_prints_no_secrets() {
    let env = Env::of([DATABASE, ("LANDFALL_S3_SECRET_KEY", "hunter2")]);
    let clients = Clients::from_env(&env).await.unwrap();
    for printed in [format!("{env:?}"), format!("{clients:?}")] {
        assert!(!printed.contains("hunter2"), "{printed}");
    }
    let bad = Env::of([("DATABASE_URL", "postgres://u:hunter2@[bad")]);
    let refused = Clients::from_env(&bad).await.unwrap_err();
    assert!(!format!("{refused} {refused:?}").contains("hunter2"), "{refused:?}");
}

async fn queue(variables: &[(&str, &str)]) -> Result<String, String> {
    let env = Env::of(variables.iter().copied());
    let queue = queue_from_env(&env, &clients(&[]).await.unwrap()).await;
    queue.map(|queue| format!("{queue:?}")).map_err(|error| error.to_string())
}

#[tokio::test]
async fn the_environment_chooses_the_queue() {
    assert!(queue(&[]).await.unwrap().starts_with("PostgresQueue"));
    assert!(queue(&[("LANDFALL_QUEUE", "postgres")]).await.unwrap().starts_with("PostgresQueue"));
    let url = ("LANDFALL_QUEUE_URL_PLAN_ARCHIVE", "https://sqs.eu-north-1.amazonaws.com/1/plan-archive");
    let sqs = queue(&[("LANDFALL_QUEUE", "sqs"), ("AWS_REGION", "eu-north-1"), url]).await.unwrap();
    assert!(sqs.starts_with("SqsQueue") && sqs.contains(url.1), "{sqs}");
    insta::assert_snapshot!(
        queue(&[("LANDFALL_QUEUE", "sqs")]).await.unwrap_err(),
        @"environment variable LANDFALL_QUEUE does not read: sqs needs the URL of a queue, LANDFALL_QUEUE_URL_..."
    );
    insta::assert_snapshot!(
        queue(&[("LANDFALL_QUEUE", "rabbit")]).await.unwrap_err(),
        @r#"environment variable LANDFALL_QUEUE does not read: "rabbit": expected postgres or sqs"#
    );
}
