//! One WebKitWebDriver per window, on a port of its own, with the environment of one computer.

use std::process::{Child, Command, Stdio};

use thirtyfour::{Capabilities, WebDriver};

use super::{Computer, until};

/// Ends with the window it drives.
pub struct Driver {
    process: Child,
    pub session: WebDriver,
}

impl Driver {
    pub async fn start(computer: &Computer) -> Self {
        for variable in ["DISPLAY", "DBUS_SESSION_BUS_ADDRESS"] {
            assert!(std::env::var_os(variable).is_some(), "{variable} is not set: run through scripts/with-desktop");
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port").port();
        let process = Command::new("WebKitWebDriver")
            .arg(format!("--port={port}"))
            .envs(computer.environment())
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("WebKitWebDriver (package webkit2gtk-driver)");
        until("the driver's port", || async { std::net::TcpStream::connect(("127.0.0.1", port)).ok() }).await;
        let mut wanted = Capabilities::new();
        wanted
            .set(
                "webkitgtk:browserOptions",
                serde_json::json!({ "binary": env!("CARGO_BIN_EXE_lectern-desktop"), "args": [] }),
            )
            .expect("capabilities");
        let session = WebDriver::new(format!("http://127.0.0.1:{port}"), wanted).await.expect("a driven window");
        Self { process, session }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The driver's end ends the session too; asking it to would wait for a window that is gone.
        let _ = self.session.clone().leak();
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
