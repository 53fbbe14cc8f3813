//! Watches the directories that decide what is published.

mod backend;
mod dir_watches;
mod path_walk;
mod rearm_limiter;
mod registry;
mod runtime_dir_watch;
mod shared_disk;

pub use dir_watches::DirWatches;
pub use rearm_limiter::RearmLimiter;
pub use runtime_dir_watch::{RuntimeDirWatch, WatchUpdate};
