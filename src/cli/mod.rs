//! The command line. `--help` is the manual: every command says what it does and what it needs.

mod plugin;

pub(crate) use plugin::{
    BacktestArgs, PluginCommand, PluginEventOf, PluginOf, ReplayArgs, UpgradeArgs,
};

use crate::commands::seal_name;
use crate::config::Flags;
use crate::seal_keys;
use clap::{Args, Parser, Subcommand};
use perennial_core::verify::SealName;
use perennial_core::{MemberId, Timestamp};
use std::path::PathBuf;

/// A headless loyalty platform: members, a points ledger, tiers, referrals and a service network
/// behind GraphQL.
#[derive(Debug, Parser)]
#[command(name = "perennial", version, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) flags: Flags,
    /// Write the log as JSON lines.
    #[arg(long, global = true, env = "PERENNIAL_LOG_JSON")]
    pub(crate) log_json: bool,
    /// Print the result as JSON on standard output, for programs.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the API until interrupted (Ctrl-C or SIGTERM).
    Serve(ServeArgs),
    /// Update the database's tables to this version, and create the database if it is a file that
    /// is not there. `serve` and `demo` do so too; every other command refuses such a database.
    Migrate,
    /// Copy a whole installation into an empty database: SQLite or PostgreSQL, from either to
    /// either. Everything is copied or nothing, and compared before it counts.
    #[command(after_help = COPY)]
    Copy(CopyArgs),
    /// Export all that is kept about somebody, as the law asks for it.
    #[command(subcommand)]
    Export(ExportCommand),
    /// Verify what programs recorded: that nothing that was sealed was changed, that nothing is
    /// missing, and that balances, lots and statistics are what follows from it.
    #[command(after_help = VERIFY)]
    Verify(VerifyArgs),
    /// Compare balances and lots with what the ledger makes them.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Report what a program owes its members in points.
    #[command(subcommand)]
    Report(ReportCommand),
    /// Apply, compare and list programs, which are TOML files.
    #[command(subcommand)]
    Program(ProgramCommand),
    /// Import data from files. Safe to repeat: purchases, members and balances already recorded are
    /// not recorded again, and centers already there are replaced.
    #[command(subcommand)]
    Import(ImportCommand),
    /// Build, sign, check, install and approve plugins, and move programs from version to version.
    #[command(subcommand)]
    Plugin(PluginCommand),
    /// Create, list and revoke tokens for the API, and rotate the key that signs them.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Show what the server goes by when it says now, accept a machine's clock that it does not
    /// believe, and undo what a wrong clock has done.
    #[command(subcommand)]
    Clock(ClockCommand),
    /// Print or write the GraphQL schemas that this binary serves.
    Schema(SchemaArgs),
    /// Load the demo programs, plugins and purchases. Safe to repeat.
    Demo(DemoArgs),
}

/// What `copy` leaves to whoever calls it.
const COPY: &str = "What is written to the source after the copy began is not in it: to move, stop \
    the servers first. Copy the signing key (the setting `token_key`) as well, or tokens are no \
    longer valid.\n\n\
    A copy that was cut off leaves a target that no server starts on; the same command begins \
    again.\n\n\
    docs/operate/backup-and-restore.md tells the whole of it.";

/// What `verify` proves, and how it exits.
const VERIFY: &str = "It reads one snapshot, changes nothing, and may run beside servers. Of each check \
    it names the first row that is wrong: its table and key, what was expected and what was found.\n\n\
    Keep the last seal that it prints where nobody who can change the database can change it, and name \
    it the next time with --kept: then not even a chain that was made anew goes unnoticed.\n\n\
    Exit codes: 0 nothing is wrong; 1 something is wrong, or it could not be verified; 2 the command \
    line is wrong.\n\n\
    docs/operate/verify.md tells the whole of it.";

/// What an export is.
const EXPORT: &str = "The document is lines of JSON: a head, a line for each row, and a last line \
    that says how many rows there are; without that line it was cut off. It is one snapshot, and may \
    be made beside servers. It has no other member's data.\n\n\
    docs/privacy.md describes it.";

#[derive(Debug, Subcommand)]
pub(crate) enum ExportCommand {
    /// Export a member: profile, contacts, points, purchases, records, messages, events and all else.
    #[command(after_help = EXPORT)]
    Member(ExportMemberArgs),
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("who").required(true))]
pub(crate) struct ExportMemberArgs {
    /// The member's external id.
    #[arg(long, group = "who", value_name = "EXTERNAL_ID")]
    pub(crate) external_id: Option<String>,
    /// The member's id, as the API writes it.
    #[arg(long, group = "who", value_name = "ID")]
    pub(crate) id: Option<MemberId>,
    /// The program's slug.
    #[arg(long)]
    pub(crate) program: String,
    /// The file to write, which must not be there; only its owner can read it. Without it the
    /// document is printed.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The program's slug; all programs without it.
    #[arg(long)]
    pub(crate) program: Option<String>,
    /// A seal that an earlier run printed, which has to be there as it was.
    #[arg(long, value_name = "NUMBER:HASH", requires = "program", value_parser = seal_name)]
    pub(crate) kept: Option<SealName>,
    /// A public key that signed seals before the last rotations, or on another machine than this.
    /// Those of the setting `token_key` are known. Can be repeated.
    #[arg(long, value_name = "KEY", value_parser = seal_keys::trusted)]
    pub(crate) trust: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Compute wallets and lots from entries, lot uses and lot returns, and name each that is
    /// another. Nothing is written: a difference is for somebody to look at, and an adjustment
    /// corrects what a member has.
    Rebuild {
        /// Only compare, which is all that there is.
        #[arg(long, required = true)]
        check: bool,
        /// The program's slug; all programs without it.
        #[arg(long)]
        program: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// What the program owes: points that can be spent, are held or pending; month by month what was
    /// taken over, earned, adjusted, redeemed, returned and voided and what expired; and what will
    /// expire, and when. It reads one snapshot of the whole ledger and may run beside servers.
    Liability(LiabilityArgs),
}

#[derive(Debug, Args)]
pub(crate) struct LiabilityArgs {
    /// The program's slug.
    #[arg(long)]
    pub(crate) program: String,
    /// The id of a type of points in the program file; all types without it.
    #[arg(long)]
    pub(crate) point_type: Option<String>,
    /// How many months, 1 to 36; the last is the current one.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=36))]
    pub(crate) months: u16,
}

#[derive(Debug, Args)]
pub(crate) struct CopyArgs {
    /// The database to copy, with the tables of this version. It is only read, in one snapshot, and
    /// may be served meanwhile.
    #[arg(long, value_name = "URL", env = "PERENNIAL_COPY_FROM", hide_env_values = true)]
    pub(crate) from: String,
    /// The database to fill. It has no rows; a file that is not there is created, and so are the
    /// tables.
    #[arg(long, value_name = "URL", env = "PERENNIAL_COPY_TO", hide_env_values = true)]
    pub(crate) to: String,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Print an operator's and a member's token for this program at start, valid for 7 days. Only
    /// for trying things out: anyone who sees the output can use them.
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) print_tokens: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProgramCommand {
    /// Put a program file into force as a new revision. Creates the program the first time; an
    /// unchanged file changes nothing.
    Apply {
        /// The program file, such as examples/programs/demo.toml.
        file: PathBuf,
        /// A plugin of which the file may name an older version than the program runs. Can be
        /// repeated.
        #[arg(long, value_name = "PLUGIN")]
        rollback: Vec<String>,
        /// The revision that has to be in force, 0 for a program that there is not yet; if another is,
        /// nothing changes. Any may be if this is not given.
        #[arg(long, value_name = "REVISION")]
        expect: Option<u32>,
    },
    /// Show how a program file differs from the revision in force, and what would follow from applying it.
    Diff {
        /// The program file.
        file: PathBuf,
    },
    /// List the programs.
    List,
    /// List the revisions of a program, the newest first.
    History {
        /// The program's slug.
        program: String,
    },
    /// Print the file of a revision, as it was applied.
    Show {
        /// The program's slug.
        program: String,
        /// Which; the one in force if it is not given.
        #[arg(long)]
        revision: Option<u32>,
    },
    /// Put the file of an older revision into force again, as a new revision. What was booked by the
    /// revisions between keeps what it was booked by.
    Rollback {
        /// The program's slug.
        program: String,
        /// The number of the older revision.
        revision: u32,
        /// A plugin of which it may name an older version than the program runs. Can be repeated.
        #[arg(long, value_name = "PLUGIN")]
        rollback: Vec<String>,
        /// As for `perennial program apply`.
        #[arg(long, value_name = "REVISION")]
        expect: Option<u32>,
    },
}

/// What `import purchases`, `import members` and `import balances` say of rows that are refused, and
/// how they exit.
const ROWS: &str = "Rows that are refused are written to FILE.errors.csv (.ndjson, .txt) with their \
    own columns and line, column, code and reason: correct them there and import that file. All \
    others are imported.\n\n\
    Exit codes: 0 no row was refused; 3 some rows were refused; 1 every row was refused, or the \
    import stopped; 2 the command line is wrong.\n\n\
    docs/import.md describes mappings.";

#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// Import purchases from CSV, NDJSON or columns separated by spaces. Rows of one reference are
    /// one purchase with several lines, wherever they are in the file; it is recorded whole or not
    /// at all.
    ///
    /// Without a mapping, the file is CSV in UTF-8 with a header of `member`, `reference`, `date`,
    /// `amount` and, if wanted, `currency`, `sku`, `quantity`, `category`.
    #[command(after_help = ROWS)]
    Purchases(ImportFile),
    /// Import members from CSV, NDJSON or columns separated by spaces: people, and organizations
    /// with their contacts. Rows of one external id are one member, with a contact from each row.
    ///
    /// Without a mapping, the file is CSV in UTF-8 with a header of `external_id`, `name` and, if
    /// wanted, `kind` (person or organization), `email`, `locale`, `country`, `referral_code`,
    /// `contact_name`, `contact_role`, `contact_email`, `contact_locale`.
    #[command(after_help = ROWS)]
    Members(ImportFile),
    /// Import what members had in another system, from CSV, NDJSON or columns separated by spaces.
    /// Each row is one portion of a member's points, with the day on which it was earned and, if
    /// wanted, the day on which it expires; what is over already expires at once.
    ///
    /// Without a mapping, the file is CSV in UTF-8 with a header of `member`, `reference`, `points`,
    /// `earned_at` and, if wanted, `expires_at`, `point_type`, `counts_as_earned`, `reason`.
    #[command(after_help = ROWS)]
    Balances(ImportFile),
    /// Import service centers from a CSV file with a header. If a row is wrong, nothing is
    /// imported.
    Centers {
        /// The CSV file.
        file: PathBuf,
        /// The program's slug.
        #[arg(long)]
        program: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ImportFile {
    /// The file to import.
    pub(crate) file: PathBuf,
    /// The program's slug.
    #[arg(long)]
    pub(crate) program: String,
    /// A TOML file that says what the columns mean, how amounts and dates are written, and which
    /// encoding the file has.
    #[arg(long, value_name = "FILE")]
    pub(crate) mapping: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Print a token, and nothing else, on standard output. It is recorded that it was issued, not
    /// the token.
    Create(TokenArgs),
    /// List the tokens that were issued in a program, newest first.
    List {
        #[command(flatten)]
        holder: HolderArgs,
        /// The program's slug.
        #[arg(long)]
        program: String,
    },
    /// Revoke a token by its id, or everything that an operator or a member was issued until now,
    /// by this server or by another issuer. Every node refuses it within five seconds.
    Revoke(RevokeArgs),
    /// Replace the server's signing key. Servers that share the key file use the new key within
    /// seconds, and accept what the key before it signed until the next rotation.
    Rotate {
        /// Refuse what was signed before, such as after the key was disclosed.
        #[arg(long)]
        forget_previous: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClockCommand {
    /// Show the machine's clock, the server's clock and the instant that was recorded last, and
    /// whether the machine's clock is believed.
    Show,
    /// Accept what the clock of this machine says, however far it is from what the servers knew.
    /// All servers go by it within seconds, and what is due by then happens.
    Accept,
    /// Undo what a wrong clock has done in a program: give back points that expired before their
    /// time, withdraw messages about what has not happened yet, and set timers again that fired
    /// early. Set the clock right first. Safe to repeat, and to interrupt.
    Undo {
        /// The program's slug.
        #[arg(long)]
        program: String,
        /// Only what was recorded at this instant or later, such as 2026-11-22T10:00:00Z. A wrong
        /// clock recorded by itself.
        #[arg(long, value_name = "INSTANT")]
        since: Option<Timestamp>,
        /// Only what was recorded at this instant or earlier.
        #[arg(long, value_name = "INSTANT")]
        until: Option<Timestamp>,
        /// Say what would be undone, and undo nothing.
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct HolderArgs {
    /// Only tokens of this operator.
    #[arg(long, conflicts_with = "member")]
    pub(crate) subject: Option<String>,
    /// Only tokens of the member with this external id.
    #[arg(long, value_name = "EXTERNAL_ID")]
    pub(crate) member: Option<String>,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub(crate) struct RevokeArgs {
    /// The token's id, which `token list` shows.
    #[arg(group = "what")]
    pub(crate) id: Option<String>,
    /// The operator whose tokens are all revoked.
    #[arg(long, group = "what")]
    pub(crate) subject: Option<String>,
    /// The external id of the member whose tokens are all revoked.
    #[arg(long, value_name = "EXTERNAL_ID", group = "what")]
    pub(crate) member: Option<String>,
    /// The program's slug.
    #[arg(long)]
    pub(crate) program: String,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("who").required(true))]
pub(crate) struct TokenArgs {
    /// The scopes of an operator's token, separated by commas: admin, read, members:read,
    /// members:write, members:export, members:erase, purchases:write, rewards:redeem, points:spend,
    /// points:adjust, points:approve, cards:write, directory:write, tokens:revoke.
    #[arg(long, value_delimiter = ',', group = "who")]
    pub(crate) scope: Vec<String>,
    /// The external id of the member that the token is for.
    #[arg(long, value_name = "EXTERNAL_ID", group = "who")]
    pub(crate) member: Option<String>,
    /// The program's slug.
    #[arg(long)]
    pub(crate) program: String,
    /// The name of an operator's token in the ledger and the log.
    #[arg(long, default_value = "operator")]
    pub(crate) subject: String,
    /// Days until the token expires, at most 365.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=365))]
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
