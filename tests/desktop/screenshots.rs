//! Takes a picture of every page of the real window on sample data, light and dark, in two sizes, into `target/pictures`;
//! those of the documents go to `docs/pictures` too. `scripts/screenshots` runs it; it is a program, not a test.
#![allow(clippy::expect_used, reason = "whoever runs it reads what it expected")]

#[allow(dead_code, reason = "some of it is the journeys' only")]
mod harness;
#[allow(dead_code, reason = "some of it is the journeys' only")]
mod steps;

use std::{fs, path::PathBuf};

use harness::{Computer, Window, until};

const SIZES: [(u32, u32); 2] = [(1280, 820), (900, 600)];
const APPEARANCES: [&str; 2] = ["light", "dark"];
/// The pictures of the documents.
const SHOWN: [&str; 3] = ["overview-light-900", "person-dark-1280", "course-light-1280"];

#[tokio::main]
async fn main() {
    let computer = Computer::new();
    let window = computer.open_lectern().await;
    let album = Album::new(window);
    album.before_signing_in(&computer).await;
    album.lists_and_forms().await;
    album.details().await;
    album.leaving().await;
    album.window.close().await;
    computer.shut_down().await;
}

struct Album {
    window: Window,
    all: PathBuf,
    shown: PathBuf,
}

impl Album {
    fn new(window: Window) -> Self {
        let project = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let (all, shown) = (project.join("target/pictures"), project.join("docs/pictures"));
        for folder in [&all, &shown] {
            fs::create_dir_all(folder).expect("a folder for the pictures");
        }
        Self { window, all, shown }
    }

    async fn before_signing_in(&self, computer: &Computer) {
        let window = &self.window;
        window.find("heading", "Where is your organization's data?").await;
        self.take("connect").await;
        window.press("button", "Add a server").await;
        self.take("add-server").await;
        window.press("button", "Cancel").await;
        window.press("button", "Open").await;
        window.find("heading", "Set up the first owner").await;
        self.take("first-owner").await;
        // The people of the pictures; the owner joins them afterwards and sees every organization.
        computer.command(&["seed", "--connection", "local", "--yes"]);
        window.fill("Your name", steps::NAME).await;
        window.fill("E-mail", steps::EMAIL).await;
        window.fill("New password", steps::PASSWORD).await;
        window.press("button", "Create owner and sign in").await;
        window.find("heading", "Overview").await;
    }

    async fn lists_and_forms(&self) {
        let window = &self.window;
        for (link, picture) in [
            ("Overview", "overview"),
            ("People", "people"),
            ("Courses", "courses"),
            ("Enrollments", "enrollments"),
            ("Activity", "activity"),
            ("Settings", "settings"),
        ] {
            window.press("link", link).await;
            window.find("heading", link).await;
            self.take(picture).await;
        }
        for (link, button, picture) in [
            ("People", "Add person", "add-person"),
            ("Courses", "New course", "create-course"),
            ("Enrollments", "Enroll a person", "enroll"),
        ] {
            window.press("link", link).await;
            window.press("button", button).await;
            window.find("dialog", "…").await;
            self.take(picture).await;
            // The first may close a list of choices only.
            until("the form to close", || async {
                window.keys(thirtyfour::Key::Escape).await;
                window.look_for("dialog", "…").await.is_none().then_some(())
            })
            .await;
        }
        window.press("button", "Search or do…").await;
        window.focused("Search people and courses, or run a command").await;
        window.keys("port").await;
        self.take("palette").await;
        window.keys(thirtyfour::Key::Escape).await;
    }

    async fn details(&self) {
        let window = &self.window;
        for (link, row, picture) in [
            ("People", "İpek", "person"),
            ("Enrollments", "Thiago", "enrollment"),
            ("Courses", "Portuguese for newcomers", "course"),
        ] {
            window.press("link", link).await;
            self.open_row(row).await;
            self.take(picture).await;
        }
        for (tab, picture) in [
            ("Staff", "course-staff"),
            ("People enrolled", "course-enrolled"),
            ("Details", "course-details"),
            ("History", "course-history"),
        ] {
            window.press("tab", tab).await;
            self.take(picture).await;
        }
        window.press("tab", "Content").await;
        self.open_lesson().await;
        self.take("lesson").await;
    }

    async fn leaving(&self) {
        let window = &self.window;
        window.press("link", "Overview").await;
        window.press("button", "Your account…").await;
        self.take("account").await;
        window.press("menuitem", "Sign out").await;
        window.find("heading", "Sign in").await;
        self.take("sign-in").await;
    }

    /// What is open now, in both sizes and appearances.
    async fn take(&self, name: &str) {
        for (width, height) in SIZES {
            self.window.session().set_window_rect(0, 0, width, height).await.expect("a size");
            for appearance in APPEARANCES {
                let choose = format!("document.documentElement.dataset.mantineColorScheme = '{appearance}'");
                self.window.session().execute(&choose, vec![]).await.expect("an appearance");
                self.window.settle().await;
                let picture = self.window.picture().await;
                let name = format!("{name}-{appearance}-{width}");
                fs::write(self.all.join(format!("{name}.png")), &picture).expect("a file");
                if SHOWN.contains(&name.as_str()) {
                    fs::write(self.shown.join(format!("{name}.png")), &picture).expect("a file");
                }
            }
        }
        self.window.session().set_window_rect(0, 0, SIZES[0].0, SIZES[0].1).await.expect("a size");
    }

    /// Opens the first row of the list in which `text` stands.
    async fn open_row(&self, text: &str) {
        let row = format!("//*[@role='row'][@data-opens][contains(., '{text}')]");
        until("a row", || async {
            let row = self.window.session().find(thirtyfour::By::XPath(row.as_str())).await.ok()?;
            row.click().await.ok()
        })
        .await;
    }

    /// Opens the first lesson of the tree.
    async fn open_lesson(&self) {
        until("a lesson", || async {
            let lesson = self.window.session().find(thirtyfour::By::Css("a[href*='/lessons/']")).await.ok()?;
            lesson.click().await.ok()
        })
        .await;
    }
}
