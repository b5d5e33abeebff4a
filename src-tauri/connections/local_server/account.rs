//! PostgreSQL refuses to run as root, so where Lectern is root the server runs as an account without rights.

use std::{fs, os::unix::fs::MetadataExt, path::Path, process::Command};

use crate::error::{Code, Error, Result};

/// Tried in this order; the first that exists is taken.
const NAMES: [&str; 3] = ["lectern", "postgres", "nobody"];

/// Who the server runs as when that is not who Lectern runs as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
}

impl Account {
    /// None when Lectern is not root: the server then runs as whoever started it.
    ///
    /// # Errors
    /// `localServer` when Lectern is root and there is no other account on this machine.
    pub fn for_server() -> Result<Option<Self>> {
        if !is_root() {
            return Ok(None);
        }
        let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
        NAMES.iter().find_map(|name| Self::parse(&accounts, name)).map(Some).ok_or_else(|| {
            Error::new(
                Code::LocalServer,
                "PostgreSQL does not run as root, and this machine has no other account for it.",
            )
            .next_step("Start Lectern as an ordinary person, or create an account with `useradd --system lectern`.")
        })
    }

    /// As [`Self::for_server`], but data that exists keeps the account it belongs to, whichever others a package brought to
    /// this machine since.
    ///
    /// # Errors
    /// As [`Self::for_server`].
    pub fn for_data(data: &Path) -> Result<Option<Self>> {
        match fs::metadata(data) {
            Ok(meta) if is_root() && meta.uid() != 0 => {
                let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
                let name = Self::name(&accounts, meta.uid()).unwrap_or("of the data").to_owned();
                Ok(Some(Self { name, uid: meta.uid(), gid: meta.gid() }))
            }
            _ => Self::for_server(),
        }
    }

    fn name(accounts: &str, uid: u32) -> Option<&str> {
        accounts.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            (fields.nth(1)?.parse() == Ok(uid)).then_some(name)
        })
    }

    // passwd(5): name:password:uid:gid:…
    fn parse(accounts: &str, wanted: &str) -> Option<Self> {
        accounts.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next().filter(|name| *name == wanted)?;
            let (uid, gid) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
            (uid != 0).then(|| Self { name: name.to_owned(), uid, gid })
        })
    }

    /// Whether this account could open `path`: every directory above it must let it through.
    #[must_use]
    pub fn may_read(&self, path: &Path) -> bool {
        fs::metadata(path).is_ok_and(|meta| self.has(&meta, if meta.is_dir() { 0o5 } else { 0o4 }))
            && path.canonicalize().ok().and_then(|path| Some(self.may_enter(path.parent()?))).unwrap_or(false)
    }

    /// Whether this account could pass through the directory `path`, not necessarily list it.
    #[must_use]
    pub fn may_enter(&self, path: &Path) -> bool {
        let Ok(path) = path.canonicalize() else { return false };
        path.ancestors().all(|part| fs::metadata(part).is_ok_and(|meta| self.has(&meta, 0o1)))
    }

    fn has(&self, meta: &fs::Metadata, needed: u32) -> bool {
        let shift = if meta.uid() == self.uid {
            6
        } else if meta.gid() == self.gid {
            3
        } else {
            0
        };
        (meta.mode() >> shift) & needed == needed
    }
}

#[must_use]
pub fn is_root() -> bool {
    // SAFETY: geteuid reads one number of this process and cannot fail (POSIX).
    unsafe { libc::geteuid() == 0 }
}

/// Makes `command` run as `account`, in a process group of its own so that a terminal's Ctrl+C does not reach it.
pub fn run_as<'c>(command: &'c mut Command, account: Option<&Account>) -> &'c mut Command {
    use std::os::unix::process::CommandExt;
    if let Some(account) = account {
        command.uid(account.uid).gid(account.gid);
    }
    command.process_group(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_whole_name_and_root_is_never_taken() {
        let accounts = "root:x:0:0::/root:/bin/sh\npostgres2:x:7:7::/:/bin/sh\npostgres:x:101:104:,,,:/var:/bin/bash\nnobody:x:0:0";
        assert_eq!(Account::parse(accounts, "postgres"), Some(Account { name: "postgres".into(), uid: 101, gid: 104 }));
        assert_eq!(Account::parse(accounts, "nobody"), None);
        assert_eq!(Account::parse(accounts, "lectern"), None);
        assert_eq!(Account::name(accounts, 101), Some("postgres"));
        assert_eq!(Account::name(accounts, 104), None);
    }
}
