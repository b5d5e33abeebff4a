//! What the other tests rely on.

use crate::harness;

#[tokio::test]
async fn each_test_sees_a_migrated_database_without_anothers_rows() {
    let (one, other) = tokio::join!(harness::fresh(), harness::fresh());
    one.organization("Only in one").await;
    let count = "select count(*) from lectern.organizations";
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&mut one.owner().await).await.unwrap(), 1);
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&mut other.owner().await).await.unwrap(), 0);
}

#[tokio::test]
async fn the_rights_on_the_database_are_those_the_migrations_gave() {
    let fresh = harness::fresh().await;
    let (may_connect, may_create, public_may): (bool, bool, bool) = sqlx::query_as(
        "select has_database_privilege(current_user, current_database(), 'connect'),
                has_database_privilege(current_user, current_database(), 'create, temporary'),
                exists (select from pg_database, aclexplode(datacl) where datname = current_database() and grantee = 0)",
    )
    .fetch_one(&mut fresh.app().await)
    .await
    .unwrap();
    assert!(may_connect && !may_create && !public_may);
}

#[tokio::test]
async fn words_of_every_script_can_be_searched_and_lowered() {
    let fresh = harness::fresh().await;
    let (lowered, trigrams): (String, i32) =
        sqlx::query_as("select lower('ÉCOLE ŽOFIE'), cardinality(ext.show_trgm('東京 Ørsted'))")
            .fetch_one(&mut fresh.owner().await)
            .await
            .unwrap();
    assert_eq!(lowered, "école žofie");
    assert_eq!(trigrams, 10);
}

#[tokio::test]
async fn a_server_of_ones_own_is_gone_with_the_test() {
    let fresh = harness::fresh_server().await;
    let directory = fresh.server().directory.clone();
    assert!(directory.join("data/postmaster.pid").is_file());
    drop(fresh);
    assert!(!directory.exists());
}

#[tokio::test]
async fn a_person_can_be_put_into_an_organization_and_signed_in() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Școala Nordică").await;
    let learner = fresh.member(school, "陈 美玲", "learner").await;
    let course = fresh.course(school, "Fire safety").await;
    fresh.staff(school, course, fresh.member(school, "Ada Brandt", "instructor").await, "lead").await;
    fresh.lesson(school, course, "Exits").await;
    fresh.enroll(school, course, learner).await;
    let token = fresh.sign_in_as(learner).await;
    assert_eq!(token.len(), 64);
}
