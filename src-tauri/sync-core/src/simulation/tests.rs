use super::Mutant;
use super::world::{Numbers, World};

fn run(seed: u64, mutant: Mutant, restores: bool) -> Result<Numbers, String> {
    let mut world = World::new(seed, mutant, restores);
    world.run().map_err(|failure| format!("seed {seed} restores {restores}: {failure}"))?;
    Ok(world.numbers)
}

#[test]
fn nothing_is_lost_in_two_hundred_schedules() {
    for seed in 1..=200 {
        run(seed, Mutant::default(), seed % 2 == 1).unwrap();
    }
}

#[test]
fn try_seeds() {
    let Some(from) = std::env::var("SEED").ok().and_then(|text| text.parse().ok()) else { return };
    let count: u64 = std::env::var("COUNT").ok().and_then(|text| text.parse().ok()).unwrap_or(200);
    let restores: Option<bool> = std::env::var("RESTORES").ok().map(|text| text == "1");
    let mut failures = 0;
    let start = std::time::Instant::now();
    for seed in from..from + count {
        let outcome = std::panic::catch_unwind(|| run(seed, Mutant::default(), restores.unwrap_or(seed % 2 == 1)));
        match outcome {
            Ok(Ok(_)) => {}
            Ok(Err(failure)) => {
                failures += 1;
                if failures < 12 {
                    println!("{}", &failure[..failure.len().min(1500)]);
                }
            }
            Err(_) => {
                failures += 1;
                println!("seed {seed}: panic");
            }
        }
    }
    println!("{failures} of {count} in {:?}", start.elapsed());
}
