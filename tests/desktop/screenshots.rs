//! Takes a picture of every page of the real window and of the states people meet on it, light and dark, in two sizes, into
//! `target/pictures`; those of the documents go to `docs/pictures` too. `scripts/screenshots` runs it; it is a program, not
//! a test. Given parts (connecting, first, lists, details, course, large, german, leaving), it takes those alone.
#![allow(clippy::expect_used, reason = "whoever runs it reads what it expected")]

mod album;
#[allow(dead_code, reason = "some of it is the journeys' only")]
mod harness;
#[allow(dead_code, reason = "some of it is the journeys' only")]
mod steps;

use album::Album;
use harness::{Computer, until};
use thirtyfour::Key;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

const NOBODY: &str = "nobody is called this";
/// Names as long and as foreign to each other as they come.
const PEOPLE: [(&str, &str); 3] = [
    (
        "Maximiliane-Alexandrine Gräfin von Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlungsstelle",
        "maximiliane-alexandrine.donaudampfschifffahrtsgesellschaft@verwaltungsgemeinschaft.example",
    ),
    ("عبد الرحمن بن محمد بن عبد العزيز بن عبد الله القحطاني الأنصاري", "abdulrahman@example.org"),
    ("欧阳娜娜上官婉儿司马相如诸葛孔明慕容复东方不败", "ouyang@example.org"),
];
const LONG_COURSE: &str =
    "Grundstücksverkehrsgenehmigungszuständigkeitsübertragungsverordnung für Fortgeschrittene und Wiedereinsteiger";

#[tokio::main]
async fn main() {
    let parts: Vec<String> = std::env::args().skip(1).collect();
    let wants = |part: &str| parts.is_empty() || parts.iter().any(|it| it == part);
    if wants("connecting") {
        let computer = Computer::without_keyring();
        let album = Album::new(computer.open_lectern().await);
        without_keyring(&album).await;
        album.window.close().await;
        computer.shut_down().await;
    }

    let computer = Computer::new();
    let mut album = Album::new(computer.open_lectern().await);
    if wants("connecting") {
        connecting(&album).await;
    }
    album.takes = wants("first");
    first_owner(&album).await;
    if wants("first") {
        empty_organization(&album).await;
        long_names(&album).await;
    }
    // The people of the pictures; the owner sees every organization.
    computer.command(&["seed", "--connection", "local", "--yes"]);
    album.takes = wants("lists");
    switching(&album).await;
    if wants("lists") {
        lists_and_forms(&album).await;
    }
    album.takes = true;
    if wants("details") {
        details(&album).await;
        stale(&album, &computer).await;
    }
    if wants("course") {
        course(&album).await;
    }
    if wants("large") {
        large_text(&album).await;
    }
    if wants("german") {
        german(&album).await;
    }
    if wants("leaving") {
        leaving(&album).await;
    }
    album.window.close().await;
    computer.shut_down().await;
}

async fn without_keyring(album: &Album) {
    let window = &album.window;
    window.find("heading", "Where is your organization's data?").await;
    album.take("connect-no-keyring").await;
}

async fn connecting(album: &Album) {
    let window = &album.window;
    window.find("heading", "Where is your organization's data?").await;
    album.take("connect").await;
    window.press("button", "Add a server").await;
    window.find("field", "Host").await;
    album.take("add-server").await;
    window.press("button", "Save").await;
    album.take("add-server-errors").await;

    let strange = server().await;
    window.fill("Name", "Harbour School").await;
    window.fill("Login of this desk", "desk_3").await;
    window.fill("Password of that login", "not this one").await;
    for (host, port, encryption, picture) in [
        ("db.harbour-school.invalid", 5432, None, "check-wrong-host"),
        ("127.0.0.1", 1, None, "check-nobody-listens"),
        ("127.0.0.1", strange, None, "check-wrong-password"),
        ("127.0.0.1", strange, Some("Verify certificate and host"), "check-no-tls"),
    ] {
        window.fill("Host", host).await;
        window.fill("Port", &port.to_string()).await;
        if let Some(encryption) = encryption {
            window.press("field", "Encryption").await;
            window.press("option", &format!("{encryption}…")).await;
        }
        window.press("button", "Check the connection").await;
        window.settle().await;
        album.take(picture).await;
    }
    window.press("button", "Save").await;
    window.find("button", "Connect: Harbour School").await;
    window.press("button", "Connect: Harbour School").await;
    window.find("button", "Try again").await;
    album.take("connect-failed").await;
    window.press("button", "More for Harbour School").await;
    window.press("menuitem", "Edit").await;
    window.press("field", "Encryption").await;
    window.press("option", "None").await;
    window.press("field", "Where the password is kept").await;
    window.press("option", "Nowhere…").await;
    window.press("button", "Save").await;
    window.press("button", "Connect: Harbour School").await;
    window.find("dialog", "Password for Harbour School").await;
    window.fill("Password of that login", "not this one").await;
    window.keys(Key::Enter).await;
    window.settle().await;
    album.take("connect-password").await;
    album.dismiss().await;
    window.press("button", "More for Harbour School").await;
    window.press("menuitem", "Remove").await;
    window.find("dialog", "Remove Harbour School?").await;
    album.take("remove-server").await;
    window.press("button", "Remove").await;
    window.settle().await;
}

/// A server that speaks no TLS and knows no password.
async fn server() -> u16 {
    const ASKS_FOR_TLS: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];
    let told = b"SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user \"desk_3\"\0\0";
    let mut refusal = vec![b'E'];
    refusal.extend(u32::try_from(told.len() + 4).expect("a short answer").to_be_bytes());
    refusal.extend(told);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("a port").port();
    tokio::spawn(async move {
        while let Ok((mut guest, _)) = listener.accept().await {
            let refusal = refusal.clone();
            tokio::spawn(async move {
                let mut asked = [0; 1024];
                while let Ok(length @ 1..) = guest.read(&mut asked).await {
                    let answer = if asked[..length] == ASKS_FOR_TLS { b"N" } else { refusal.as_slice() };
                    guest.write_all(answer).await.ok();
                }
            });
        }
    });
    port
}

async fn first_owner(album: &Album) {
    let window = &album.window;
    window.press("button", "Open").await;
    window.find("heading", "Set up the first owner").await;
    album.take("first-owner").await;
    window.fill("E-mail", "ana at example.org").await;
    window.fill("New password", "short").await;
    window.press("button", "Create owner and sign in").await;
    album.take("first-owner-errors").await;
    window.fill("Your name", steps::NAME).await;
    window.fill("E-mail", steps::EMAIL).await;
    window.fill("New password", steps::PASSWORD).await;
    window.fill("Name of your organization", "Northfield College of Further Education").await;
    window.press("button", "Create owner and sign in").await;
    window.find("heading", "Overview").await;
}

async fn empty_organization(album: &Album) {
    let window = &album.window;
    album.take("empty-overview").await;
    for (link, picture) in
        [("Courses", "empty-courses"), ("Enrollments", "empty-enrollments"), ("Activity", "empty-activity")]
    {
        window.press("link", link).await;
        window.find("heading", link).await;
        album.take(picture).await;
    }
}

async fn long_names(album: &Album) {
    let window = &album.window;
    for (name, email) in PEOPLE {
        window.press("link", "People").await;
        window.press("button", "Add person").await;
        window.fill("Name", name).await;
        window.fill("E-mail", email).await;
        window.press("button", "Add person").await;
        window.find("heading", name).await;
    }
    window.press("link", "Courses").await;
    window.press("button", "New course").await;
    window.fill("Title", LONG_COURSE).await;
    window.press("button", "Create course").await;
    window.find("heading", LONG_COURSE).await;
    album.take("empty-course").await;
    for (tab, picture) in [("Staff…", "empty-staff"), ("People enrolled…", "empty-enrolled")] {
        window.press("tab", tab).await;
        album.take(picture).await;
    }
    for (name, _) in PEOPLE {
        window.press("link", "Enrollments").await;
        window.press("button", "Enroll a person").await;
        window.find("dialog", "Enroll a person").await;
        window.choose("Course", "Grund", LONG_COURSE).await;
        window.choose("Person", name, name).await;
        window.press("button", "Enroll").await;
        window.read("is enrolled in").await;
        window.settle().await;
    }
    album.take("long-enrollment").await;
    window.press("link", "People").await;
    album.open_row("Maximiliane").await;
    album.take("long-person").await;
    window.press("link", "Courses").await;
    album.take("long-courses").await;
    window.press("link", "Overview").await;
}

async fn switching(album: &Album) {
    let window = &album.window;
    // The organizations of the seed are known once the window asks again.
    window.session().refresh().await.expect("the page again");
    window.find("heading", "Overview").await;
    window.press("button", "Switch organization…").await;
    window.find("menuitem", "Harbour Language School…").await;
    album.take("switcher").await;
    window.press("menuitem", "Harbour Language School…").await;
    window.read("Average progress").await;
}

async fn lists_and_forms(album: &Album) {
    let window = &album.window;
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
        album.take(picture).await;
    }
    window.press("button", "Archive organization…").await;
    album.take("archive-organization").await;
    album.dismiss().await;
    for (link, search, nothing, picture) in [
        ("People", "Search name or e-mail", "Nobody matches", "people-none"),
        ("Courses", "Search title and category", "No course matches", "courses-none"),
        ("Enrollments", "Search person, e-mail and course", "No enrollment matches", "enrollments-none"),
    ] {
        window.press("link", link).await;
        window.fill(search, NOBODY).await;
        window.find("heading", nothing).await;
        album.take(picture).await;
        window.press("button", "Clear").await;
    }
    for (link, button, submit, picture) in [
        ("People", "Add person", "Add person", "add-person"),
        ("Courses", "New course", "Create course", "create-course"),
        ("Enrollments", "Enroll a person", "Enroll", "enroll"),
    ] {
        window.press("link", link).await;
        window.press("button", button).await;
        window.find("dialog", "…").await;
        album.take(picture).await;
        window.press("button", submit).await;
        album.take(&format!("{picture}-errors")).await;
        album.dismiss().await;
    }
    window.press("button", "Enroll a person").await;
    window.find("dialog", "Enroll a person").await;
    window.choose("Course", "Portuguese", "Portuguese for newcomers").await;
    window.fill("Person", "Thiago").await;
    window.find("option", "Thiago…").await;
    album.take("enroll-choosing").await;
    window.press("option", "Thiago…").await;
    window.read("already").await;
    album.take("enroll-again").await;
    album.dismiss().await;
    window.press("button", "Search…").await;
    window.focused("Search people and courses, or run a command").await;
    album.take("palette-empty").await;
    window.keys("port").await;
    window.find("button", "Portuguese for newcomers…").await;
    album.take("palette").await;
    window.keys(Key::Control + "a").await;
    window.keys(NOBODY).await;
    window.read("Nothing matches").await;
    album.take("palette-none").await;
    album.dismiss().await;
}

async fn details(album: &Album) {
    let window = &album.window;
    window.press("link", "People").await;
    album.open_row("İpek").await;
    album.take("person").await;
    window.press("button", "Edit").await;
    window.fill("Name", "İpek Şahinoğlu-Vasconcelos").await;
    album.take("edit-person").await;
    window.keys(Key::Escape).await;
    window.find("dialog", "Discard what you wrote?").await;
    album.take("discard").await;
    album.dismiss().await;
    window.press("button", "Sign-in code").await;
    album.take("sign-in-code").await;
    window.press("button", "Make code").await;
    window.find("button", "Copy").await;
    album.take("sign-in-code-made").await;
    album.dismiss().await;
    window.press("button", "More actions").await;
    window.press("menuitem", "Archive…").await;
    album.take("archive-person").await;
    album.dismiss().await;
    window.press("button", "Who changed this?").await;
    album.take("person-history").await;
    window.press("link", "Enrollments").await;
    album.open_row("Thiago").await;
    album.take("enrollment").await;
    window.press("button", "Withdraw").await;
    album.take("withdraw").await;
    window.press("button", "Withdraw").await;
    window.find("button", "Undo").await;
    album.take("undo").await;
    window.press("button", "Undo").await;
    window.find("button", "Withdraw").await;
    window.press("link", "Activity").await;
    window.settle().await;
    album.open_row("changed").await;
    album.take("activity-entry").await;
}

async fn course(album: &Album) {
    let window = &album.window;
    window.press("link", "Courses").await;
    album.open_row("Portuguese for newcomers").await;
    window.find("tab", "Staff…").await;
    album.take("course").await;
    // What stands after the word is how many there are.
    for (tab, picture) in [
        ("Staff…", "course-staff"),
        ("People enrolled…", "course-enrolled"),
        ("Details…", "course-details"),
        ("History…", "course-history"),
    ] {
        window.press("tab", tab).await;
        album.take(picture).await;
    }
    window.press("tab", "Content…").await;
    album.open_lesson("Greetings").await;
    window.find("field", "Duration in minutes").await;
    album.take("lesson").await;
    window.press("link", "Courses").await;
    album.open_row("Teaching adults").await;
    window.find("tab", "Staff…").await;
    album.take("course-draft").await;
    window.find("treeitem", "…").await.focus().await.expect("a row");
    window.keys(Key::Shift + Key::F10).await;
    window.find("menuitem", "Rename…").await;
    album.take("course-menu").await;
    window.keys(Key::Escape).await;
}

/// Two people at one form.
async fn stale(album: &Album, computer: &Computer) {
    let window = &album.window;
    window.press("link", "People").await;
    album.open_row("Maëlle").await;
    window.press("button", "Edit").await;
    window.fill("Phone (optional)", "+351 21 555 01 02").await;
    let mut server = computer.private_server().await;
    sqlx::query("update lectern.memberships set name = name || ' ' where name like 'Maëlle%'")
        .execute(&mut server.owner)
        .await
        .expect("somebody else's change");
    server.leave().await;
    window.press("button", "Save").await;
    window.find("alert", "…").await;
    album.take("stale-person").await;
    album.dismiss().await;
}

/// 200 %, as Ctrl and plus make it.
async fn large_text(album: &Album) {
    let window = &album.window;
    let zoom = async |key: &str, wide: u32| {
        until("larger text", || async {
            if window.ask::<u32>("return innerWidth").await? == wide {
                return Some(());
            }
            window.keys(Key::Control + key).await;
            None
        })
        .await;
    };
    zoom("+", 640).await;
    for (key, page, picture) in [
        ("1", "Overview", "zoom-overview"),
        ("2", "People", "zoom-people"),
        ("3", "Courses", "zoom-courses"),
        ("6", "Settings", "zoom-settings"),
    ] {
        window.keys(Key::Control + key).await;
        window.find("heading", page).await;
        album.take_once(picture).await;
    }
    window.keys(Key::Control + "2").await;
    window.find("heading", "People").await;
    window.keys(Key::Control + "n").await;
    window.find("dialog", "…").await;
    album.take_once("zoom-add-person").await;
    album.dismiss().await;
    album.open_row("İpek").await;
    album.take_once("zoom-person").await;
    window.keys(Key::Control + "3").await;
    window.find("heading", "Courses").await;
    album.open_row("Portuguese for newcomers").await;
    window.find("tab", "Staff…").await;
    album.take_once("zoom-course").await;
    zoom("-", 1280).await;
}

async fn german(album: &Album) {
    let window = &album.window;
    window.press("button", "Your account…").await;
    album.take("account").await;
    window.press("menuitemradio", "Deutsch").await;
    for (link, picture) in [
        ("Übersicht", "de-overview"),
        ("Personen", "de-people"),
        ("Kurse", "de-courses"),
        ("Einschreibungen", "de-enrollments"),
        ("Verlauf", "de-activity"),
        ("Einstellungen", "de-settings"),
    ] {
        window.press("link", link).await;
        album.take(picture).await;
    }
    window.press("link", "Personen").await;
    album.open_row("İpek").await;
    album.take("de-person").await;
    window.press("link", "Einschreibungen").await;
    window.keys(Key::Control + "n").await;
    window.find("dialog", "…").await;
    album.take("de-enroll").await;
    window.keys(Key::Escape).await;
    window.settle().await;
    album.open_row("Thiago").await;
    album.take("de-enrollment").await;
    window.press("link", "Kurse").await;
    album.open_row("Portuguese for newcomers").await;
    window.find("tab", "Inhalt…").await;
    album.take("de-course").await;
    window.press("button", "Ihr Konto…").await;
    window.press("menuitemradio", "English").await;
    window.press("link", "Overview").await;
}

async fn leaving(album: &Album) {
    let window = &album.window;
    window.press("button", "Your account…").await;
    window.press("menuitem", "Keyboard shortcuts").await;
    album.take("shortcuts").await;
    album.dismiss().await;
    window.press("button", "Your account…").await;
    window.press("menuitem", "Change password…").await;
    album.take("change-password").await;
    album.dismiss().await;
    window.press("button", "Your account…").await;
    window.press("menuitem", "Sign out").await;
    window.find("heading", "Sign in").await;
    album.take("sign-in").await;
    window.fill("E-mail", steps::EMAIL).await;
    window.fill("Password", "a lantern under the harbour").await;
    window.press("button", "Sign in").await;
    window.read("is not right").await;
    album.take("sign-in-failed").await;
    window.press("button", "I have a sign-in code").await;
    album.take("sign-in-by-code").await;
}
