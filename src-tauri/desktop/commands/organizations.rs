//! The window's commands about organizations.

use uuid::Uuid;

use super::{asking, changing};
use crate::{
    desktop::{Desk, Reply},
    ids::OperationId,
    organizations::{self, NewOrganization, Organization, OrganizationChange},
};

asking! {
    read_organization() -> Organization = organizations::read();
}

changing! {
    change_organization(version: Uuid, change: OrganizationChange) -> Organization
        = organizations::change(version, &change) then |()| organizations::read();
    archive_organization() -> Organization = organizations::archive() then |()| organizations::read();
    restore_organization() -> Organization = organizations::restore() then |()| organizations::read();
}

/// Stands above organizations, so the database keeps no operation for it: the id the page makes is what a retry finds.
#[tauri::command]
#[specta::specta]
pub async fn create_organization(
    desk: tauri::State<'_, Desk>,
    operation_id: OperationId,
    input: NewOrganization,
) -> Reply<Organization> {
    desk.change(
        "create_organization",
        None,
        operation_id,
        input,
        |connection, input| Box::pin(async move { organizations::create(connection, &input).await }),
        |connection, organization| Box::pin(organizations::read(connection, organization)),
    )
    .await
}
