//! One schedule: devices of several people, their server, and what is remembered of what everybody was promised.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use uuid::Uuid;

use super::Mutant;
use super::memory::{Fuse, Killed, Memory};
use super::model::{Caller, Server};
use super::network::Letter;
use super::random::Random;
use crate::engine::Engine;
use crate::frames;
use crate::machine::{Error, Machine};
use crate::wire::{Access, Key, Table};

pub const ORGANIZATION: Uuid = Uuid::from_u128(1);
pub const COURSE: Uuid = Uuid::from_u128(2);

pub type Tokens = BTreeSet<String>;
pub type Failure = Error<Killed>;

pub struct Device {
    pub machine: Machine<Memory, Engine>,
    pub person: Uuid,
    pub access: Option<Access>,
    pub online: bool,
    pub schema: u32,
    /// Answers on their way.
    pub inbox: Vec<Letter>,
}

impl Device {
    pub fn caller(&self) -> Caller {
        Caller { person: self.person, access: self.access }
    }

    pub fn store(&self) -> &Memory {
        self.machine.store()
    }
}

/// What kind of trouble a schedule has.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trouble {
    pub restores: bool,
    pub revocations: bool,
    pub desk: bool,
    pub schemas: bool,
    pub losses: usize,
    pub crashes: usize,
}

macro_rules! numbers {
    ($($name:ident),+) => {
        /// What happened in a schedule.
        #[derive(Clone, Copy, Debug, Default)]
        pub struct Numbers {
            $(pub $name: u64,)+
        }

        impl Numbers {
            pub fn add(&mut self, other: &Self) {
                $(self.$name += other.$name;)+
            }
        }
    };
}

numbers!(
    edits, crashes, pushes, repeated, stale, forks, restores, cards, decided, lost, late, refused, denied, asked,
    published
);

pub struct World {
    pub random: Random,
    pub server: Server,
    pub backups: Vec<Server>,
    pub devices: Vec<Device>,
    /// Requests still under way: the device that sent them, and the bytes.
    pub late: Vec<(usize, Vec<u8>)>,
    pub trouble: Trouble,
    pub mutant: Mutant,
    pub numbers: Numbers,
    /// The last phase: everybody is online, nothing goes wrong, nobody edits.
    pub quiet: bool,
    /// Words whose edit was acknowledged, with their author: a device's number, or none for the desk.
    pub acknowledged: BTreeMap<String, Option<usize>>,
    /// Words somebody took away who saw them.
    pub removed: Tokens,
    /// Words of cards that were decided: whoever decided is their author as well.
    pub decided: Tokens,
    /// Every revision the server ever took.
    pub documents: BTreeMap<Uuid, String>,
    pub clock: u64,
    pub traced: Vec<String>,
}

impl World {
    pub fn new(seed: u64, mutant: Mutant, restores: bool) -> Self {
        let mut random = Random::new(seed);
        let trouble = Trouble {
            restores,
            revocations: random.percent(40),
            desk: random.percent(40),
            schemas: random.percent(30),
            losses: random.below(40),
            crashes: random.below(12),
        };
        let count = 2 + random.below(3);
        let mut devices = Vec::new();
        for n in 0..count {
            let mut memory = Memory::new(random.id());
            memory.no_cards = mutant.no_cards;
            let schema = if trouble.schemas && random.percent(50) { 1 } else { 2 };
            let mut machine = Machine::new(memory, Engine, schema);
            machine.mutant = mutant;
            machine.keep(ORGANIZATION, COURSE).unwrap();
            // The last device is a second one of the first person.
            let person = if n > 1 && n == count - 1 { Uuid::from_u128(100) } else { Uuid::from_u128(100 + n as u128) };
            let online = random.percent(60);
            devices.push(Device { machine, person, access: Some(Access::Write), online, schema, inbox: Vec::new() });
        }
        let server = Server { mutant, ..Server::default() };
        Self {
            random,
            server,
            backups: Vec::new(),
            devices,
            late: Vec::new(),
            trouble,
            mutant,
            numbers: Numbers::default(),
            quiet: false,
            acknowledged: BTreeMap::new(),
            removed: Tokens::new(),
            decided: Tokens::new(),
            documents: BTreeMap::new(),
            clock: 0,
            traced: Vec::new(),
        }
    }

    /// Runs the schedule to its end and checks everything that must hold.
    pub fn run(&mut self) -> Result<(), String> {
        let steps = 60 + self.random.below(240);
        if self.random.percent(15) {
            self.found(0).map_err(|error| format!("{error:?}"))?;
        }
        for _ in 0..steps {
            self.trouble();
            let n = self.random.below(self.devices.len());
            let busy = if self.devices[n].online { 40 } else { 75 };
            let acts = self.random.percent(busy);
            self.trace("trouble");
            let outcome = if acts { self.act(n) } else { self.exchange(n) };
            self.trace(&format!("device {n} acts {acts} {outcome:?}"));
            self.survive(n, outcome)?;
        }
        self.calm();
        for _ in 0..20_000 {
            if self.is_quiet()? {
                return self.check();
            }
            if !self.late.is_empty() && self.random.percent(50) {
                self.arrive_late();
            }
            let n = self.random.below(self.devices.len());
            self.mend(n).map_err(|error| format!("mending: {error:?}"))?;
            let outcome = self.exchange(n);
            self.trace(&format!("device {n} exchanges {outcome:?}"));
            self.survive(n, outcome)?;
        }
        Err(format!("never quiet: {}", self.unrest()))
    }

    /// What happens to a device and to the server whatever anybody does.
    fn trouble(&mut self) {
        if !self.late.is_empty() && self.random.percent(10) {
            self.arrive_late();
        }
        if self.trouble.restores {
            if self.random.percent(3) {
                self.backups.push(self.server.clone());
            }
            if !self.backups.is_empty() && self.random.one_in(150) {
                self.go_back();
            }
        }
        let n = self.random.below(self.devices.len());
        if self.random.percent(6) {
            self.devices[n].online = !self.devices[n].online;
        }
        if self.random.percent(self.trouble.crashes) {
            let fuse = Fuse { commits: u32::try_from(self.random.below(3)).unwrap(), after: self.random.percent(50) };
            self.devices[n].machine.store_mut().fuse = Some(fuse);
        }
        if self.random.percent(3) {
            self.devices[n].machine.store_mut().moved = 1;
        }
        if self.trouble.revocations && self.random.percent(2) {
            self.devices[n].access = *self.random.pick(&[None, Some(Access::Read), Some(Access::Write)]).unwrap();
        }
        if self.trouble.revocations && self.random.percent(1) {
            self.server.archived = !self.server.archived;
        }
        if self.trouble.schemas && self.random.percent(1) {
            self.server.minimum_schema = 2;
        }
        if self.trouble.schemas && self.random.percent(2) && self.devices[n].schema < 2 {
            self.devices[n].schema = 2;
            self.restart(n);
        }
        if self.trouble.desk && self.random.percent(3) {
            self.desk();
        }
    }

    /// Restores a backup. What the desk wrote since is gone, and nobody promised otherwise.
    fn go_back(&mut self) {
        let n = self.random.below(self.backups.len());
        self.server = self.backups[n].clone();
        self.numbers.restores += 1;
        let (mut kept, documents) = (Tokens::new(), &self.documents);
        for row in self.server.rows.values() {
            tokens_of(&Value::Object(row.fields.clone().into_iter().collect()), &mut kept);
            let head = crate::work::id(&row.fields, "revision_id").and_then(|head| documents.get(&head));
            head.into_iter().for_each(|text| tokens_in(text, &mut kept));
        }
        self.acknowledged.retain(|token, author| author.is_some() || kept.contains(token));
    }

    /// The last phase begins.
    fn calm(&mut self) {
        self.quiet = true;
        self.server.archived = false;
        for n in 0..self.devices.len() {
            self.devices[n].online = true;
            self.devices[n].access = Some(Access::Write);
            self.devices[n].machine.store_mut().fuse = None;
            self.devices[n].machine.store_mut().moved = 0;
            if self.devices[n].schema < 2 {
                self.devices[n].schema = 2;
                self.restart(n);
            }
        }
    }

    fn survive(&mut self, n: usize, outcome: Result<(), Failure>) -> Result<(), String> {
        match outcome {
            Ok(()) => Ok(()),
            Err(Error::Store(Killed)) => {
                self.numbers.crashes += 1;
                self.restart(n);
                Ok(())
            }
            Err(error) => Err(format!("device {n}: {error:?}")),
        }
    }

    /// The process is started anew: only what was durable is there.
    pub fn restart(&mut self, n: usize) {
        let device = &mut self.devices[n];
        let mut memory = device.machine.store().clone();
        memory.fuse = None;
        memory.moved = 0;
        device.machine = Machine::new(memory, Engine, device.schema);
        device.machine.mutant = self.mutant;
        device.inbox.clear();
    }

    pub fn token(&mut self) -> String {
        self.clock += 1;
        format!("tk{}", self.clock)
    }

    pub fn now(&mut self) -> String {
        self.clock += 1;
        format!("at{}", self.clock)
    }

    /// The server took revisions: what they say.
    pub fn remember(&mut self) {
        let mut new: Vec<Uuid> =
            self.server.revisions.keys().filter(|id| !self.documents.contains_key(id)).copied().collect();
        while !new.is_empty() {
            let before = new.len();
            new.retain(|id| {
                let (revision, content) = &self.server.revisions[id];
                let parent = revision.parent_id.filter(|_| !revision.is_key_frame);
                if parent.is_some_and(|parent| !self.documents.contains_key(&parent)) {
                    return true;
                }
                let against = parent.map(|parent| self.documents[&parent].as_str());
                match frames::unpack(content, against, &revision.content_hash) {
                    Some(document) => {
                        self.documents.insert(*id, document);
                        false
                    }
                    None => true,
                }
            });
            assert!(new.len() < before, "the server holds revisions nobody can read");
        }
    }
}

/// The words of a value that a person wrote in this simulation.
pub fn tokens_of(value: &Value, into: &mut Tokens) {
    match value {
        Value::String(text) => tokens_in(text, into),
        Value::Array(values) => values.iter().for_each(|value| tokens_of(value, into)),
        Value::Object(fields) => fields.values().for_each(|value| tokens_of(value, into)),
        _ => {}
    }
}

pub fn tokens_in(text: &str, into: &mut Tokens) {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.starts_with("tk"));
    into.extend(words.map(str::to_owned));
}

pub fn lesson(id: Uuid) -> Key {
    Key { table: Table::Lessons, id }
}
