//! The window's commands about servers.

use serde::Serialize;
use tauri::{AppHandle, State};

use crate::{
    connections::{
        Connection, Sensitive,
        check::{self, CheckStep},
        keyring::{Keyring, KeyringState},
        saved::Saved,
        secrets,
    },
    desktop::{Connected, Desk, Reply, remembered::Remembered},
    sessions::Me,
};

/// Where a window stands.
#[derive(Clone, Debug, Serialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionState {
    pub connected: Option<Connected>,
    pub me: Option<Me>,
    pub last_used: Option<String>,
    pub app_version: String,
}

#[tauri::command]
#[specta::specta]
pub async fn list_connections() -> Reply<Vec<Connection>> {
    Ok(Saved::of_this_account()?.list()?)
}

#[tauri::command]
#[specta::specta]
pub async fn save_connection(connection: Connection, password: Option<String>) -> Reply<Connection> {
    let password = password.map(Sensitive::from);
    let saved = Saved::of_this_account()?;
    Ok(secrets::save(&saved, connection, password.as_ref(), None, &Keyring::default()).await?)
}

#[tauri::command]
#[specta::specta]
pub async fn remove_connection(name: String) -> Reply<()> {
    Ok(secrets::remove(&Saved::of_this_account()?, &name, &Keyring::default()).await?)
}

#[tauri::command]
#[specta::specta]
pub async fn check_connection(connection: Connection, password: Option<String>) -> Reply<Vec<CheckStep>> {
    let keyring = Keyring::default();
    let password = secrets::for_check(&connection, password.map(Sensitive::from).as_ref(), &keyring).await;
    Ok(check::check(&connection, password.as_ref(), &keyring).await)
}

#[tauri::command]
#[specta::specta]
pub async fn connect(
    app: AppHandle,
    desk: State<'_, Desk>,
    name: String,
    password: Option<String>,
) -> Reply<Connected> {
    Ok(desk.join(&app, &name, password.map(Sensitive::from).as_ref()).await?)
}

#[tauri::command]
#[specta::specta]
pub async fn connection_state(desk: State<'_, Desk>) -> Reply<ConnectionState> {
    Ok(ConnectionState {
        connected: desk.connected(),
        me: desk.who_am_i().await?,
        last_used: Remembered::read().last_used,
        app_version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

#[tauri::command]
#[specta::specta]
pub async fn disconnect(desk: State<'_, Desk>) -> Reply<()> {
    desk.leave().await;
    Ok(())
}

#[tauri::command]
#[specta::specta]
pub async fn keyring_state() -> Reply<KeyringState> {
    Ok(Keyring::default().state().await)
}
