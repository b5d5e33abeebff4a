//! One command per thing the page can ask for. Each is one domain call in one transaction, so it is written as a line:
//! what it is called, what the page gives, what it gets, and whose function answers. The order of arguments is the page's:
//! operation, organization, ids, version, input.

pub mod approvals;
pub mod audit;
pub mod connections;
pub mod courses;
pub mod dashboards;
pub mod drafts;
pub mod enrollments;
pub mod lessons;
pub mod organizations;
pub mod people;
pub mod sessions;
pub mod sub_courses;

/// Commands that ask, in a transaction that is rolled back. The call gets the connection and the organization first.
macro_rules! asking {
    ($($name:ident($($given:ident: $type:ty),*) -> $answer:ty = $concept:ident::$call:ident($($argument:expr),*);)+) => {$(
        #[tauri::command]
        #[specta::specta]
        pub async fn $name(
            desk: tauri::State<'_, $crate::desktop::Desk>,
            organization_id: $crate::ids::OrganizationId,
            $($given: $type),*
        ) -> $crate::desktop::Reply<$answer> {
            desk.read(stringify!($name), organization_id, ($($given,)*), move |connection, ($($given,)*)| {
                Box::pin(async move { $concept::$call(connection, organization_id, $($argument),*).await })
            })
            .await
        }
    )+};
}

/// Commands that change, in a transaction that is committed under the page's operation id; what follows `then` reads what
/// is shown afterwards, in the same transaction, from what the change gave.
macro_rules! changing {
    ($($name:ident($($given:ident: $type:ty),*) -> $answer:ty = $concept:ident::$call:ident($($argument:expr),*)
        then |$key:pat_param| $shown:ident::$look:ident($($at:expr),*);)+) => {$(
        #[tauri::command]
        #[specta::specta]
        pub async fn $name(
            desk: tauri::State<'_, $crate::desktop::Desk>,
            operation_id: $crate::ids::OperationId,
            organization_id: $crate::ids::OrganizationId,
            $($given: $type),*
        ) -> $crate::desktop::Reply<$answer> {
            desk.change(
                stringify!($name),
                organization_id,
                operation_id,
                ($($given,)*),
                move |connection, ($($given,)*)| {
                    Box::pin(async move { $concept::$call(connection, organization_id, $($argument),*).await })
                },
                move |connection, $key| {
                    Box::pin(async move { $shown::$look(connection, organization_id, $($at),*).await })
                },
            )
            .await
        }
    )+};
}

use asking;
use changing;
