//! The one error of the core and the table of its codes. The public half (`code`, `message`,
//! `field`) goes to the caller as it is; the private half (`context`, `source`) goes to the log
//! only, by `detail`; `Display` shows the public half.

use sea_orm::DbErr;

/// Who has to act on an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The caller sent something wrong: change it.
    Caller,
    /// Nobody proved who they are.
    Unauthenticated,
    /// The caller may not do this.
    Forbidden,
    /// What was named does not exist, or is not visible to the caller.
    Missing,
    /// The request contradicts what is already recorded.
    Conflict,
    /// A limit was reached.
    Limit,
    /// Ours, passing: the same request may succeed later.
    Unavailable,
    /// Ours: a defect or a broken installation.
    Internal,
}

macro_rules! codes {
    ($($name:ident $text:literal $kind:ident $help:literal;)*) => {
        /// Every error code of the platform, in API, command line and plugin runs alike.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $(#[doc = $help] $name,)* }

        impl Code {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code as callers see it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            pub const fn kind(self) -> Kind {
                match self { $(Self::$name => Kind::$kind,)* }
            }

            /// What to do about it.
            pub const fn help(self) -> &'static str {
                match self { $(Self::$name => $help,)* }
            }
        }
    };
}

codes! {
    // code                  text                       kind             what to do
    InvalidInput             "INVALID_INPUT"            Caller           "Correct the named field and send the request again.";
    InvalidId                "INVALID_ID"               Caller           "Use an id that this API returned for the same kind of object.";
    InvalidCursor            "INVALID_CURSOR"           Caller           "Use a cursor that this API returned for the same list, or leave it out to begin anew.";
    InvalidAmount            "INVALID_AMOUNT"           Caller           "Send a decimal amount with no more digits than the currency has, zero or more.";
    Overflow                 "OVERFLOW"                 Caller           "Use a smaller number; points and minor units are signed 64-bit.";
    CurrencyMismatch         "CURRENCY_MISMATCH"        Caller           "Send amounts in the program's currency.";
    ProgramFileInvalid       "PROGRAM_FILE_INVALID"     Caller           "Correct the program file at the named places; nothing was changed.";
    ManifestInvalid          "MANIFEST_INVALID"         Caller           "Correct plugin.toml at the named line and build the plugin again.";
    ComponentInvalid         "COMPONENT_INVALID"        Caller           "Install a component made by `perennial plugin build` or `perennial plugin pack`.";
    ConfigInvalid            "CONFIG_INVALID"           Caller           "Correct the plugin's configuration in the program file.";
    RecordInvalid            "RECORD_INVALID"           Caller           "Send data that the record type's schema accepts.";
    FutureInstant            "FUTURE_INSTANT"           Caller           "Send the instant at which it happened, not later than now.";
    Unauthenticated          "UNAUTHENTICATED"          Unauthenticated  "Send `Authorization: Bearer` with a valid token.";
    Forbidden                "FORBIDDEN"                Forbidden        "Use a token with the needed scope.";
    ProgramNotFound          "PROGRAM_NOT_FOUND"        Missing          "Check the program's slug, or apply its program file first.";
    RevisionNotFound         "REVISION_NOT_FOUND"       Missing          "Use the number of a revision that `perennial program history` shows.";
    MemberNotFound           "MEMBER_NOT_FOUND"         Missing          "Check the id, or create the member first.";
    RewardNotFound           "REWARD_NOT_FOUND"         Missing          "Use a reward id of the program's current revision.";
    PointTypeNotFound        "POINT_TYPE_NOT_FOUND"     Missing          "Use `points`, or the id of one of the program's other types of points.";
    TransactionNotFound      "TRANSACTION_NOT_FOUND"    Missing          "Use the id of a transaction of this program.";
    PurchaseNotFound         "PURCHASE_NOT_FOUND"       Missing          "Use the id or the reference of a purchase that was recorded in this program.";
    MembershipNotFound       "MEMBERSHIP_NOT_FOUND"     Missing          "Name a person who belongs to the group; `people` of the group shows them.";
    LineNotFound             "LINE_NOT_FOUND"           Missing          "Use the position or the product of a line that the purchase has.";
    HoldNotFound             "HOLD_NOT_FOUND"           Missing          "Use the id of a hold of this program.";
    CardNotFound             "CARD_NOT_FOUND"           Missing          "Check the code or the id of the card; the code of a gift card has 16 characters or more.";
    ApprovalNotFound         "APPROVAL_NOT_FOUND"       Missing          "Use the id of a request that `approvals` of this program shows.";
    PluginNotFound           "PLUGIN_NOT_FOUND"         Missing          "Install the plugin and enable it in the program file.";
    RunNotFound              "RUN_NOT_FOUND"            Missing          "Use the id of a run that `perennial plugin recordings` prints, as long as the program keeps it.";
    EventNotParked           "EVENT_NOT_PARKED"         Missing          "Use the id of an event that the plugin's `parkedQueues` show.";
    EventNotSkipped          "EVENT_NOT_SKIPPED"        Missing          "Use the id of an event that the plugin's `deadLetters` show.";
    AppraisalNotMissed       "APPRAISAL_NOT_MISSED"     Missing          "Use the id of a purchase that the plugin's `missedAppraisals` show, and that is not ended.";
    RecordTypeUnknown        "RECORD_TYPE_UNKNOWN"      Missing          "Use a record type that an enabled plugin declares.";
    PluginEventUnknown       "PLUGIN_EVENT_UNKNOWN"     Missing          "Enable the plugin that raises the event beside the one that is subscribed to it, in a version that declares it.";
    TokenNotFound            "TOKEN_NOT_FOUND"          Missing          "Use the id of a token that the program's list of tokens shows.";
    ReferralCodeUnknown      "REFERRAL_CODE_UNKNOWN"    Missing          "Ask the referrer for the current code.";
    ExternalIdTaken          "EXTERNAL_ID_TAKEN"        Conflict         "Another object with other data has this external id; look it up, or choose another.";
    EmailTaken               "EMAIL_TAKEN"              Conflict         "Another member of the program has this e-mail address; look the member up, or use another address.";
    RevisionMoved            "REVISION_MOVED"           Conflict         "Nothing changed: somebody has applied another file meanwhile. Look at what it changed, and apply yours over it.";
    PluginEnabled            "PLUGIN_ENABLED"           Conflict         "Take the plugin out of the program file, apply the file, and purge it then.";
    RecordTypeTaken          "RECORD_TYPE_TAKEN"        Conflict         "Nothing changed. Leave one of the two plugins out of the program file, and purge what is left of it if it was enabled.";
    ReferenceReused          "REFERENCE_REUSED"         Conflict         "This reference was recorded with other data; use a new reference for a new purchase.";
    IdempotencyKeyReused     "IDEMPOTENCY_KEY_REUSED"   Conflict         "This key was used with other arguments; use a new key for a new request.";
    PluginPublisherDiffers   "PLUGIN_PUBLISHER_DIFFERS" Conflict         "Nothing was installed. Get the plugin from the publisher whose key is named, or have it published under another id: an id is one publisher's permanently.";
    PluginNotSigned          "PLUGIN_NOT_SIGNED"        Conflict         "Nothing was installed. Sign the component with `perennial plugin sign FILE --key KEYFILE`, or build it as a pre-release such as 1.1.0-dev while it is developed.";
    PluginNotApproved        "PLUGIN_NOT_APPROVED"      Conflict         "Nothing changed. Have an operator of the server read what the version may do and approve it: `perennial plugin approve ID VERSION`.";
    PluginVersionTaken       "PLUGIN_VERSION_TAKEN"     Conflict         "Raise the plugin's version, or use a pre-release such as 1.1.0-dev while you develop it.";
    InsufficientPoints       "INSUFFICIENT_POINTS"      Conflict         "Nothing was spent. Send it again when the balance suffices.";
    MayNotSpend              "MAY_NOT_SPEND"            Conflict         "Nothing was spent. Name one of the group's people who may spend its points, or let `changeMembership` allow it.";
    CapReached               "CAP_REACHED"              Conflict         "Nothing was given. The message names the cap and what is left of it; send it again when there is room.";
    MoreThanIsLeft           "MORE_THAN_IS_LEFT"        Conflict         "Nothing was returned. Return at most what is left of the purchase; the purchase shows it.";
    PendingEnded             "PENDING_ENDED"            Conflict         "Nothing can be done: the points were cancelled before they could be spent.";
    MemberErased             "MEMBER_ERASED"            Conflict         "The member's personal data is gone for good. Create a new member, who may have the same external id.";
    HoldEnded                "HOLD_ENDED"               Conflict         "Hold points anew: what this hold reserved was captured, released or its time was over.";
    ApprovalEnded            "APPROVAL_ENDED"           Conflict         "Ask anew with another idempotency key: this request was decided, or its time was over.";
    SecondOperatorNeeded     "SECOND_OPERATOR_NEEDED"   Conflict         "Let another operator decide: nobody approves what they asked for themselves.";
    CardCodeTaken            "CARD_CODE_TAKEN"          Conflict         "Nothing was issued. Use the code of another card, or leave it out to have one made.";
    CardBlocked              "CARD_BLOCKED"             Conflict         "Nothing was done. Unblock the card, or replace it.";
    CardReplaced             "CARD_REPLACED"            Conflict         "Nothing was done. Use the card that replaced it.";
    CardEnded                "CARD_ENDED"               Conflict         "Nothing was done. The card was claimed or refunded; what was claimed is in the member's balance.";
    CannotBeVoided           "CANNOT_BE_VOIDED"         Conflict         "Adjust the member's points instead: transactions of this kind are not voided, or what this one did was undone.";
    MembershipExists         "MEMBERSHIP_EXISTS"        Conflict         "Change the membership instead: the person belongs to the group already, on other terms. Since when it does can be put earlier, not later.";
    AccruesElsewhere         "ACCRUES_ELSEWHERE"        Conflict         "Nothing changed. Let the person accrue to the other group no longer, or join with the accrual `MEMBER`.";
    MemberMerged             "MEMBER_MERGED"            Conflict         "Name the member that it was merged into: the message has its id.";
    CannotBeMerged           "CANNOT_BE_MERGED"         Conflict         "Nothing was merged: the message says what stands in the way.";
    CannotBeUnmerged         "CANNOT_BE_UNMERGED"       Conflict         "Nothing was unmerged: the message says what stands in the way.";
    TransferNotAllowed       "TRANSFER_NOT_ALLOWED"     Conflict         "Nothing was transferred. `[transfers]` of the program file says whether members transfer points, and how many.";
    NotASandbox              "NOT_A_SANDBOX"            Conflict         "Only a program with `sandbox = true` has a test clock.";
    ClockMovesBack           "CLOCK_MOVES_BACK"         Conflict         "A test clock only moves forward; choose a later instant.";
    TooMany                  "TOO_MANY"                 Limit            "Send fewer items in one request.";
    QueryTooLarge            "QUERY_TOO_LARGE"          Limit            "Ask for less in one query.";
    Unavailable              "UNAVAILABLE"              Unavailable      "Send the same request again; with the same key it takes effect once.";
    ProgramUnusable          "PROGRAM_UNUSABLE"         Unavailable      "Report it to the operator: the server's log and /readyz say why, and applying a sound program file mends it.";
    DatabaseUnusable         "DATABASE_UNUSABLE"        Unavailable      "Correct the server's database URL, its role or the file that it names, and start again.";
    Internal                 "INTERNAL"                 Internal         "Report the request id to the operator.";
}

/// What went wrong, for the caller and, apart, for the log.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    code: Code,
    message: String,
    field: Option<String>,
    context: Option<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The core's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// `message` is public: say what happened in the caller's terms.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            message: message.into(),
            field: None,
            context: None,
            source: None,
        }))
    }

    /// A defect or a broken installation; `context` is for the log.
    pub fn internal(context: impl Into<String>) -> Self {
        let mut error = Self::new(Code::Internal, "something went wrong on our side");
        error.0.context = Some(context.into());
        error
    }

    /// Names the input field that is wrong, as a dotted path such as `lines.0.amount`.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        let field = field.into();
        self.0.field = Some(match self.0.field.take() {
            Some(inner) => format!("{field}.{inner}"),
            None => field,
        });
        self
    }

    #[must_use]
    pub fn caused_by(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The public half once more, for another who asked the same; the private half stays with the
    /// first.
    #[must_use]
    pub(crate) fn again(&self) -> Self {
        let mut error = Self::new(self.0.code, self.0.message.clone());
        error.0.field.clone_from(&self.0.field);
        error
    }

    /// Whether the caller can do nothing about it.
    pub(crate) fn is_ours(&self) -> bool {
        matches!(self.kind(), Kind::Unavailable | Kind::Internal)
    }

    pub fn code(&self) -> Code {
        self.0.code
    }

    pub fn kind(&self) -> Kind {
        self.0.code.kind()
    }

    pub fn message(&self) -> &str {
        &self.0.message
    }

    pub fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// Private: for the log, never for the caller.
    pub fn detail(&self) -> Option<String> {
        match (&self.0.context, &self.0.source) {
            (None, None) => None,
            (Some(context), None) => Some(context.clone()),
            (None, Some(source)) => Some(source.to_string()),
            (Some(context), Some(source)) => Some(format!("{context}: {source}")),
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0.field {
            Some(field) => write!(f, "{field}: {}", self.0.message),
            None => f.write_str(&self.0.message),
        }
    }
}

impl std::error::Error for Error {}

/// Database failures are ours. Busy, deadlock and lost connections are passing; a database that
/// does not let us in, or is none, is the operator's to mend; all else is a defect.
impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        let (code, message) = if crate::db::is_unusable(&error) {
            (Code::DatabaseUnusable, "the database that the server is set up with cannot be used")
        } else if let Some(why) = crate::db::passing(&error) {
            (Code::Unavailable, why)
        } else {
            (Code::Internal, "something went wrong on our side")
        };
        Self::new(code, message).caused_by(error)
    }
}
