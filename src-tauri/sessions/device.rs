//! How the server recognises a desk it has seen before, so that strangers' failed guesses do not lock its people out.

use std::{fs, io, path::Path};

use zeroize::Zeroizing;

use crate::{
    error::{Code, Error, Result},
    ids,
};

/// 32 random bytes of this installation. No password and no session, yet nobody else's business.
#[derive(Clone)]
pub struct Device(Zeroizing<[u8; 32]>);

impl Device {
    /// The one kept in `directory`, made at the first call. A file that cannot be read as one is replaced: the desk then
    /// counts as a new one.
    ///
    /// # Errors
    /// `internal` when the directory cannot be written.
    pub fn of(directory: &Path) -> Result<Self> {
        let path = directory.join("device");
        if let Some(kept) = fs::read_to_string(&path).ok().and_then(|hex| hex::decode(hex.trim()).ok())
            && let Ok(bytes) = <[u8; 32]>::try_from(kept)
        {
            return Ok(Self(Zeroizing::new(bytes)));
        }
        let device = Self::new()?;
        let unwritable = |cause: io::Error| {
            Error::new(Code::Internal, format!("Lectern cannot write to {}.", directory.display()))
                .next_step("Make room there or make it writable.")
                .caused_by(cause)
        };
        fs::create_dir_all(directory).map_err(unwritable)?;
        // Two windows may start at once: each writes its own file, the last rename wins, both are whole.
        let mut file = tempfile::NamedTempFile::new_in(directory).map_err(unwritable)?;
        io::Write::write_all(&mut file, hex::encode(*device.0).as_bytes()).map_err(unwritable)?;
        file.persist(&path).map_err(|refused| unwritable(refused.error))?;
        Ok(device)
    }

    /// One that is kept nowhere.
    ///
    /// # Errors
    /// `internal` without randomness.
    pub fn new() -> Result<Self> {
        Ok(Self(ids::random()?))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0[..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_desk_stays_the_same_one_until_its_file_is_lost() {
        let place = tempfile::tempdir().unwrap();
        let first = Device::of(place.path()).unwrap();
        assert_eq!(first.bytes(), Device::of(place.path()).unwrap().bytes());
        fs::write(place.path().join("device"), "torn").unwrap();
        assert_ne!(first.bytes(), Device::of(place.path()).unwrap().bytes());
    }

    #[cfg(unix)]
    #[test]
    fn only_this_account_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().unwrap();
        Device::of(place.path()).unwrap();
        assert_eq!(fs::metadata(place.path().join("device")).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
