//! How long until the window is on screen, and how much memory it holds, against an empty Tauri window of the same build.
//! Needs a display with `xdotool` (`make bench` starts a virtual one).

use std::{
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::{Figure, median};

const ROUNDS: usize = 7;

pub fn measure() -> Vec<Figure> {
    let lectern = PathBuf::from(env!("CARGO_BIN_EXE_lectern-desktop"));
    let Some(empty) = std::env::var_os("LECTERN_EMPTY_WINDOW").map(PathBuf::from) else {
        eprintln!("LECTERN_EMPTY_WINDOW does not name the empty window; `make bench` builds it.");
        return Vec::new();
    };
    let (mut ours, mut theirs, mut our_kib, mut their_kib) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (took, kib) = start(&empty, "Empty");
        theirs.push(took);
        their_kib.push(Duration::from_millis(kib));
        let (took, kib) = start(&lectern, "Lectern");
        ours.push(took);
        our_kib.push(Duration::from_millis(kib));
    }
    vec![
        Figure {
            task: "window on screen".into(),
            of: "an empty window",
            ratio: median(ours).as_secs_f64() / median(theirs).as_secs_f64(),
            goal: 1.3,
        },
        Figure {
            task: "memory of the window".into(),
            of: "an empty window",
            ratio: median(our_kib).as_secs_f64() / median(their_kib).as_secs_f64(),
            goal: 1.5,
        },
    ]
}

/// Starts `program` on folders of its own; gives the time until a window called `title` is visible and the memory of its
/// processes in KiB, shared pages counted by their share.
fn start(program: &std::path::Path, title: &str) -> (Duration, u64) {
    let folders = tempfile::tempdir().expect("folders");
    let started = Instant::now();
    let mut child = Command::new(program)
        .env("LECTERN_CONFIG_DIR", folders.path().join("config"))
        .env("LECTERN_DATA_DIR", folders.path().join("data"))
        .env("LECTERN_LOG_DIR", folders.path().join("log"))
        .env("XDG_CACHE_HOME", folders.path().join("cache"))
        .env("XDG_DATA_HOME", folders.path().join("share"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let visible = Command::new("xdotool")
        .args(["search", "--sync", "--onlyvisible", "--name", &format!("^{title}")])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("xdotool");
    assert!(visible.success(), "{title} showed no window");
    let took = started.elapsed();
    let kib = memory(child.id());
    end(&mut child);
    (took, kib)
}

fn memory(process: u32) -> u64 {
    let own: u64 = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup"))
        .unwrap_or_default()
        .lines()
        .find_map(|line| line.strip_prefix("Pss:")?.trim().strip_suffix(" kB")?.parse().ok())
        .unwrap_or(0);
    let children = std::fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap_or_default();
    own + children.split_whitespace().filter_map(|id| id.parse().ok()).map(memory).sum::<u64>()
}

fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}
