//! Generated from `wit/plugin.wit`. Hidden, so that a new generator or a new version of the
//! contract changes nothing for plugins.

wit_bindgen::generate!({
    path: "wit",
    world: "plugin",
    pub_export_macro: true,
    default_bindings_module: "perennial_sdk::bindings",
});
