//! Each function and view of tickets lies in a file of its own, as it is now; migrations bring it there.

use std::path::Path;

use sqlx::AssertSqlSafe;

use super::scene::Scene;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/tickets");

/// Everything that could be said by such a file: name, and the database's own text of it.
const OBJECTS: &str = "
    select format('%s.%s', pronamespace::regnamespace, proname) as name, pg_get_functiondef(oid) as text from pg_proc
    where pronamespace in ('tickets'::regnamespace, 'reporting'::regnamespace)
    union all
    select format('%s.%s', relnamespace::regnamespace, relname), pg_get_viewdef(oid) from pg_class
    where relkind = 'v' and relnamespace in ('tickets'::regnamespace, 'reporting'::regnamespace)
    order by 1";

async fn objects(scene: &mut Scene) -> Vec<(String, String)> {
    sqlx::query_as(OBJECTS).fetch_all(&mut *scene.tx).await.unwrap()
}

#[tokio::test]
async fn the_files_of_functions_and_views_say_what_the_migrations_made() {
    let mut scene = Scene::new().await;
    let migrated = objects(&mut scene).await;
    let mut files: Vec<_> = Path::new(FOLDER).read_dir().unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let named = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let mut of_files: Vec<_> = files.iter().map(|path| named(path)).collect();
    let mut of_migrations: Vec<_> =
        migrated.iter().map(|(name, _)| name.split('.').next_back().unwrap().to_owned()).collect();
    of_files.sort();
    of_migrations.sort();
    assert_eq!(of_files, of_migrations, "one object a file, one file an object");
    for path in files {
        let sql = std::fs::read_to_string(&path).unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *scene.tx).await.unwrap();
    }
    for (before, after) in migrated.iter().zip(objects(&mut scene).await) {
        assert_eq!(before.1, after.1, "{}: the file differs from the migrations", before.0);
    }
}
