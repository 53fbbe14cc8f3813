//! Can a panic be provoked here? Only in a build made to test what a panic does.

/// Panics when `OSAURUS_DISCOVERY_PANIC` names this place, in a build with the feature `deliberate-panic`.
///
/// In every other build it is nothing at all.
#[inline]
pub fn point(_place: &str) {
    #[cfg(feature = "deliberate-panic")]
    if std::env::var_os("OSAURUS_DISCOVERY_PANIC").is_some_and(|wanted| wanted == _place) {
        panic!("deliberate panic in {_place}");
    }
}
