//! Lines that the operator sees beside the run, 50 of 1 KiB at most. In native tests they are kept for
//! [`testing::logged`](crate::testing::logged).

/// For the author of the plugin.
pub fn debug(message: impl AsRef<str>) {
    write(Level::Debug, message.as_ref());
}

/// For the curious.
pub fn info(message: impl AsRef<str>) {
    write(Level::Info, message.as_ref());
}

/// For whoever looks after the program.
pub fn warn(message: impl AsRef<str>) {
    write(Level::Warn, message.as_ref());
}

/// For whoever has to act.
pub fn error(message: impl AsRef<str>) {
    write(Level::Error, message.as_ref());
}

#[derive(Clone, Copy)]
enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

#[cfg(target_arch = "wasm32")]
fn write(level: Level, message: &str) {
    use crate::bindings::perennial::plugin::log;
    let level = match level {
        Level::Debug => log::Level::Debug,
        Level::Info => log::Level::Info,
        Level::Warn => log::Level::Warn,
        Level::Error => log::Level::Error,
    };
    log::log(level, message);
}

#[cfg(not(target_arch = "wasm32"))]
fn write(level: Level, message: &str) {
    let level = match level {
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    };
    crate::testing::keep(format!("{level}: {message}"));
}
