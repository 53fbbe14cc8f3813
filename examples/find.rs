//! Where does Osaurus listen? For command lines and desktop apps in Rust: `cargo run --no-default-features --example find`
//!
//! A folder may be named: `… --example find -- /path/to/runtime`. Exit code 0 with the URL, 1 where there is none.

use std::process::ExitCode;

use osaurus_discovery::{CancelToken, DiscoverOptions, ErrorCode, PROBE_TIMEOUT, latest};

/// What an app asks for: the URL of the server that is alive, none where there is none, or words for the user.
fn osaurus_url(options: &DiscoverOptions) -> Result<Option<String>, String> {
    match latest(options, &CancelToken::new()) {
        Ok(instance) => Ok(Some(instance.url)),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

fn main() -> ExitCode {
    let mut options = DiscoverOptions::new().verify(PROBE_TIMEOUT);
    if let Some(folder) = std::env::args_os().nth(1) {
        options = options.base_dir(folder);
    }
    match osaurus_url(&options) {
        Ok(Some(url)) => {
            println!("{url}");
            return ExitCode::SUCCESS;
        }
        Ok(None) => eprintln!("No Osaurus runs here."),
        Err(words) => eprintln!("{words}"),
    }
    ExitCode::FAILURE
}
