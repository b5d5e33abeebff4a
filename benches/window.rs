//! How long until the window shows something, and how much memory it holds at rest, against an empty Tauri window of the
//! same build.
//!
//! Both are looked at from outside and in the same way, on the virtual display of `scripts/with-desktop`, whose picture is a
//! file. *On screen* means that the first words or lines are there to see: a mapped window, however coloured, is not enough.
//! *Memory* is the proportional share (`Pss`) of the program and of every process it started, once the picture has stood
//! still for a second; for Lectern that is the first page with its buttons, not what is drawn before it. WebKit starts a
//! process for the page and one for the network; they are known by a variable they inherit, so none is forgotten for having
//! another parent, and none is left for the next round.

use std::{
    collections::HashMap,
    fs::File,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::{Figure, median};

const ROUNDS: usize = 9;
const PATIENCE: Duration = Duration::from_secs(30);
const AT_REST: Duration = Duration::from_secs(1);

#[derive(Default)]
struct Measured {
    on_screen: Vec<Duration>,
    at_rest: Vec<Duration>,
    /// As microseconds, so that the median is the one of the times.
    kib: Vec<Duration>,
}

/// # Errors
/// A sentence when a window cannot be measured.
pub fn measure() -> Result<Vec<Figure>, String> {
    let lectern = PathBuf::from(env!("CARGO_BIN_EXE_lectern-desktop"));
    let empty = std::env::var_os("LECTERN_EMPTY_WINDOW")
        .map(PathBuf::from)
        .ok_or("LECTERN_EMPTY_WINDOW does not name the empty window; `make bench` builds it.")?;
    let screen = Screen::open()?;
    // The first start of each reads its files from the disk.
    for program in [&empty, &lectern] {
        start(program, &screen, &mut Measured::default())?;
    }
    let (mut theirs, mut ours) = (Measured::default(), Measured::default());
    for _ in 0..ROUNDS {
        start(&empty, &screen, &mut theirs)?;
        start(&lectern, &screen, &mut ours)?;
    }
    eprintln!(
        "The first page stands after {} ms, the empty window's after {} ms.",
        median(ours.at_rest).as_millis(),
        median(theirs.at_rest).as_millis()
    );
    let figure = |task: &str, ours: Vec<Duration>, theirs: Vec<Duration>, goal| {
        let (ours, theirs) = (median(ours), median(theirs));
        Figure { task: task.into(), of: "an empty window", ratio: ours.as_secs_f64() / theirs.as_secs_f64(), goal }
    };
    Ok(vec![
        figure("window on screen", ours.on_screen, theirs.on_screen, 1.3),
        figure("memory of the window", ours.kib, theirs.kib, 1.5),
    ])
}

/// One start of `program` on folders of its own, ended with everything it started.
fn start(program: &Path, screen: &Screen, measured: &mut Measured) -> Result<(), String> {
    let told = |error: std::io::Error| format!("{} cannot be measured: {error}.", program.display());
    let folders = tempfile::tempdir().map_err(told)?;
    let round = Round(format!("LECTERN_BENCH_ROUND={}", folders.path().display()));
    wait(|| screen.drawn().map(|drawn| (drawn == Drawn::Nothing).then_some(())), "The display is not empty")?;
    let started = Instant::now();
    let mut child = Command::new(program)
        .env("LECTERN_BENCH_ROUND", folders.path())
        .env("LECTERN_CONFIG_DIR", folders.path().join("config"))
        .env("LECTERN_DATA_DIR", folders.path().join("data"))
        .env("LECTERN_LOG_DIR", folders.path().join("log"))
        .env("XDG_CACHE_HOME", folders.path().join("cache"))
        .env("XDG_DATA_HOME", folders.path().join("share"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(told)?;
    let looked = watch(screen, started);
    let kib = round.processes().into_iter().map(memory).sum::<u64>();
    let ended = round.end();
    child.wait().map_err(told)?;
    ended?;
    let (on_screen, at_rest) = looked.map_err(|error| format!("{}: {error}", program.display()))?;
    measured.on_screen.push(on_screen);
    measured.at_rest.push(at_rest);
    measured.kib.push(Duration::from_micros(kib));
    Ok(())
}

/// When the window first showed something, and when it last changed before it stood still.
fn watch(screen: &Screen, started: Instant) -> Result<(Duration, Duration), String> {
    let mut first = None;
    let mut latest = (Drawn::Nothing, started.elapsed());
    wait(
        || {
            let (drawn, now) = (screen.drawn()?, started.elapsed());
            if drawn != latest.0 {
                latest = (drawn, now);
            } else if drawn.is_something() {
                // Seen twice: not a picture caught half copied.
                first = first.or(Some(latest.1));
                return Ok((now - latest.1 > AT_REST).then_some(()));
            }
            Ok(None)
        },
        "No window with something in it appeared and came to rest",
    )?;
    Ok((first.unwrap_or(latest.1), latest.1))
}

fn wait<T>(mut look: impl FnMut() -> Result<Option<T>, String>, otherwise: &str) -> Result<T, String> {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if let Some(seen) = look()? {
            return Ok(seen);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Err(format!("{otherwise} within {} seconds.", PATIENCE.as_secs()))
}

/// The picture of the virtual display: a file in the format of `xwd`, four bytes a pixel.
struct Screen {
    picture: File,
    start: u64,
    strip: usize,
}

/// What is to see in the upper part of the display, where both windows write their first words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Drawn {
    Nothing,
    /// How many pixels differ from the commonest colour, and that colour.
    Window(usize, u32),
    /// A picture with no ground to it is still being copied.
    Unclear,
}

impl Drawn {
    /// A few letters are enough.
    const fn is_something(self) -> bool {
        matches!(self, Self::Window(marks, _) if marks >= 20)
    }
}

impl Screen {
    const ROWS: usize = 200;

    fn open() -> Result<Self, String> {
        let told = |error: std::io::Error| format!("The picture of the display cannot be read: {error}.");
        let path = std::env::var_os("LECTERN_SCREEN")
            .ok_or("LECTERN_SCREEN does not name the picture of the display; `scripts/with-desktop` does.")?;
        let picture = File::open(path).map_err(told)?;
        let mut header = [0; 100];
        picture.read_exact_at(&mut header, 0).map_err(told)?;
        let field =
            |place: usize| header[place * 4..][..4].iter().fold(0_u32, |value, byte| value << 8 | u32::from(*byte));
        let (size, bits, row, colours) = (field(0), field(11), field(12), field(19));
        if bits != 32 {
            return Err(format!("The display has {bits} bits a pixel, and 32 are read here."));
        }
        Ok(Self { picture, start: u64::from(size + colours * 12), strip: row as usize * Self::ROWS })
    }

    fn drawn(&self) -> Result<Drawn, String> {
        let mut strip = vec![0; self.strip];
        self.picture
            .read_exact_at(&mut strip, self.start)
            .map_err(|error| format!("The picture of the display cannot be read: {error}."))?;
        // Black is the display without a window.
        let pixels: Vec<u32> = strip
            .chunks_exact(4)
            .map(|pixel| u32::from_le_bytes([pixel[0], pixel[1], pixel[2], 0]))
            .filter(|pixel| *pixel != 0)
            .collect();
        let mut seen = HashMap::new();
        pixels.iter().step_by(37).for_each(|pixel| *seen.entry(*pixel).or_insert(0) += 1);
        let Some((&ground, _)) = seen.iter().max_by_key(|(_, often)| **often) else { return Ok(Drawn::Nothing) };
        let marks = pixels.iter().filter(|pixel| **pixel != ground).count();
        Ok(if marks * 2 < pixels.len() { Drawn::Window(marks, ground) } else { Drawn::Unclear })
    }
}

/// Everything one start has started, known by the variable it was given.
struct Round(String);

impl Round {
    fn processes(&self) -> Vec<i32> {
        let Ok(all) = std::fs::read_dir("/proc") else { return Vec::new() };
        all.flatten()
            .filter(|entry| {
                let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
                environment.split(|byte| *byte == 0).any(|variable| variable == self.0.as_bytes())
            })
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect()
    }

    fn end(&self) -> Result<(), String> {
        wait(
            || {
                let left = self.processes();
                for process in &left {
                    // SAFETY: a signal to a process of this round; no memory is involved.
                    unsafe { libc::kill(*process, libc::SIGKILL) };
                }
                Ok(left.is_empty().then_some(()))
            },
            "Processes of a window did not end",
        )
    }
}

fn memory(process: i32) -> u64 {
    std::fs::read_to_string(format!("/proc/{process}/smaps_rollup"))
        .unwrap_or_default()
        .lines()
        .find_map(|line| line.strip_prefix("Pss:")?.trim().strip_suffix(" kB")?.parse().ok())
        .unwrap_or(0)
}
