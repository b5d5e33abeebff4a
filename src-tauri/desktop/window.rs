//! The main window appears when there is something to see in it: no white rectangle, no half a page.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use tauri::{
    App, Listener, Runtime, WebviewWindow, WebviewWindowBuilder, utils::config::Color, webview::PageLoadEvent,
};

/// Tells once that the page has drawn its first content, and on which colour. A hidden window gets no animation frames, so
/// it watches the document itself.
const PAINTED: &str = r#"
(() => {
  const tell = () => {
    const paper = getComputedStyle(document.body).backgroundColor.match(/\d+/g)?.slice(0, 3).map(Number) ?? [];
    window.__TAURI_INTERNALS__.invoke("plugin:event|emit", { event: "painted", payload: paper });
  };
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
    let shown = window.clone();
    window.once("painted", move |painted| {
        // Until the first frame arrives, and while the window is resized, the page's own paper shows, not white.
        if let Ok((red, green, blue)) = serde_json::from_str(painted.payload())
            && let Err(error) = shown.set_background_color(Some(Color(red, green, blue, 0xff)))
        {
            tracing::warn!(%error, "the window keeps a background of its own");
        }
        show(&shown);
    });
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
