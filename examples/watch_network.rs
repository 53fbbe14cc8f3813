//! Prints the Osaurus servers of the local network as they come and go.

use std::time::{Duration, Instant};

use osaurus_discovery::network::{NetworkEvent, NetworkOptions, watch};

fn main() {
    let start = Instant::now();
    let seconds = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(5);
    let watcher = watch(&NetworkOptions::new(), move |event| {
        let at = start.elapsed();
        match event {
            NetworkEvent::Change(change) => println!("{at:?} {change:#?}"),
            NetworkEvent::Warning(error) => println!("{at:?} {error}"),
        }
    })
    .expect("a thread");
    std::thread::sleep(Duration::from_secs(seconds));
    watcher.close();
}
