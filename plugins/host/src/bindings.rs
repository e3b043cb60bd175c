//! What the contract in `sdk/wit` looks like from the host's side. Nothing outside `convert` and
//! `call` uses these types.

wasmtime::component::bindgen!({
    path: "../../sdk/wit",
    world: "plugin",
    imports: { default: trappable },
    exports: { default: async },
});

pub(crate) use exports::perennial::plugin::handler;
pub(crate) use perennial::plugin::{log, types};
