//! Passes the linker what an addon needs.

fn main() {
    #[cfg(feature = "node")]
    napi_build::setup();
}
