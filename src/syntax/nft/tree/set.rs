use super::{ExprId, Ids, ObjectKind};
use crate::{source::Span, syntax::nft::datatype::Datatype};

/// A set or map.
#[derive(Debug)]
pub struct Set {
    /// From `set` (or the verb) to the end of its block.
    pub span: Span,
    /// Its name; empty where it is named by its handle.
    pub name: Span,
    /// Whether it is a map.
    pub is_map: bool,
    /// From `{` to `}`, where there is a block.
    pub body: Option<Span>,
    /// After `type` or `typeof`, before the `:`.
    pub key: Option<KeyType>,
    /// After the `:`.
    pub data: Option<Data>,
    /// After `flags`.
    pub flags: SetFlags,
    /// From `flags` to the last of them, where the text says so.
    pub flags_span: Option<Span>,
    /// After `timeout`.
    pub timeout: Option<ExprId>,
    /// After `gc-interval`.
    pub gc_interval: Option<ExprId>,
    /// After `size`.
    pub size: Option<u64>,
    /// After `policy`.
    pub policy: Option<SetPolicy>,
    /// `auto-merge`.
    pub auto_merge: bool,
    /// What each `elements =` gives: a set or a variable.
    pub elements: Vec<ExprId>,
    /// The text of its comment.
    pub comment: Option<Span>,
    /// `counter`, `limit` and the like, for every element: statements of [`super::File::statements`].
    pub statements: Ids,
    /// Its handle, where it is named by that or a listing says so.
    pub handle: Option<u64>,
}

/// The type of a key or of data.
#[derive(Debug, Clone, PartialEq)]
pub enum KeyType {
    /// `type ipv4_addr . inet_service`.
    Types(Vec<TypePart>),
    /// `typeof ip saddr . tcp dport`.
    Typeof(ExprId),
}

/// One type's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypePart {
    /// The word.
    pub span: Span,
    /// The type.
    pub datatype: Datatype,
}

/// What a map gives.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// Values, and whether they may be ranges (`: interval ipv4_addr`).
    Value {
        /// Their type.
        of: KeyType,
        /// Whether `interval` is written.
        interval: bool,
    },
    /// `verdict`.
    Verdict,
    /// `counter`, `quota`, `limit`, `synproxy`, `secmark` and `ct helper`-like objects.
    Object(ObjectKind),
}

/// The words after `flags` in a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SetFlags(pub u8);

impl SetFlags {
    /// `constant`.
    pub const CONSTANT: u8 = 1;
    /// `interval`.
    pub const INTERVAL: u8 = 2;
    /// `timeout`.
    pub const TIMEOUT: u8 = 4;
    /// `dynamic`.
    pub const DYNAMIC: u8 = 8;

    /// Whether all of `flags` are among them.
    pub const fn contains(self, flags: u8) -> bool {
        self.0 & flags == flags
    }
}

/// What a set is built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SetPolicy {
    /// `performance`.
    Performance,
    /// `memory`.
    Memory,
}
