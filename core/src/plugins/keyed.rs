//! Tables whose key leads with the plugin: for whoever names it, and for whoever has a member and not
//! the plugins.

use crate::db::row;

row! {
    pub(super) struct PluginName {
        pub(super) plugin_id: String,
    }
}

/// A select of the plugins that have a row in a table whose key leads with the program and the
/// plugin, by a probe of the index for each.
macro_rules! plugins_with {
    ($table:literal) => {
        concat!(
            "WITH RECURSIVE has(plugin_id) AS (
                SELECT (
                    SELECT i.plugin_id
                    FROM ",
            $table,
            " AS i
                    WHERE i.program_id = $1 AND i.plugin_id >= ''
                    ORDER BY i.plugin_id
                    LIMIT 1
                )
                UNION ALL
                SELECT (
                    SELECT i.plugin_id
                    FROM ",
            $table,
            " AS i
                    WHERE i.program_id = $1 AND i.plugin_id > has.plugin_id
                    ORDER BY i.plugin_id
                    LIMIT 1
                )
                FROM has
                WHERE has.plugin_id IS NOT NULL
            )
            SELECT plugin_id
            FROM has
            WHERE plugin_id IS NOT NULL"
        )
    };
}
pub(crate) use plugins_with;
