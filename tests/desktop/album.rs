//! Takes the pictures: each state of the window in both sizes and appearances, once it is at rest.

use std::{fs, path::PathBuf};

use serde_json::json;
use thirtyfour::{By, Key};

use crate::harness::{Window, until};

pub const SIZES: [(u32, u32); 2] = [(1280, 820), (900, 600)];
const APPEARANCES: [&str; 2] = ["light", "dark"];
/// The pictures of the documents.
const SHOWN: [&str; 3] = ["overview-light-1280", "person-dark-1280", "course-light-1280"];

/// Chooses an appearance as another window of Lectern would, by the preference both share.
const CHOOSE: &str = r#"
const [key, newValue] = ["mantine-color-scheme-value", arguments[0]];
localStorage.setItem(key, newValue);
dispatchEvent(new StorageEvent("storage", { key, newValue, storageArea: localStorage }));
"#;

pub struct Album {
    pub window: Window,
    /// Off on the way to the pictures that are wanted.
    pub takes: bool,
    all: PathBuf,
    shown: PathBuf,
}

impl Album {
    pub fn new(window: Window) -> Self {
        let project = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let (all, shown) = (project.join("target/pictures"), project.join("docs/pictures"));
        for folder in [&all, &shown] {
            fs::create_dir_all(folder).expect("a folder for the pictures");
        }
        Self { window, takes: true, all, shown }
    }

    /// What is open now, in both sizes and appearances.
    pub async fn take(&self, name: &str) {
        if !self.takes {
            return;
        }
        for (width, height) in SIZES.into_iter().rev() {
            self.resize(width, height).await;
            for appearance in APPEARANCES.into_iter().rev() {
                self.appear(appearance).await;
                self.keep(&format!("{name}-{appearance}-{width}")).await;
            }
        }
    }

    /// What is open now, light and in the larger size only.
    pub async fn take_once(&self, name: &str) {
        self.keep(&format!("{name}-light-1280")).await;
    }

    async fn keep(&self, name: &str) {
        if !self.takes {
            return;
        }
        let session = self.window.session();
        // The pointer rests where it marks nothing; a caret blinks as it likes.
        session.action_chain().move_to(4, 4).move_to(2, 2).perform().await.expect("a pointer");
        session.execute("document.documentElement.style.caretColor = 'transparent'", vec![]).await.expect("a style");
        self.window.settle().await;
        let picture = self.window.picture().await;
        fs::write(self.all.join(format!("{name}.png")), &picture).expect("a file");
        if SHOWN.contains(&name) {
            fs::write(self.shown.join(format!("{name}.png")), &picture).expect("a file");
        }
    }

    async fn resize(&self, width: u32, height: u32) {
        self.window.session().set_window_rect(0, 0, width, height).await.expect("a size");
        until("the size", || async {
            let scaled = "return Math.round(outerWidth)";
            self.window.ask::<u32>(scaled).await.filter(|now| *now == width)
        })
        .await;
    }

    async fn appear(&self, appearance: &str) {
        self.window.session().execute(CHOOSE, vec![json!(appearance)]).await.expect("an appearance");
        until("the appearance", || async {
            let now: String = self.window.ask("return document.documentElement.dataset.mantineColorScheme").await?;
            (now == appearance).then_some(())
        })
        .await;
    }

    /// Opens the first row of the list in which `text` stands.
    pub async fn open_row(&self, text: &str) {
        self.click(&format!("//*[@role='row'][@data-opens][contains(., '{text}')]")).await;
    }

    /// Opens the first lesson of the tree.
    pub async fn open_lesson(&self, title: &str) {
        self.click(&format!("//*[@role='treeitem'][contains(., '{title}')]")).await;
    }

    async fn click(&self, path: &str) {
        // Not by the mouse: the driver does not aim well at larger text.
        until(path, || async {
            let row = self.window.session().find(By::XPath(path)).await.ok()?.to_json().ok()?;
            self.window.session().execute("arguments[0].click()", vec![row]).await.ok()
        })
        .await;
    }

    /// Closes what is open above the page, and drops what was written in it.
    pub async fn dismiss(&self) {
        const ABOVE: &str = r#"
            const all = [...document.querySelectorAll("[aria-modal=true]")];
            return all.length === 0 ? "nothing" : document.activeElement.closest("[aria-modal=true]") ? "focused" : "closing";
        "#;
        self.window.settle().await;
        until("the page alone", || async {
            let above: String = self.window.ask(ABOVE).await?;
            if above == "focused" {
                match self.window.look_for("button", "Discard").await {
                    Some(discard) => discard.click().await.ok()?,
                    None => self.window.keys(Key::Escape).await,
                }
                self.window.settle().await;
            }
            (above == "nothing").then_some(())
        })
        .await;
    }
}
