//! The main window appears when there is something to see in it: no white rectangle, no half a page.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use tauri::{
    App, Listener, Runtime, Theme, WebviewWindow, WebviewWindowBuilder, utils::config::Color, webview::PageLoadEvent,
};

/// Tells once that the page has drawn its first content. A hidden window gets no animation frames, so it watches the
/// document itself.
const PAINTED: &str = r#"
(() => {
  const tell = () => window.__TAURI_INTERNALS__.invoke("plugin:event|emit", { event: "painted", payload: null });
  const drawn = () => document.getElementById("root")?.childElementCount > 0;
  const watch = () => {
    if (drawn()) return tell();
    const observer = new MutationObserver(() => {
      if (!drawn()) return;
      observer.disconnect();
      setTimeout(tell);
    });
    observer.observe(document, { childList: true, subtree: true });
  };
  watch();
})();
"#;

/// A page that draws nothing (it should not happen) is shown all the same after this long: better a broken window than none.
const PATIENCE: Duration = Duration::from_secs(4);

/// Opens the window that `tauri.conf.json` describes.
pub fn open<R: Runtime>(app: &App<R>) -> tauri::Result<()> {
    let described = app.config().app.windows.first().cloned().unwrap_or_default();
    let window = WebviewWindowBuilder::from_config(app, &described)?
        .visible(false)
        .initialization_script(PAINTED)
        .on_navigation(|url| matches!(url.scheme(), "tauri" | "about") || url.host_str() == Some("localhost"))
        .on_page_load(|window, load| {
            if load.event() == PageLoadEvent::Finished {
                tauri::async_runtime::spawn(async move {
                    tokio::time::sleep(PATIENCE).await;
                    show(&window);
                });
            }
        })
        .build()?;
    // What shows through while a window is resized belongs to its theme too.
    let is_dark = window.theme().is_ok_and(|theme| theme == Theme::Dark);
    let paper = if is_dark { Color(0x16, 0x18, 0x1d, 0xff) } else { Color(0xff, 0xff, 0xff, 0xff) };
    if let Err(error) = window.set_background_color(Some(paper)) {
        tracing::warn!(%error, "the window keeps its own background");
    }
    let shown = window.clone();
    window.once("painted", move |_| show(&shown));
    Ok(())
}

fn show<R: Runtime>(window: &WebviewWindow<R>) {
    static SHOWN: AtomicBool = AtomicBool::new(false);
    if SHOWN.swap(true, Ordering::Relaxed) {
        return;
    }
    if let Err(error) = window.show().and_then(|()| window.set_focus()) {
        tracing::error!(%error, "the window cannot be shown");
    }
}
