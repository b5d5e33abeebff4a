//! Looking at the window and using it: by role and name, with mouse or keyboard.

use std::{path::PathBuf, sync::Mutex};

use serde_json::json;
use thirtyfour::{Key, WebDriver, WebElement, error::WebDriverErrorInner};

use super::{Computer, driver::Driver, soon, until};

/// Finds the first visible thing that is a `role` and is called `name`; a trailing `…` in `name` stands for anything.
/// While a dialog is open only it is looked at, and what it opens itself.
const FIND: &str = r#"
const [role, name] = arguments;
const kinds = {
  button: "button,[role=button],input[type=submit]",
  checkbox: "input[type=checkbox],[role=checkbox]",
  field: "input:not([type=hidden]),textarea,select,[role=textbox],[role=combobox],[role=searchbox]",
  heading: "h1,h2,h3,h4,[role=heading]",
  link: "a[href],[role=link]",
  row: "tr,[role=row]",
  dialog: "dialog,[role=dialog],[role=alertdialog]",
};
const tidy = (text) => (text ?? "").replace(/\s+/g, " ").replace(/\s?\*$/, "").trim();
const said = (it) => {
  if (!it) return "";
  const copy = it.cloneNode(true);
  copy.querySelectorAll("[aria-hidden=true]").forEach((unsaid) => unsaid.remove());
  return copy.textContent;
};
const nameOf = (it) => tidy(
  it.getAttribute("aria-label")
  || it.getAttribute("aria-labelledby")?.split(" ").map((id) => said(document.getElementById(id))).join(" ")
  || said(it.labels?.[0]) || said(it) || it.getAttribute("title") || it.getAttribute("placeholder"));
const isVisible = (it) => it.checkVisibility({ visibilityProperty: true, opacityProperty: true })
  && it.getClientRects().length > 0 && !it.closest("[inert],[aria-hidden=true]");
const matches = (called) => name.endsWith("…") ? called.startsWith(name.slice(0, -1)) : called === name;
const dialog = [...document.querySelectorAll("[aria-modal=true]")].filter(isVisible).pop();
const place = role === "option" || role === "dialog" ? document : dialog ?? document;
return [...place.querySelectorAll(kinds[role] ?? `[role="${role}"]`)].find((it) => isVisible(it) && matches(nameOf(it))) ?? null;
"#;

/// Whether the page rests. What is asked of the server is known to the page's client of queries, found where React keeps it.
const AT_REST: &str = r#"
const root = document.getElementById("root");
const clientUnder = (it) => it && (it.memoizedProps?.client?.isFetching ? it.memoizedProps.client : clientUnder(it.child));
const container = root[Object.keys(root).find((key) => key.startsWith("__reactContainer$"))];
const client = clientUnder(container?.stateNode.current);
const loads = ".mantine-Skeleton-root,.mantine-Loader-root,[aria-busy=true],[data-loading=true]";
const waits = !client || client.isFetching() > 0 || client.isMutating() > 0
  || [...document.querySelectorAll(loads)].some((it) => it.checkVisibility());
const moves = document.getAnimations().some((it) => it.playState === "running" && it.effect?.getTiming().iterations !== Infinity);
if (waits || moves || document.fonts.status !== "loaded") {
  delete window.rest;
  return false;
}
if (!window.rest) {
  const rest = (window.rest = { seen: false });
  requestAnimationFrame(() => requestAnimationFrame(() => (rest.seen = true)));
  return false;
}
const rests = window.rest.seen;
if (rests) delete window.rest;
return rests;
"#;

/// Drives the windows of this journey, which may be over: a picture is taken of one that panicked.
static OPEN: Mutex<Vec<Driver>> = Mutex::new(Vec::new());

/// Lectern's window, as somebody sits before it.
pub struct Window {
    session: WebDriver,
    process: i32,
}

impl Window {
    pub async fn open(computer: &Computer) -> Self {
        let others = computer.window_processes();
        let driver = Driver::start(computer).await;
        let session = driver.session.clone();
        OPEN.lock().expect("one journey at a time").push(driver);
        let new = || async { computer.window_processes().into_iter().find(|process| !others.contains(process)) };
        let process = until("the window's process", new).await;
        let window = Self { session, process };
        until("the page", || async {
            let drawn = "return document.getElementById('root')?.childElementCount > 0";
            window.ask::<bool>(drawn).await.filter(|drawn| *drawn)
        })
        .await;
        window
    }

    pub fn session(&self) -> &WebDriver {
        &self.session
    }

    /// What `script` returns in the page; None while it cannot answer.
    pub async fn ask<T: serde::de::DeserializeOwned>(&self, script: &str) -> Option<T> {
        self.session().execute(script, vec![]).await.ok()?.convert().ok()
    }

    /// Waits for a `role` called `name`, in full or up to a trailing `…`.
    pub async fn find(&self, role: &str, name: &str) -> WebElement {
        self.wait_for(&format!("{role} “{name}”"), || async { self.look_for(role, name).await }).await
    }

    pub async fn look_for(&self, role: &str, name: &str) -> Option<WebElement> {
        self.session().execute(FIND, vec![json!(role), json!(name)]).await.ok()?.element().ok()
    }

    /// Presses it as a mouse would, once it can be pressed.
    pub async fn press(&self, role: &str, name: &str) {
        self.wait_for(&format!("{role} “{name}” that can be pressed"), || async {
            let target = self.look_for(role, name).await?;
            if !target.is_enabled().await.unwrap_or(false) {
                return None;
            }
            self.bring_into_view(&target).await?;
            target.click().await.ok()
        })
        .await;
    }

    /// All of it, as somebody would scroll who sees its edge only.
    async fn bring_into_view(&self, target: &WebElement) -> Option<()> {
        let target = target.to_json().ok()?;
        self.session().execute("arguments[0].scrollIntoView({ block: 'nearest' })", vec![target]).await.ok().map(drop)
    }

    /// Replaces what stands in the field called `label`.
    pub async fn fill(&self, label: &str, text: &str) {
        self.wait_for(&format!("field “{label}” that can be filled"), || async {
            let field = self.look_for("field", label).await?;
            self.bring_into_view(&field).await?;
            field.click().await.ok()?;
            field.send_keys(Key::Control + "a").await.ok()?;
            field.send_keys(text).await.ok()?;
            (field.prop("value").await.ok()?.as_deref() == Some(text)).then_some(())
        })
        .await;
    }

    /// Types `search` into the field called `label` and chooses the offered `option`.
    pub async fn choose(&self, label: &str, search: &str, option: &str) {
        self.fill(label, search).await;
        self.press("option", &format!("{option}…")).await;
    }

    /// Waits until `text` can be read somewhere in the window.
    pub async fn read(&self, text: &str) {
        self.wait_for(&format!("the words “{text}”"), || async { self.shown().await.contains(text).then_some(()) })
            .await;
    }

    /// Waits until `text` can no longer be read.
    pub async fn read_no_more(&self, text: &str) {
        self.wait_for(&format!("“{text}” to be gone"), || async {
            (!self.shown().await.contains(text)).then_some(())
        })
        .await;
    }

    /// All text in the window, spaces collapsed.
    pub async fn shown(&self) -> String {
        let text: String = self.ask("return document.body.innerText").await.unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Types on the keyboard, wherever the focus is.
    pub async fn keys(&self, keys: impl Into<thirtyfour::TypingData>) {
        let keys: String = keys.into().as_vec().into_iter().collect();
        // What had the focus may be drawn anew in between; then nothing was typed yet.
        until("something that takes keys", || async {
            let focused = self.session().active_element().await.expect("something has the focus");
            match focused.send_keys(keys.as_str()).await {
                Err(stale) if matches!(stale.as_inner(), WebDriverErrorInner::StaleElementReference(_)) => None,
                typed => {
                    typed.expect("keys");
                    Some(())
                }
            }
        })
        .await;
    }

    /// Waits until the focus stands on what is called `name`, in full or up to a trailing `…`.
    pub async fn focused(&self, name: &str) {
        self.wait_for(&format!("the focus on “{name}”"), || async {
            is_called(&self.focus().await, name).then_some(())
        })
        .await;
    }

    /// Goes on with Tab until the focus stands on what is called `name`, in full or up to a trailing `…`.
    pub async fn tab_to(&self, name: &str) {
        let mut passed = Vec::new();
        for _ in 0..60 {
            let now = self.focus().await;
            if is_called(&now, name) {
                return;
            }
            passed.push(now);
            self.keys(Key::Tab).await;
        }
        panic!("Tab never comes to “{name}”, only to {passed:?}");
    }

    /// Waits until the focus stands on a `role`.
    pub async fn focused_on(&self, role: &str) {
        let there = format!("return document.activeElement?.getAttribute('role') === {}", json!(role));
        self.wait_for(&format!("the focus on a {role}"), || async { self.ask::<bool>(&there).await.filter(|it| *it) })
            .await;
    }

    /// Waits until the focus stands on something of the page, with no dialog left above it.
    pub async fn focused_within_page(&self) {
        const THERE: &str =
            "return !document.querySelector('[aria-modal=true]') && document.activeElement !== document.body";
        self.wait_for("the focus back on the page", || async { self.ask::<bool>(THERE).await.filter(|it| *it) }).await;
    }

    /// What the focus stands on is called.
    pub async fn focus(&self) -> String {
        const NAME: &str = r#"
            const it = document.activeElement;
            const name = it.getAttribute("aria-label") || it.labels?.[0]?.textContent || it.textContent || "";
            return name.replace(/\s+/g, " ").replace(/\s?\*$/, "").trim();
        "#;
        self.ask(NAME).await.unwrap_or_default()
    }

    /// Goes to an address inside the page, as `#/people`.
    pub async fn go(&self, address: &str) {
        self.session().execute(&format!("location.hash = {}", json!(address)), vec![]).await.expect("an address");
    }

    /// Waits until the page is at rest: nothing is asked of the server, loads or moves, twice with two painted frames in
    /// between, since what one answer brings may begin the next.
    pub async fn settle(&self) {
        self.wait_for("a page at rest", || async { self.ask::<bool>(AT_REST).await.filter(|rests| *rests) }).await;
    }

    /// A picture of the window, as PNG.
    pub async fn picture(&self) -> Vec<u8> {
        self.session().screenshot_as_png().await.expect("a picture")
    }

    /// Closes the window as its close button does, and waits until the program has ended.
    pub async fn close(self) {
        let closing = "window.__TAURI_INTERNALS__.invoke('plugin:window|destroy', { label: 'main' })";
        let _ = self.session().execute(closing, vec![]).await;
        self.ended().await;
    }

    /// Kills the program with SIGKILL, as a power cut would, and waits until it is gone.
    pub async fn kill(self) {
        // SAFETY: a signal to a process this journey has started.
        unsafe { libc::kill(self.process, libc::SIGKILL) };
        self.ended().await;
    }

    async fn ended(&self) {
        until("the program to end", || async {
            let state = std::fs::read_to_string(format!("/proc/{}/stat", self.process)).unwrap_or_default();
            (state.is_empty() || state.contains(") Z ")).then_some(())
        })
        .await;
    }

    async fn wait_for<T, F: Future<Output = Option<T>>>(&self, what: &str, condition: impl FnMut() -> F) -> T {
        match soon(condition).await {
            Some(found) => found,
            None => panic!(
                "waited for {what}, which never came; the focus is on “{}”. The window shows: {}",
                self.focus().await,
                self.shown().await
            ),
        }
    }
}

/// In full or up to a trailing `…`.
fn is_called(now: &str, name: &str) -> bool {
    now == name || name.strip_suffix('…').is_some_and(|start| now.starts_with(start))
}

pub fn forget_windows() {
    OPEN.lock().expect("one journey at a time").clear();
}

/// A picture of the newest window and its page, for whoever looks into a failed journey.
pub async fn leave_evidence(name: &str) {
    let session = OPEN.lock().expect("one journey at a time").last().map(|driver| driver.session.clone());
    let Some(session) = session else { return };
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/journeys");
    let _ = std::fs::create_dir_all(&folder);
    let _ = session.screenshot(&folder.join(format!("{name}.png"))).await;
    if let Ok(page) = session.source().await {
        let _ = std::fs::write(folder.join(format!("{name}.html")), page);
    }
}
