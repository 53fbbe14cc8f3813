//! What does the linker need to know about the addon?

fn main() {
    #[cfg(feature = "node")]
    napi_build::setup();
}
