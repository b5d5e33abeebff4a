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

/// The file of secrets of this account, for people whose computer has no keyring.
#[derive(Clone, Copy, Debug, Serialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct SecretsFileState {
    /// Otherwise the next passphrase begins one.
    pub exists: bool,
    /// Its passphrase was typed since this window started.
    pub is_open: bool,
}

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
pub async fn save_connection(
    desk: State<'_, Desk>,
    connection: Connection,
    password: Option<String>,
    passphrase: Option<String>,
) -> Reply<Connection> {
    let file = desk.file_of_secrets(passphrase.map(Sensitive::from).as_ref()).await?;
    let password = password.map(Sensitive::from);
    let saved = Saved::of_this_account()?;
    Ok(secrets::save(&saved, connection, password.as_ref(), file.as_ref(), &Keyring::default()).await?)
}

#[tauri::command]
#[specta::specta]
pub async fn remove_connection(desk: State<'_, Desk>, name: String, passphrase: Option<String>) -> Reply<()> {
    let file = desk.file_of_secrets(passphrase.map(Sensitive::from).as_ref()).await?;
    Ok(secrets::remove(&Saved::of_this_account()?, &name, file.as_ref(), &Keyring::default()).await?)
}

#[tauri::command]
#[specta::specta]
pub async fn check_connection(
    desk: State<'_, Desk>,
    connection: Connection,
    password: Option<String>,
) -> Reply<Vec<CheckStep>> {
    let (keyring, file) = (Keyring::default(), desk.file_of_secrets(None).await?);
    let password = password.map(Sensitive::from);
    let password = secrets::for_check(&connection, password.as_ref(), file.as_ref(), &keyring).await;
    Ok(check::check(&connection, password.as_ref(), &keyring).await)
}

#[tauri::command]
#[specta::specta]
pub async fn connect(
    app: AppHandle,
    desk: State<'_, Desk>,
    name: String,
    password: Option<String>,
    passphrase: Option<String>,
) -> Reply<Connected> {
    let (password, passphrase) = (password.map(Sensitive::from), passphrase.map(Sensitive::from));
    Ok(desk.join(&app, &name, password.as_ref(), passphrase.as_ref()).await?)
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

#[tauri::command]
#[specta::specta]
pub async fn secrets_file_state(desk: State<'_, Desk>) -> Reply<SecretsFileState> {
    Ok(SecretsFileState {
        exists: secrets::usual_file()?.exists(),
        is_open: desk.file_of_secrets(None).await?.is_some(),
    })
}
