use lectern::{
    ids::AttachmentId,
    retention::{self, Old},
    sync::remote::{self, NewFile, Uploaded},
};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, PgConnection};
use sync_core::wire::Table;

use crate::sync::author::{Author, change, new_id, new_lesson, school};

async fn count(owner: &mut PgConnection, what: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from lectern.{what}"))).fetch_one(owner).await.unwrap()
}

async fn all_cleared(owner: &mut PgConnection, most: i32) -> Old {
    let mut all = Old::default();
    loop {
        let batch = retention::clear(owner, most).await.unwrap();
        assert!(batch.history <= i64::from(most));
        if batch == Old::default() {
            return all;
        }
        all.history += batch.history;
        all.uploads += batch.uploads;
    }
}

async fn upload(author: &mut Author, content: &[u8], chunks: usize) -> AttachmentId {
    let file = NewFile {
        id: AttachmentId::new(),
        course_id: author.course,
        sha256: Sha256::digest(content).into(),
        file_name: "forces.pdf".into(),
        media_type: "application/pdf".into(),
        byte_size: i64::try_from(content.len()).unwrap(),
    };
    let organization = author.organization;
    let begun = does!(author.desk, |c| remote::begin_upload(c, organization, &file)).unwrap();
    for (number, chunk) in (0..).zip(content.chunks(remote::CHUNK_BYTES).take(chunks)) {
        does!(author.desk, |c| remote::send_chunk(c, organization, begun.id, number, chunk)).unwrap();
    }
    begun.id
}

#[tokio::test]
async fn overwritten_values_go_after_180_days_in_batches_and_the_chain_of_pushes_never() {
    let school = school().await;
    let mut lead = school.author().await;
    let mut owner = school.fresh.owner().await;
    let lesson = new_id();
    let mut version = lead.pushed(vec![new_lesson(lesson, "Weight", None)]).await[0];
    for number in 0..7 {
        let title = serde_json::json!({"title": format!("Weight {number}")});
        version = lead.pushed(vec![change(Table::Lessons, lesson, version, title)]).await[0];
    }
    assert_eq!(retention::count(&mut owner).await.unwrap(), Old::default());
    assert_eq!(all_cleared(&mut owner, 3).await, Old::default());
    sqlx::query(
        "update lectern.row_history set created_at = now() - interval '181 days'
          where version in (select version from lectern.row_history order by seq limit 5)",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    sqlx::raw_sql("update lectern.pushes set created_at = now() - interval '400 days'")
        .execute(&mut owner)
        .await
        .unwrap();
    let pushes = count(&mut owner, "pushes where receipt is not null").await;
    let five = Old { history: 5, uploads: 0 };
    assert_eq!(retention::count(&mut owner).await.unwrap(), five);
    assert_eq!(all_cleared(&mut owner, 3).await, five);
    assert_eq!(count(&mut owner, "row_history").await, 2);
    assert_eq!(count(&mut owner, "pushes where receipt is not null").await, pushes);
    // Whoever stands anywhere in the history goes on from there.
    lead.pushed(vec![change(Table::Lessons, lesson, version, serde_json::json!({"title": "Mass"}))]).await;
}

#[tokio::test]
async fn uploads_nobody_finished_go_after_30_days_and_finished_ones_stay() {
    let school = school().await;
    let mut lead = school.author().await;
    let mut owner = school.fresh.owner().await;
    let content = |byte: u8| vec![byte; remote::CHUNK_BYTES + 5];
    let finished = upload(&mut lead, &content(1), 2).await;
    let organization = school.id;
    assert_eq!(does!(lead.desk, |c| remote::finish_upload(c, organization, finished)).unwrap(), Uploaded::Complete);
    upload(&mut lead, &content(2), 1).await;
    let handed_out = upload(&mut lead, &content(3), 1).await;
    let lesson = school.fresh.lesson(school.id, school.course, "Weight").await;
    sqlx::query("insert into lectern.lesson_attachments (organization_id, lesson_id, attachment_id, position) values ($1, $2, $3, 'a')")
        .bind(school.id)
        .bind(lesson)
        .bind(handed_out)
        .execute(&mut owner)
        .await
        .unwrap();
    sqlx::raw_sql("update lectern.attachments set created_at = now() - interval '31 days'")
        .execute(&mut owner)
        .await
        .unwrap();
    let young = upload(&mut lead, &content(4), 1).await;
    let two = Old { history: 0, uploads: 2 };
    assert_eq!(retention::count(&mut owner).await.unwrap(), two);
    assert_eq!(all_cleared(&mut owner, 100).await, two);
    let left: Vec<AttachmentId> =
        sqlx::query_scalar("select id from lectern.attachments order by id").fetch_all(&mut owner).await.unwrap();
    assert_eq!(left, [finished, handed_out, young]);
    assert_eq!(count(&mut owner, "attachment_chunks").await, 3);
    // It can be uploaded anew.
    let again = upload(&mut lead, &content(2), 2).await;
    assert_eq!(does!(lead.desk, |c| remote::finish_upload(c, organization, again)).unwrap(), Uploaded::Complete);
}

#[tokio::test]
async fn only_the_owners_connection_clears_anything() {
    let school = school().await;
    let admin = school.fresh.member(school.id, "An Admin", "admin").await;
    for sql in ["select lectern.clear_old(10)", "select lectern.count_old()", "select lectern.abandoned_uploads()"] {
        let mut connection = school.fresh.acting(admin, school.id).await;
        let error = sqlx::query(sql).execute(&mut connection).await.unwrap_err();
        assert_eq!(error.as_database_error().unwrap().code().as_deref(), Some("42501"), "{sql}");
    }
}
