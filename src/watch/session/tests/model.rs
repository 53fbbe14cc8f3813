//! Compares a session with a model through random events, faults and waits.

use super::simulation::Simulation;
use super::world::{Entry, Server, letters};
use super::*;
use crate::ErrorCode;

const STEPS: u32 = 50_000;

/// Numbers that follow from a seed (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % end
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn id(&mut self) -> char {
        char::from(b'a' + u8::try_from(self.below(6)).unwrap())
    }
}

fn step(simulation: &mut Simulation, random: &mut Random, updated: i64) {
    let world = &mut simulation.world;
    let id = random.id();
    match random.below(100) {
        0..25 => {
            world.entries.insert(id, Entry { starting: random.chance(15), updated });
        }
        25..35 => drop(world.entries.remove(&id)),
        35..55 => {
            let server = [Server::Up, Server::Up, Server::Down, Server::Hung]
                [usize::try_from(random.below(4)).unwrap()];
            world.servers.insert(id, server);
        }
        55..58 => world.failing_scans += 1,
        58..60 => world.failing_probes += 1,
        60..62 => world.degraded = !world.degraded,
        62..66 => simulation.subscribe(),
        66..72 if simulation.watchers.len() > 1 => simulation.unsubscribe(0),
        _ => {}
    }
    // A step that changed no file makes this an event of another one, which has to change nothing.
    if random.chance(60) {
        simulation.file_event();
    } else if random.chance(30) {
        simulation.lose_events();
    }
    if random.chance(40) {
        simulation.world.suspects().into_iter().for_each(|server| simulation.suspect(server));
    }
    if random.chance(70) {
        let longest = if random.chance(10) { 3_000 } else { 60 };
        simulation.wait(Duration::from_millis(random.below(longest)));
    }
}

/// Ends all faults, lets time pass and compares the events of every watcher with the world.
fn assert_settled(simulation: &mut Simulation, random: &mut Random, verify: bool, context: &str) {
    let world = &mut simulation.world;
    (world.failing_scans, world.failing_probes, world.degraded) = (0, 0, false);
    if random.chance(50) {
        // Nothing reports that a server hangs, until something is published.
        world
            .servers
            .values_mut()
            .filter(|server| **server == Server::Hung)
            .for_each(|server| *server = Server::Up);
    } else if let Some(entry) = world.entries.values_mut().find(|entry| !entry.starting) {
        entry.updated += 1;
    }
    simulation.lose_events();
    simulation.settle();
    simulation.file_event();
    simulation.settle();
    let world = &simulation.world;
    let mut expected = world.candidates();
    let published = !expected.is_empty();
    if verify {
        expected.retain(|candidate| {
            world.server(candidate.instance.instance_id.chars().next().unwrap()) == Server::Up
        });
    }
    let expected: Vec<_> = expected.into_iter().map(|candidate| candidate.instance).collect();
    let reason = match () {
        () if !expected.is_empty() => None,
        () if world.entries.values().any(|entry| entry.starting) => Some(ErrorCode::Starting),
        () if published => Some(ErrorCode::NotResponding),
        () => Some(ErrorCode::NotFound),
    };
    for watching in &simulation.watchers {
        let state = watching.state.as_deref().unwrap_or_else(|| panic!("no first state, {context}"));
        assert_eq!(letters(state), letters(&expected), "{context}");
        assert_eq!(state, expected, "{context}");
        assert_eq!(watching.reason, reason, "{context}");
    }
}

fn run(verify: bool) {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        u64::from(since.unwrap().subsec_nanos())
    });
    println!("SEED={seed}");
    let mut random = Random(seed);
    let mut simulation = Simulation::new(verify, None);
    simulation.subscribe();
    let mut quiet_periods = 0;
    for index in 0..STEPS {
        step(&mut simulation, &mut random, index.into());
        if random.chance(3) {
            assert_settled(&mut simulation, &mut random, verify, &format!("SEED={seed}, step {index}"));
            quiet_periods += 1;
        }
    }
    println!(
        "{quiet_periods} quiet periods, {} scans, {} probes",
        simulation.world.scans, simulation.world.probes
    );
}

#[test]
fn a_session_tells_what_the_files_say_after_any_events_and_faults() {
    run(false);
}

#[test]
fn a_verifying_session_tells_which_servers_answer_after_any_events_and_faults() {
    run(true);
}
