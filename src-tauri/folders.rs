//! Where this computer keeps what belongs to Lectern. `LECTERN_DATA_DIR`, `LECTERN_CONFIG_DIR` and `LECTERN_LOG_DIR` move
//! each of them: for tests, for portable installations, for people whose home is on a slow share.

use std::path::PathBuf;

use directories::{ProjectDirs, UserDirs};

use crate::error::{Code, Error, Result};

/// The private local server's files.
///
/// # Errors
/// `localServer` when the account has no home directory.
pub fn data() -> Result<PathBuf> {
    chosen("LECTERN_DATA_DIR", |project| project.data_local_dir().to_owned())
}

/// Saved connections and preferences; never a secret.
///
/// # Errors
/// `localServer` when the account has no home directory.
pub fn config() -> Result<PathBuf> {
    chosen("LECTERN_CONFIG_DIR", |project| project.config_dir().to_owned())
}

/// Rotating logs.
///
/// # Errors
/// `localServer` when the account has no home directory.
pub fn logs() -> Result<PathBuf> {
    chosen("LECTERN_LOG_DIR", |project| project.state_dir().unwrap_or_else(|| project.data_local_dir()).join("logs"))
}

/// Where what a person asked to have as a file is put: their documents, else their home.
///
/// # Errors
/// `localServer` when the account has no home directory.
pub fn documents() -> Result<PathBuf> {
    if let Some(chosen) = std::env::var_os("LECTERN_DOCUMENTS_DIR").filter(|chosen| !chosen.is_empty()) {
        return Ok(std::path::absolute(&chosen).unwrap_or_else(|_| chosen.into()));
    }
    UserDirs::new().map(|user| user.document_dir().unwrap_or_else(|| user.home_dir()).to_owned()).ok_or_else(|| {
        Error::new(Code::LocalServer, "This account has no home directory, so Lectern has nowhere to put the file.")
            .next_step("Set LECTERN_DOCUMENTS_DIR to a directory that can be written.")
    })
}

fn chosen(variable: &str, usual: impl FnOnce(&ProjectDirs) -> PathBuf) -> Result<PathBuf> {
    if let Some(chosen) = std::env::var_os(variable).filter(|chosen| !chosen.is_empty()) {
        return Ok(std::path::absolute(&chosen).unwrap_or_else(|_| chosen.into()));
    }
    ProjectDirs::from("org", "Lectern", "lectern").map(|project| usual(&project)).ok_or_else(|| {
        Error::new(Code::LocalServer, "This account has no home directory, so Lectern has nowhere to keep its files.")
            .next_step(format!("Set {variable} to a directory that can be written."))
    })
}
