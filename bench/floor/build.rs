//! What does the linker need to know about an addon?

fn main() {
    napi_build::setup();
}
