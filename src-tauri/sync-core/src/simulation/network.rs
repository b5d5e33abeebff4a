//! Between a device and the server: requests and answers that are lost, late, repeated or in another order.

use uuid::Uuid;

use super::world::{COURSE, Failure, World};
use crate::batch;
use crate::machine::Step;
use crate::store::Decision;
use crate::wire::{FetchAnswer, FetchRequest, PullAnswer, PullRequest, PushAnswer};

/// An answer on its way.
#[derive(Clone, Debug)]
pub enum Letter {
    Push(Uuid, PushAnswer),
    Pull(PullRequest, PullAnswer),
    Fetch(FetchRequest, FetchAnswer, Vec<Vec<u8>>),
}

impl World {
    /// One exchange of a device with the server.
    pub fn exchange(&mut self, n: usize) -> Result<(), Failure> {
        if !self.devices[n].online {
            return Ok(());
        }
        if !self.devices[n].inbox.is_empty() && self.random.percent(30) {
            let at = self.random.below(self.devices[n].inbox.len());
            let letter = self.devices[n].inbox.remove(at);
            if self.random.percent(20) {
                self.devices[n].inbox.push(letter.clone());
            }
            return self.deliver(n, letter);
        }
        let random = &mut self.random;
        let step = self.devices[n].machine.next(COURSE, &mut || random.id())?;
        let letter = match step {
            Step::Send(bytes) => {
                if self.loses() {
                    self.numbers.lost += 1;
                    if self.random.percent(30) {
                        self.late.push((n, bytes));
                    }
                    return Ok(());
                }
                let push_id = batch::thaw(&bytes).unwrap().push_id;
                let answer = self.push(n, &bytes);
                if !self.quiet && self.random.percent(10) {
                    self.late.push((n, bytes));
                }
                Letter::Push(push_id, answer)
            }
            Step::Pull(mut request) => {
                if self.loses() {
                    return Ok(());
                }
                let whole = request.clone();
                request.pushes = 1 + u32::try_from(self.random.below(6)).unwrap();
                let answer = self.server.pull(self.devices[n].caller(), &request);
                if matches!(answer, PullAnswer::Fork) {
                    self.numbers.forks += 1;
                }
                Letter::Pull(whole, answer)
            }
            Step::Fetch(request) => {
                if self.loses() {
                    return Ok(());
                }
                let room = 1 + self.random.below(2000);
                let (answer, contents) = self.server.fetch(self.devices[n].caller(), &request, room);
                Letter::Fetch(request, answer, contents)
            }
            Step::Ask(_) => {
                if self.quiet || self.random.percent(20) {
                    self.numbers.asked += 1;
                    let decision = *self.random.pick(&[Decision::Delete, Decision::Keep]).unwrap();
                    self.devices[n].machine.decide(COURSE, decision)?;
                }
                return Ok(());
            }
            Step::Idle | Step::Halted(_) => {
                if self.random.percent(30) {
                    self.devices[n].machine.look(COURSE);
                }
                return Ok(());
            }
        };
        if self.loses() {
            self.numbers.lost += 1;
            return Ok(());
        }
        if !self.quiet && self.random.percent(15) {
            self.devices[n].inbox.push(letter);
            return Ok(());
        }
        self.deliver(n, letter)
    }

    fn loses(&mut self) -> bool {
        let chance = if self.quiet { 5 } else { self.trouble.losses };
        self.random.percent(chance)
    }

    fn push(&mut self, n: usize, bytes: &[u8]) -> PushAnswer {
        let caller = self.devices[n].caller();
        let random = &mut self.random;
        let answer = self.server.push(caller, bytes, &mut || random.id());
        self.numbers.pushes += 1;
        if std::env::var("LECTERN_PUSHES").is_ok() {
            println!("device {n} pushes {} bytes: {answer:?}", bytes.len());
        }
        match &answer {
            PushAnswer::Ok { repeated: true, .. } => self.numbers.repeated += 1,
            PushAnswer::Ok { .. } => self.remember(),
            PushAnswer::Stale { .. } => self.numbers.stale += 1,
            PushAnswer::Fork => self.numbers.forks += 1,
            PushAnswer::Invalid { .. } => self.numbers.refused += 1,
            _ => self.numbers.denied += 1,
        }
        answer
    }

    /// A request that was thought lost arrives after all.
    pub fn arrive_late(&mut self) {
        let at = self.random.below(self.late.len());
        let (n, bytes) = self.late.remove(at);
        self.numbers.late += 1;
        let push_id = batch::thaw(&bytes).unwrap().push_id;
        let answer = self.push(n, &bytes);
        if self.random.percent(50) {
            self.devices[n].inbox.push(Letter::Push(push_id, answer));
        }
    }

    fn deliver(&mut self, n: usize, letter: Letter) -> Result<(), Failure> {
        let random = &mut self.random;
        let machine = &mut self.devices[n].machine;
        match letter {
            Letter::Push(push_id, answer) => machine.answer_push(COURSE, push_id, answer),
            Letter::Pull(request, answer) => machine.answer_pull(&request, answer),
            Letter::Fetch(request, answer, contents) => {
                machine.answer_fetch(&request, &answer, &contents, &mut || random.id())
            }
        }
    }
}
