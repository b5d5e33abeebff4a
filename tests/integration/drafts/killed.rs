//! The process is killed at any instant, between and in the middle of what it writes here and sends: what it acknowledged
//! is there, on this computer and in the end on every other. The child is this very test binary.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Write as _},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use lectern::{
    database::Database,
    drafts::{
        self, DraftKey, DraftTable, Machine,
        file::{self, DraftsFile},
        lessons::{ChangedBlock, LessonWriting},
        opening::Drawer,
        rows,
    },
    ids::{CourseId, LessonId, PersonId},
    sync::driver::{Driver, Line},
};
use local_store::LocalStore;
use rand::RngExt;
use serde_json::json;
use sqlx::postgres::PgPoolOptions;
use sync_core::{store::Store, wire::Table};

use super::computer::{Computer, School, paragraph, school};
use crate::sync::chain::assert_chains;

const VARIABLE: &str = "LECTERN_TEST_INSTRUCTOR";

/// A paragraph more in the lesson written last, or in a new one after some.
fn write(machine: &mut Machine<LocalStore>, course: CourseId, number: u64) -> lectern::Result<()> {
    let lessons = machine.store().rows(course.0)?.into_iter().filter(|row| row.key.table == Table::Lessons);
    let mut ids: Vec<_> = lessons.map(|row| row.key.id).collect();
    ids.sort_unstable();
    if number.is_multiple_of(25) || ids.is_empty() {
        let key = DraftKey { table: DraftTable::Lessons, id: CourseId::new().0 };
        let fields = [("title".to_owned(), json!(format!("w{number}")))].into();
        return rows::add(machine, course, key, &fields, None, None);
    }
    let lesson = LessonId(ids[ids.len() - 1]);
    let before = drafts::history::document(machine, course, lesson)?.unwrap_or_default();
    let block = CourseId::new().0;
    let mut order: Vec<String> = before.blocks.iter().map(|block| block.id.clone()).collect();
    order.push(block.to_string());
    let changed = ChangedBlock { id: block.to_string(), json: paragraph(block, &format!("w{number}")) };
    file::write(machine, course, lesson, &LessonWriting { changed: vec![changed], order, removed: Vec::new() })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instructor_who_is_killed() {
    let Ok(given) = std::env::var(VARIABLE) else { return };
    let mut given = given.split(' ');
    let mut next = || given.next().unwrap();
    let (folder, url, token, first) = (next(), next(), next(), next().parse::<u64>().unwrap());
    let (person, course) = (PersonId(next().parse().unwrap()), CourseId(next().parse().unwrap()));
    let drawer = Drawer::in_folder(folder.as_ref()).unwrap();
    let file: Arc<DraftsFile> = Arc::new(drawer.open(person).await.unwrap());
    let driver = Driver::new(Arc::clone(&file));
    let database = Database::new(PgPoolOptions::new().max_connections(2).connect_lazy(url).unwrap());
    driver.speak_over(Some(Line { database, token: token.to_owned().into() }));
    driver.pass().await.unwrap();
    tokio::spawn(async move {
        loop {
            if let Err(error) = driver.pass().await {
                println!("failed {error:?}");
            }
        }
    });
    for number in first.. {
        file.with(move |machine| write(machine, course, number)).await.unwrap();
        println!("acknowledged {number}");
        std::io::stdout().flush().unwrap();
    }
}

fn spawn(computer: &Computer, school: &School, token: &str, first: u64) -> Child {
    let (folder, url) = (computer.folder.path().display(), &school.fresh.app_url);
    let given = format!("{folder} {url} {token} {first} {} {}", computer.file.person, school.course);
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "drafts::killed::an_instructor_who_is_killed", "--nocapture", "--test-threads=1"])
        .env(VARIABLE, given)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The numbers that stand in titles and texts, each as often as it stands there.
async fn numbers(computer: &Computer) -> Vec<u64> {
    let said = super::instructors::said(computer).await;
    let titles = said.rows.values().filter_map(|fields| fields.get("title")?.as_str());
    let texts = said.texts.values().flatten().map(String::as_str);
    let words = titles.chain(texts).flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric()));
    let mut numbers: Vec<u64> = words.filter_map(|word| word.strip_prefix('w')?.parse().ok()).collect();
    numbers.sort_unstable();
    numbers
}

/// Kills it after so many acknowledgements and a moment. The last number it acknowledged.
fn write_and_be_killed(mut child: Child, patience: usize, moment: Duration) -> Option<u64> {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let told = |line: String| {
        assert!(!line.starts_with("failed"), "{line}");
        line.strip_prefix("acknowledged ").and_then(|number| number.parse::<u64>().ok())
    };
    let mut last = lines.by_ref().map_while(Result::ok).filter_map(told).take(patience).last();
    let until = Instant::now() + moment;
    while Instant::now() < until {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // What it still said before it died counts too.
    last = lines.map_while(Result::ok).filter_map(told).last().or(last);
    last
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_before_a_kill_is_here_and_reaches_everybody_once() {
    let is_long = std::env::var_os("LECTERN_TEST_LONG").is_some();
    let school = school().await;
    let computer = school.computer().await;
    computer.sync().await;
    let token = school.fresh.sign_in_as(school.lead).await;
    let (mut acknowledged, mut first, mut rounds) = (BTreeSet::new(), 1, 0_u64);
    let started = Instant::now();
    while if is_long { rounds < 100 } else { rounds < 5 || (rounds < 20 && started.elapsed() < Duration::from_secs(6)) }
    {
        let child = spawn(&computer, &school, &token, first);
        let (patience, moment) =
            (rand::random_range(1..30), Duration::from_micros(rand::rng().random_range(0..40_000)));
        let killed = tokio::task::spawn_blocking(move || write_and_be_killed(child, patience, moment)).await.unwrap();
        acknowledged.extend(first..=killed.expect("it wrote something"));
        let here = numbers(&computer).await;
        let missing: Vec<_> = acknowledged.iter().filter(|number| !here.contains(number)).collect();
        assert!(missing.is_empty(), "{missing:?} were acknowledged in round {rounds}");
        // One that was written and not acknowledged may be there as well.
        first = killed.unwrap() + 2;
        rounds += 1;
    }
    computer.sync().await;
    let other = school.computer().await;
    other.sync().await;
    let there = numbers(&other).await;
    assert_eq!(there, numbers(&computer).await);
    assert!(there.windows(2).all(|pair| pair[0] < pair[1]), "{there:?}");
    assert!(acknowledged.iter().all(|number| there.binary_search(number).is_ok()));
    assert_eq!((computer.drafts().await.courses[0].conflicts, other.drafts().await.courses[0].conflicts), (0, 0));
    assert_chains(&school.fresh).await;
    eprintln!(
        "{rounds} kills, {} acknowledged, {} pushes",
        acknowledged.len(),
        school.fresh.pushes(school.course).await
    );
}
