//! The step that changes the plugin in the program.

use crate::Change;
use serde_json::Value;

/// What `change` names, with what goes with it. Fails with what does not fit.
pub(super) fn change(
    name: &str,
    config: Option<Value>,
    from: Option<String>,
) -> Result<Change, String> {
    let needs = |key: &str| format!("`change = \"{name}\"` needs `{key}`");
    if config.is_some() && name != "configured" {
        return Err("`config` goes with `change = \"configured\"`".to_owned());
    }
    if from.is_some() && !matches!(name, "upgraded" | "rolled-back") {
        return Err("`from` goes with `change = \"upgraded\"` and `\"rolled-back\"`".to_owned());
    }
    Ok(match name {
        "left-out" => Change::LeftOut,
        "purged" => Change::Purged,
        "enabled" => Change::Enabled,
        "configured" => Change::Configured(config.ok_or_else(|| needs("config"))?),
        "upgraded" => Change::UpgradedFrom(from.ok_or_else(|| needs("from"))?),
        "rolled-back" => Change::RolledBackFrom(from.ok_or_else(|| needs("from"))?),
        other => {
            return Err(format!(
                "there is no change `{other}`; known are left-out, purged, enabled, configured, \
                 upgraded, rolled-back"
            ));
        }
    })
}

/// As a step names it.
pub(super) const fn name(change: &Change) -> &'static str {
    match change {
        Change::LeftOut => "left-out",
        Change::Purged => "purged",
        Change::Enabled => "enabled",
        Change::Configured(_) => "configured",
        Change::UpgradedFrom(_) => "upgraded",
        Change::RolledBackFrom(_) => "rolled-back",
    }
}
