//! The main window is on the screen at once, in the colour of the page to come: no white rectangle before a dark page. What
//! `ui/index.html` draws follows as soon as WebKit can, the page itself after that.

use std::sync::Mutex;

use tauri::{App, Listener, Runtime, Theme, WebviewWindow, WebviewWindowBuilder, utils::config::Color};

use super::remembered::Remembered;

/// Tells the page's theme, at the start and whenever somebody chooses another.
const TELL_THEME: &str = r#"
new MutationObserver(() => {
  const theme = document.documentElement.dataset.mantineColorScheme;
  if (theme) window.__TAURI_INTERNALS__.invoke("plugin:event|emit", { event: "theme", payload: theme });
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-mantine-color-scheme"] });
"#;

/// Opens the window that `tauri.conf.json` describes.
pub fn open<R: Runtime>(app: &App<R>) -> tauri::Result<()> {
    let described = app.config().app.windows.first().cloned().unwrap_or_default();
    let window = WebviewWindowBuilder::from_config(app, &described)?
        .initialization_script(TELL_THEME)
        .on_navigation(|url| matches!(url.scheme(), "tauri" | "about") || url.host_str() == Some("localhost"))
        .build()?;
    // The theme it had last; on the first start, which knows nothing of the page yet, the system's.
    let theme = Remembered::read().theme.or_else(|| window.theme().ok()).unwrap_or(Theme::Light);
    lay_paper(&window, theme);
    window.show()?;
    window.set_focus()?;

    let (shown, laid) = (window.clone(), Mutex::new(theme));
    window.listen("theme", move |told| {
        let Ok(theme) = serde_json::from_str::<Theme>(told.payload()) else { return };
        let before = laid.lock().map(|mut laid| std::mem::replace(&mut *laid, theme));
        if before.is_ok_and(|before| before != theme) {
            lay_paper(&shown, theme);
            Remembered::change(|remembered| remembered.theme = Some(theme));
        }
    });
    Ok(())
}

/// What shows while the page is not drawn yet, and at the edge while the window is resized.
fn lay_paper<R: Runtime>(window: &WebviewWindow<R>, theme: Theme) {
    if let Err(error) = window.set_background_color(Some(paper(theme))) {
        tracing::warn!(%error, "the window keeps a background of its own");
    }
}

/// The background of `ui/index.html`.
const fn paper(theme: Theme) -> Color {
    match theme {
        Theme::Dark => Color(0x10, 0x11, 0x16, 0xff),
        _ => Color(0xf6, 0xf6, 0xf9, 0xff),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_opens_in_the_colours_that_the_page_draws_first() {
        let page = include_str!("../../ui/index.html");
        for theme in [Theme::Light, Theme::Dark] {
            let Color(red, green, blue, _) = paper(theme);
            let told = format!("background: #{red:02x}{green:02x}{blue:02x}");
            assert!(page.contains(&told), "{theme} wants {told}");
        }
    }
}
