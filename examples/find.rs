//! Prints the URL of the running Osaurus: `cargo run --no-default-features --example find`.
//!
//! Takes the runtime directory as an optional argument: `… --example find -- /path/to/runtime`. Exits with code 0 and the
//! URL, or with code 1 if none is running.

use std::process::ExitCode;

use osaurus_discovery::{CancelToken, DiscoverOptions, ErrorCode, PROBE_TIMEOUT, latest};

/// Returns the URL of the running server, `None` if there is none, or a message for the user.
fn osaurus_url(options: &DiscoverOptions) -> Result<Option<String>, String> {
    match latest(options, &CancelToken::new()) {
        Ok(instance) => Ok(Some(instance.url)),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

fn main() -> ExitCode {
    let mut options = DiscoverOptions::new().verify(PROBE_TIMEOUT);
    if let Some(directory) = std::env::args_os().nth(1) {
        options = options.base_dir(directory);
    }
    match osaurus_url(&options) {
        Ok(Some(url)) => {
            println!("{url}");
            return ExitCode::SUCCESS;
        }
        Ok(None) => eprintln!("Osaurus is not running."),
        Err(message) => eprintln!("{message}"),
    }
    ExitCode::FAILURE
}
