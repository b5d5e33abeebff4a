//! The committed metadata of every query (`.sqlx`), by which the crate compiles without a database.

use std::path::Path;

use serde_json::Value;
use sqlx::{AssertSqlSafe, Executor, SqlSafeStr};

use crate::harness;

#[tokio::test]
async fn every_query_still_answers_as_its_committed_metadata_says() {
    let fresh = harness::fresh().await;
    let mut owner = fresh.owner().await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(".sqlx");
    let mut checked = 0;
    for file in std::fs::read_dir(&folder).expect("the committed metadata") {
        let file = file.expect("a file").path();
        let committed: Value =
            serde_json::from_slice(&std::fs::read(&file).expect("a readable file")).expect("metadata is JSON");
        let query = committed["query"].as_str().expect("a query").to_owned();
        let described = (&mut owner).describe(AssertSqlSafe(query.clone()).into_sql_str()).await;
        let described = described.unwrap_or_else(|error| panic!("{error} in {query}"));
        let described = serde_json::to_value(&described).expect("a description is JSON");
        // Not what may be null behind a join: that is read off the plan, which is the planner's to choose.
        for part in ["columns", "parameters"] {
            assert_eq!(described[part], committed["describe"][part], "{part} of {query}: run `make generate`");
        }
        checked += 1;
    }
    assert!(checked > 0, "{} is empty", folder.display());
}
