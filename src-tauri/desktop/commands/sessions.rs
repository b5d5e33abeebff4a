//! The window's commands about who is signed in.

use tauri::State;
use zeroize::Zeroizing;

use crate::{
    desktop::{Desk, Reply, signing_in::NewOwner},
    ids::{OrganizationId, PersonId},
    sessions::{Me, ResetCode},
};

#[tauri::command]
#[specta::specta]
pub async fn create_first_owner(desk: State<'_, Desk>, input: NewOwner) -> Reply<Me> {
    Ok(desk.create_first_owner(input).await?)
}

#[tauri::command]
#[specta::specta]
pub async fn sign_in(desk: State<'_, Desk>, email: String, password: String, stay_signed_in: bool) -> Reply<Me> {
    Ok(desk.sign_in(&email, &Zeroizing::new(password), stay_signed_in).await?)
}

#[tauri::command]
#[specta::specta]
pub async fn sign_out(desk: State<'_, Desk>) -> Reply<()> {
    Ok(desk.sign_out().await?)
}

#[tauri::command]
#[specta::specta]
pub async fn who_am_i(desk: State<'_, Desk>) -> Reply<Option<Me>> {
    Ok(desk.who_am_i().await?)
}

#[tauri::command]
#[specta::specta]
pub async fn redeem_code(desk: State<'_, Desk>, email: String, code: String, new_password: String) -> Reply<Me> {
    Ok(desk.redeem_code(&email, &code, &Zeroizing::new(new_password)).await?)
}

#[tauri::command]
#[specta::specta]
pub async fn change_password(desk: State<'_, Desk>, current_password: String, new_password: String) -> Reply<()> {
    Ok(desk.change_password(&Zeroizing::new(current_password), &Zeroizing::new(new_password)).await?)
}

#[tauri::command]
#[specta::specta]
pub async fn issue_reset_code(
    desk: State<'_, Desk>,
    organization_id: OrganizationId,
    person_id: PersonId,
) -> Reply<ResetCode> {
    Ok(desk.issue_reset_code(organization_id, person_id).await?)
}
