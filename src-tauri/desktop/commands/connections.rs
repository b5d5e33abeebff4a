//! The window's commands about servers.

use serde::Serialize;
use tauri::{AppHandle, State};

use crate::{
    connections::{
        Connection, Sensitive,
        check::{self, CheckStep},
        keyring::{Keyring, KeyringState, Kind},
        saved::Saved,
        secrets::Secrets,
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
    let connection = connection.checked()?;
    // First the keyring: when it refuses, nothing half is left behind.
    if let Some(password) = password {
        let secrets = Secrets::of(&connection, None).await?;
        secrets.persist(&connection.name, Kind::Password, &Sensitive::from(password)).await?;
    }
    Ok(Saved::of_this_account()?.save(connection)?)
}

#[tauri::command]
#[specta::specta]
pub async fn remove_connection(name: String) -> Reply<()> {
    Saved::of_this_account()?.remove(&name)?;
    Ok(Keyring::default().forget(&name).await?)
}

#[tauri::command]
#[specta::specta]
pub async fn check_connection(connection: Connection, password: Option<String>) -> Reply<Vec<CheckStep>> {
    Ok(check::check(&connection, password.map(Sensitive::from).as_ref(), &Keyring::default()).await)
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
