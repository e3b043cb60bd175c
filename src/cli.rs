//! The command line. `--help` is the manual: every command says what it does and what it needs.

use crate::config::Flags;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// A headless loyalty platform: members, a points ledger, tiers, referrals and a service network behind GraphQL.
#[derive(Debug, Parser)]
#[command(name = "perennial", version, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) flags: Flags,
    /// Write the log as JSON lines.
    #[arg(long, global = true, env = "PERENNIAL_LOG_JSON")]
    pub(crate) log_json: bool,
    /// Answer in JSON on standard output, for programs.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the API until interrupted.
    Serve(ServeArgs),
    /// Bring the database's tables up to this version.
    Migrate,
    /// Programs, written as TOML files.
    #[command(subcommand)]
    Program(ProgramCommand),
    /// Bring data in from files. Safe to repeat: what is there already stays as it is.
    #[command(subcommand)]
    Import(ImportCommand),
    /// Build, check and install plugins.
    #[command(subcommand)]
    Plugin(PluginCommand),
    /// Tokens for the API.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Write or check the GraphQL schemas that this binary serves.
    Schema(SchemaArgs),
    /// Load the demo programs, plugins and purchases. Safe to repeat.
    Demo(DemoArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Print tokens for this program at start. For trying things out: whoever sees the output may use them.
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) print_tokens: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProgramCommand {
    /// Make a program file the revision in force; creates the program at the first time.
    Apply {
        /// The program file, such as examples/programs/demo.toml.
        file: PathBuf,
    },
    /// Show how a program file differs from the revision in force.
    Diff { file: PathBuf },
    /// List the programs.
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// Purchases from CSV, NDJSON or columns apart by spaces. Rows that cannot be taken are written to FILE.errors.csv with
    /// line, column, code and reason; the others go in.
    Purchases(ImportPurchases),
    /// Service centers from a CSV file with a header.
    Centers {
        file: PathBuf,
        /// The program's slug.
        #[arg(long)]
        program: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ImportPurchases {
    pub(crate) file: PathBuf,
    /// The program's slug.
    #[arg(long)]
    pub(crate) program: String,
    /// Says what the columns mean; without it the file is CSV with the columns' names as header.
    #[arg(long, value_name = "FILE")]
    pub(crate) mapping: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PluginCommand {
    /// Compile plugins to components. Without a path, all bundled ones.
    Build {
        /// The folder of a plugin, or of a workspace with a `plugins` folder.
        #[arg(default_value = ".")]
        path: PathBuf,
        /// Where the components go; the setting `plugins` when absent.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Check a component and show its manifest, without installing it.
    Check { file: PathBuf },
    /// Install components for the whole platform; programs enable them in their files.
    Install {
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// How the plugins of a program fare.
    List {
        /// The program's slug.
        #[arg(long)]
        program: String,
    },
    /// Let a quarantined plugin go on with the event that met the fault.
    Resume {
        plugin: String,
        /// The program's slug.
        #[arg(long)]
        program: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Print a token, and nothing else, on standard output.
    Create(TokenArgs),
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("who").required(true))]
pub(crate) struct TokenArgs {
    /// Scopes of an operator's token: admin, read, members:write, purchases:write, rewards:redeem, directory:write.
    #[arg(long, value_delimiter = ',', group = "who")]
    pub(crate) scope: Vec<String>,
    /// The external id of the member whose token it is.
    #[arg(long, value_name = "EXTERNAL_ID", group = "who")]
    pub(crate) member: Option<String>,
    /// The program's slug.
    #[arg(long, default_value = "demo")]
    pub(crate) program: String,
    /// Whom an operator's token names in the ledger and the log.
    #[arg(long, default_value = "operator")]
    pub(crate) subject: String,
    /// Days until it expires.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=3650))]
    pub(crate) days: u16,
}

#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// Write both schemas into the source tree instead of printing one.
    #[arg(long, conflicts_with = "admin")]
    pub(crate) write: bool,
    /// Print the admin schema instead of the storefront's.
    #[arg(long)]
    pub(crate) admin: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// The folder with the demo's programs and data.
    #[arg(long, default_value = "examples")]
    pub(crate) examples: PathBuf,
}
