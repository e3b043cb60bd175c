//! The command line of `perennial plugin`.

use clap::{Args, Subcommand};
use jiff::civil::Date;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum PluginCommand {
    /// Begin a plugin: write a crate that builds, is tested and can be installed at once, with the SDK
    /// of this version beside it.
    New {
        /// The plugin's id: lower-case letters, digits and hyphens, starting with a letter.
        id: String,
        /// The folder to write, which is empty or does not exist [default: the id].
        #[arg(long, value_name = "DIR")]
        path: Option<PathBuf>,
    },
    /// Compile plugins into components.
    Build {
        /// The folder of a plugin, or of a workspace, whose plugins are all built.
        #[arg(default_value = ".")]
        path: PathBuf,
        /// The folder that the components are written to [default: the setting `plugins`].
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Make a plugin of a component that the tools of another language made: check it, and put its
    /// manifest, its texts and the version of its contract inside. The core module of a component, with
    /// its type inside, will do.
    Pack {
        /// The component, a .wasm file.
        file: PathBuf,
        /// The folder with `plugin.toml` and `locales/`.
        #[arg(long, value_name = "DIR", default_value = ".")]
        folder: PathBuf,
        /// The folder that the plugin is written to [default: the setting `plugins`].
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Build a plugin, and run its scenarios against the component in the real sandbox: each call twice,
    /// to see that it answers the same for the same work. Shows what differs from what is expected, and
    /// how much of each bound was used. Fails if a scenario does.
    Test {
        /// The folder of a plugin, or of a workspace, whose plugins are all tested.
        #[arg(default_value = ".")]
        path: PathBuf,
        /// Build nothing, and pack this component, which the tools of another language made.
        #[arg(long, value_name = "FILE")]
        component: Option<PathBuf>,
    },
    /// Make a publisher's key: write the private key to a file that only its owner can read, and
    /// print the public key, by which operators know the publisher. A plugin's id belongs to one key
    /// permanently, so keep the file safe.
    Key {
        /// The file to write, which must not be there.
        file: PathBuf,
    },
    /// Sign a component in its file, in place of the signature that it may have. Releases have to be
    /// signed, each version of a plugin by the same key.
    Sign {
        /// The component, a .wasm file.
        file: PathBuf,
        /// The file with the publisher's private key.
        #[arg(long, value_name = "KEYFILE")]
        key: PathBuf,
    },
    /// Check a component without installing it: by whom it is signed and what it may do, and, where
    /// the database has the plugin, what of that is new. `--json` prints its manifest as well. Of a
    /// folder, check the manifest, the texts and the scenarios of the plugins there, without compiling
    /// them.
    Check {
        /// The component, a .wasm file; or a plugin's crate, or a workspace with plugins.
        file: PathBuf,
    },
    /// Install components. No program changes: one that enables the plugin for the first time takes
    /// the newest approved release, and one that runs it is moved by `plugin upgrade`. A version that
    /// may do nothing more than an approved one of the same publisher is approved at once; any other
    /// waits for `plugin approve`. A version is immutable, unless it is a pre-release such as
    /// 1.1.0-dev.
    Install {
        /// The components, .wasm files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Also approve them, whatever they may do, as `plugin approve` does.
        #[arg(long)]
        approve: bool,
        /// Also move every program that enables the plugin, as `plugin upgrade --all` does.
        #[arg(long)]
        upgrade: bool,
    },
    /// Approve an installed version, so that programs can use it, and say what it may do. The first
    /// signed version that is approved makes the plugin its publisher's, permanently.
    Approve {
        /// The plugin's id.
        plugin: String,
        /// The version, one of those that `plugin list` shows.
        version: String,
    },
    /// Move programs to a newer version of a plugin. If it was quarantined, it goes on, and each event
    /// that it stands still over is tried again.
    Upgrade(UpgradeArgs),
    /// Move a program back to an older version of a plugin, whatever its file names. If it was
    /// quarantined, it goes on, and each event that it stands still over is tried again.
    Rollback {
        #[command(flatten)]
        of: PluginOf,
        /// The version [default: the one that the program came from].
        #[arg(long, value_name = "VERSION")]
        to: Option<String>,
    },
    /// List the plugins of a program: version, status, events handled and waiting, over how many
    /// members it stands still, and the fault if quarantined. Without a program: all versions that are
    /// installed, which of them wait for approval, and which program runs which.
    List {
        /// The program's slug.
        #[arg(long)]
        program: Option<String>,
    },
    /// Show a plugin in a program: its status, which versions wait for approval and what they may do,
    /// over which members it stands still and why, what was skipped for it, and what it keeps.
    Show(PluginOf),
    /// List what a plugin has handled, the newest event first: event, fuel, actions, log.
    Runs {
        #[command(flatten)]
        of: PluginOf,
        /// The most runs to show, at most 100.
        #[arg(long, default_value_t = 20)]
        first: u64,
    },
    /// List the calls of a plugin that are recorded, the newest first: run, what it was about, how it
    /// ended, fuel, actions or proposals. The program file says for how many days they are kept.
    Recordings {
        #[command(flatten)]
        of: PluginOf,
        /// The most calls to show, at most 100.
        #[arg(long, default_value_t = 20)]
        first: u64,
    },
    /// Make a recorded call again, with what the plugin was told and looked up then, and say what is not
    /// as it was. Nothing comes of it. Fails if something differs.
    Replay(ReplayArgs),
    /// Live through a program's recorded history with a plugin, in memory: what it would have given each
    /// member, by month and in total, beside what it gave. Nothing is written. Without `--component` it
    /// is the version that the program runs, which shows no difference.
    Backtest(BacktestArgs),
    /// Stop a plugin: it is asked nothing, and its events wait until it is resumed.
    Pause(PluginOf),
    /// Let a plugin go on that is quarantined or paused, and try again each event that it stands
    /// still over.
    Resume(PluginOf),
    /// Try an event again that a plugin stands still over, and then what waits behind it.
    Retry(PluginEventOf),
    /// Skip an event that a plugin stands still over, and go on with what waits behind it. The event
    /// is kept: `plugin redeliver` delivers it after all.
    Skip {
        #[command(flatten)]
        of: PluginEventOf,
        /// Why, for people.
        #[arg(long)]
        reason: String,
    },
    /// Deliver an event after all that was skipped.
    Redeliver(PluginEventOf),
    /// Have a plugin asked again about a purchase that it failed at, as `plugin show` prints them. What
    /// it proposes is added to what the purchase earned.
    Reappraise {
        #[command(flatten)]
        of: PluginOf,
        /// The shop's order number.
        #[arg(long)]
        purchase: String,
    },
    /// Take away, for good, what a plugin has left in a program whose file does not name it any more:
    /// what it keeps of members and records, its timers, and the events that wait for it. Records and
    /// what it has handled stay.
    Purge {
        #[command(flatten)]
        of: PluginOf,
        /// Do it. Without this the command says what there is.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct PluginOf {
    /// The plugin's id.
    pub(crate) plugin: String,
    /// The program's slug.
    #[arg(long)]
    pub(crate) program: String,
}

#[derive(Debug, Args)]
pub(crate) struct BacktestArgs {
    #[command(flatten)]
    pub(crate) of: PluginOf,
    /// Another version of the plugin, or a plugin that the program does not know yet: a .wasm file.
    #[arg(long, value_name = "FILE")]
    pub(crate) component: Option<PathBuf>,
    /// A program file with another configuration of the plugin [default: the file that is in force].
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Count from this day on, such as 2026-01-31. The plugin lives from the beginning all the same.
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<Date>,
    /// Count up to this day, included.
    #[arg(long, value_name = "DATE")]
    pub(crate) to: Option<Date>,
    /// Take the plugin to have been there from each member's beginning, and not since it was enabled.
    #[arg(long)]
    pub(crate) from_the_beginning: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// The run, as `plugin recordings` prints it, or a file that `--save` has written.
    pub(crate) run: String,
    /// The slug of the run's program; none for a file.
    #[arg(long)]
    pub(crate) program: Option<String>,
    /// Have this component make the call, a .wasm file, and not the one that was recorded: to see
    /// whether another version mends what failed.
    #[arg(long, value_name = "FILE")]
    pub(crate) component: Option<PathBuf>,
    /// Also write the recording to a file, which another machine can replay. It holds what the plugin
    /// was told of the member.
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct PluginEventOf {
    #[command(flatten)]
    pub(crate) of: PluginOf,
    /// The event's id, as `plugin show` prints it.
    #[arg(long)]
    pub(crate) event: String,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("where").required(true))]
pub(crate) struct UpgradeArgs {
    /// The plugin's id.
    pub(crate) plugin: String,
    /// The version, one of those that `plugin list` shows [default: the newest approved release;
    /// from a pre-release, the newest of all if no release is newer].
    pub(crate) version: Option<String>,
    /// The slug of the program to move.
    #[arg(long, group = "where")]
    pub(crate) program: Option<String>,
    /// Move every program that enables the plugin. One whose configuration does not fit stays where
    /// it is, and the others are moved.
    #[arg(long, group = "where")]
    pub(crate) all: bool,
    /// The same, of programs with a test clock alone.
    #[arg(long, group = "where")]
    pub(crate) sandboxes: bool,
}
