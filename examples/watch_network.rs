//! Prints the Osaurus servers of the local network as they come, change and go, until standard input ends.

use std::io;

use osaurus_discovery::network::{NetworkEvent, NetworkInstance, NetworkOptions, watch};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let watcher = watch(&NetworkOptions::new(), |event| match event {
        NetworkEvent::Change(change) => {
            change.added.iter().for_each(|instance| print("+", instance));
            change.updated.iter().for_each(|instance| print("~", instance));
            change.removed.iter().for_each(|instance| print("-", instance));
        }
        NetworkEvent::Warning(error) => println!("! {error}"),
    })?;
    io::copy(&mut io::stdin(), &mut io::sink())?;
    watcher.close();
    Ok(())
}

fn print(sign: &str, instance: &NetworkInstance) {
    let agents: Vec<_> = instance.agents.iter().map(|agent| &*agent.name).collect();
    println!("{sign} {} {} [{}]", instance.name, instance.url(), agents.join(", "));
}
