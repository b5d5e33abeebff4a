//! Takes the pictures of the documents: every page of the real window on sample data, light and dark, in two sizes.
//! `scripts/screenshots [FOLDER]` runs it; it is a program, not a test.
#![allow(clippy::expect_used, reason = "whoever runs it reads what it expected")]

#[allow(dead_code, reason = "some of it is the journeys' only")]
mod harness;

use std::path::{Path, PathBuf};

use harness::{Computer, Window};

const SIZES: [(u32, u32); 2] = [(1280, 820), (900, 600)];
const PASSWORD: &str = "a lantern over the harbour";

#[tokio::main]
async fn main() {
    let folder = std::env::args()
        .nth(1)
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures"), PathBuf::from);
    std::fs::create_dir_all(&folder).expect("a folder for the pictures");
    let computer = Computer::new();
    let window = computer.open_lectern().await;
    let album = Album { folder, window };

    album.take("connect", "/connect").await;
    album.window.press("button", "Open").await;
    album.window.find("heading", "Set up the first owner").await;
    album.take_here("first-owner").await;
    computer.command(&["seed", "--connection", "local", "--yes"]);
    for (label, text) in [("Your name", "Ana Nováková"), ("E-mail", "ana@example.org"), ("New password", PASSWORD)] {
        album.window.fill(label, text).await;
    }
    album.window.press("button", "Create owner and sign in").await;
    album.window.find("heading", "Overview").await;
    let organization = album.here().await.trim_end_matches("/overview").to_owned();

    for page in ["overview", "people", "courses", "enrollments", "activity", "settings"] {
        album.take(page, &format!("{organization}/{page}")).await;
    }
    for (name, list, dialog) in [
        ("add-person", "people", "Add person"),
        ("create-course", "courses", "New course"),
        ("enroll", "enrollments", "Enroll a person"),
    ] {
        album.window.go(&format!("{organization}/{list}")).await;
        album.window.press("button", dialog).await;
        album.take_here(name).await;
        album.window.press("button", "Cancel").await;
    }
    for (name, list) in [("person", "people"), ("course", "courses"), ("enrollment", "enrollments")] {
        album.window.go(&format!("{organization}/{list}")).await;
        let first = album.first_row(list).await;
        album.take(name, &first).await;
    }
    album.window.close().await;
}

struct Album {
    folder: PathBuf,
    window: Window,
}

impl Album {
    async fn take(&self, name: &str, address: &str) {
        self.window.go(address).await;
        self.take_here(name).await;
    }

    /// What is open now, in both appearances and sizes.
    async fn take_here(&self, name: &str) {
        for (width, height) in SIZES {
            self.window.session().set_window_rect(0, 0, width, height).await.expect("a size");
            for appearance in ["light", "dark"] {
                let choose = format!("document.documentElement.dataset.mantineColorScheme = '{appearance}'");
                self.window.session().execute(&choose, vec![]).await.expect("an appearance");
                self.window.settle().await;
                let file = self.folder.join(format!("{name}-{appearance}-{width}.png"));
                std::fs::write(file, self.window.picture().await).expect("a file");
            }
        }
    }

    async fn here(&self) -> String {
        self.window.ask::<String>("return location.hash.slice(1).split('?')[0]").await.expect("an address")
    }

    /// The address of the first row of the list that is open.
    async fn first_row(&self, list: &str) -> String {
        let ask =
            format!("return document.querySelector('a[href*=\"/{list}/\"]')?.getAttribute('href')?.slice(1) ?? null");
        harness::until("a row", || async { self.window.ask::<Option<String>>(&ask).await.flatten() }).await
    }
}
