//! The pages of `docs/` that are made from this executable: its settings, commands and metrics. Each
//! test keeps one true; `UPDATE_DOCS=1 cargo test --bin perennial` writes them.

use crate::cli::Cli;
use crate::{config, metrics};
use clap::{Arg, Command, CommandFactory};
use std::fmt::Write;
use std::path::Path;

const SETTINGS: &str = "# Settings

Defaults, then the settings file, then variables, then flags: a later one replaces an earlier one.
The settings file is `perennial.toml` in the working directory, or what `--config` names; an unknown key in it is refused with its line.
This page is made from the command line; a test keeps it true.

| key of the file | flag | variable | default | what it is |
| --- | --- | --- | --- | --- |
";

const ENDPOINTS: &str = "
`PERENNIAL_LOG` chooses what is logged, in the syntax of [tracing-subscriber's filters](https://docs.rs/tracing-subscriber/latest/tracing_subscriber/filter/struct.EnvFilter.html). Default: information from Perennial, warnings from libraries.

## What a server serves

| path | what |
| --- | --- |
| `/graphql` | the storefront schema; browsers of any origin may use it |
| `/admin/graphql` | the admin schema, for operators and back ends |
| `/graphql/schema.graphql`, `/admin/graphql/schema.graphql` | the schemas as SDL |
| `/livez` | `alive`, as long as the process answers |
| `/readyz` | 200 if the database answers and takes writes and the worker works; else 503 and why |
| `/metrics` | measurements for Prometheus, at `operations_listen` alone; `docs/metrics.md` lists them |

`/livez` and `/readyz` are at `listen` and at `operations_listen`. None of the three needs a token: keep them inside your network.
";

const COMMANDS: &str = "# Commands

What `perennial COMMAND --help` prints, without what every command takes: the flags of `docs/settings.md`, `--json` for a result that programs read, `--help` and `--version`.
Unless it says otherwise, a command exits with 0 when it did what it says, 1 when it was refused or failed, and 2 when the command line is wrong.
This page is made from the command line; a test keeps it true.
";

const METRICS: &str = "# Metrics

What `/metrics` shows, in the text format of Prometheus. `docs/operate/watch.md` says what to watch.
A test keeps this page true.

| name | kind | unit | labels | what it is |
| --- | --- | --- | --- | --- |
";

#[test]
fn the_settings_are_documented() {
    let command = built();
    let mut text = SETTINGS.to_owned();
    let keys = config::file_keys();
    let mut met = Vec::new();
    for arg in command.get_arguments().filter(|arg| arg.get_env().is_some()) {
        let id = arg.get_id().as_str().to_owned();
        let key = if keys.contains(&id) { format!("`{id}`") } else { String::new() };
        let flag = arg.get_long().unwrap_or_default();
        let variable = arg.get_env().unwrap_or_default().to_string_lossy();
        let (meaning, default) = meaning(arg);
        writeln!(text, "| {key} | `--{flag}` | `{variable}` | {default} | {meaning} |").unwrap();
        met.push(id);
    }
    let unmet: Vec<_> = keys.iter().filter(|key| !met.contains(key)).collect();
    assert!(unmet.is_empty(), "keys of the file without a flag: {unmet:?}");
    text.push_str(ENDPOINTS);
    compare("docs/settings.md", &text);
}

/// What an argument is, and its default apart.
fn meaning(arg: &Arg) -> (String, String) {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let (meaning, rest) = help.split_once(" [default: ").unwrap_or((&help, ""));
    let default = rest.split(']').next().unwrap_or_default();
    let default = if default.is_empty() { String::new() } else { format!("`{default}`") };
    let end = if meaning.ends_with(['.', '…']) { "" } else { "." };
    (format!("{meaning}{end}"), default)
}

#[test]
fn the_commands_are_documented() {
    let mut text = COMMANDS.to_owned();
    for command in built().get_subcommands_mut() {
        document(command, &mut text);
    }
    compare("docs/commands.md", &text);
}

fn document(command: &mut Command, text: &mut String) {
    if command.get_name() == "help" {
        return;
    }
    if command.get_subcommands().next().is_none() {
        let name = command.get_bin_name().unwrap_or_default().to_owned();
        let mut shown = command.clone().mut_args(|arg| {
            let is_everywhere =
                arg.is_global_set() || [Some("help"), Some("version")].contains(&arg.get_long());
            arg.hide(is_everywhere).hide_env_values(true)
        });
        let help = shown.render_long_help().to_string();
        let help: Vec<_> = help.lines().map(str::trim_end).collect();
        write!(text, "\n## `{name}`\n\n```text\n{}\n```\n", help.join("\n").trim_end()).unwrap();
        return;
    }
    for command in command.get_subcommands_mut() {
        document(command, text);
    }
}

#[test]
fn the_metrics_are_documented() {
    let text = metrics::rows().fold(METRICS.to_owned(), |text, row| text + &row);
    compare("docs/metrics.md", &text);
}

fn built() -> Command {
    let mut command = Cli::command();
    command.build();
    command
}

#[track_caller]
fn compare(path: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, text).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(found == text, "{path} is not so: UPDATE_DOCS=1 cargo test --bin perennial\n{text}");
}
