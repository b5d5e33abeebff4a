//! The first start on a new computer.

use crate::{harness::journey, steps};

#[tokio::test]
async fn on_a_new_computer_lectern_starts_its_own_server_and_makes_the_first_owner() {
    journey("first_start", async |computer| {
        let window = steps::become_first_owner(&computer).await;
        window.read("Harbour School").await;
        window.read("On this computer").await;
        window.close().await;

        let mut server = computer.private_server().await;
        let owners: Vec<(String, String, String)> = sqlx::query_as(
            "select p.name, m.role, o.name from lectern.memberships m
             join lectern.people p on p.id = m.person_id join lectern.organizations o on o.id = m.organization_id",
        )
        .fetch_all(&mut server.owner)
        .await
        .expect("memberships");
        server.leave().await;
        assert_eq!(owners, [(steps::NAME.to_owned(), "owner".to_owned(), "Harbour School".to_owned())]);
    })
    .await;
}
