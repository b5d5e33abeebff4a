//! What this computer remembers of its windows between starts: the server they were on, and where somebody wished to stay
//! signed in. Never a secret, and never worth an error: a lost file only asks once more.

use std::{collections::BTreeSet, path::PathBuf};

use serde::{Deserialize, Serialize};

use crate::folders;

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Remembered {
    pub last_used: Option<String>,
    /// Connections whose session token is in the keyring. Others are not asked for: it could prompt for nothing.
    pub staying: BTreeSet<String>,
    /// How the page looked last: what the window opens in before there is a page to ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theme: Option<tauri::Theme>,
}

impl Remembered {
    pub fn read() -> Self {
        let text = file().and_then(|file| std::fs::read_to_string(file).ok());
        text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    /// Changes what is remembered; two windows at once leave a whole file of one of them.
    pub fn change(how: impl FnOnce(&mut Self)) {
        let mut remembered = Self::read();
        how(&mut remembered);
        if let Err(error) = remembered.write() {
            tracing::warn!(%error, "what the window remembers was not kept");
        }
    }

    fn write(&self) -> std::io::Result<()> {
        let Some(file) = file() else { return Ok(()) };
        let folder = file.parent().unwrap_or(&file);
        std::fs::create_dir_all(folder)?;
        let mut whole = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer_pretty(&mut whole, self)?;
        whole.persist(&file)?;
        Ok(())
    }
}

fn file() -> Option<PathBuf> {
    folders::config().ok().map(|folder| folder.join("window.json"))
}
