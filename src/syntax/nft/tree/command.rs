use super::{DefinitionId, ExprId, Flowtable, Ids, Object, ObjectKind, Rule, Set};
use crate::source::{Span, Unseen};

/// A command and where it stands.
#[derive(Debug)]
pub struct Command {
    /// All of it, to the closing brace of a block.
    pub span: Span,
    /// What is done; [`Verb::Add`] where nothing is written.
    pub verb: Verb,
    /// To what.
    pub kind: CommandKind,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// `add`, or nothing: makes it unless it is there; appends a rule.
    Add,
    /// `create`: fails where it is there.
    Create,
    /// `insert`, of a rule.
    Insert,
    /// `replace`, of a rule.
    Replace,
    /// `delete`: fails where it is not there.
    Delete,
    /// `destroy`: `delete` where it is there.
    Destroy,
    /// `flush`: empties it.
    Flush,
    /// `rename`, of a chain.
    Rename,
    /// `list`.
    List,
    /// `get`, of elements.
    Get,
    /// `reset`: sets counters to zero.
    Reset,
    /// `import`, `export`, `monitor`, `describe`.
    Other,
}

/// What a command is about.
#[derive(Debug)]
pub enum CommandKind {
    /// `table inet filter { … }`, `add table …`, `delete table …`, `flush table …`.
    Table(Table),
    /// `add chain inet filter input { … }`. For `flush` the rules go.
    Chain {
        /// The table it is in.
        table: TableRef,
        /// The chain.
        chain: Chain,
    },
    /// `add rule`, `insert rule`, `replace rule`.
    Rule {
        /// The table it is in.
        table: TableRef,
        /// The chain it is in.
        chain: Span,
        /// Where in the chain.
        place: Option<Place>,
        /// The rule.
        rule: Rule,
    },
    /// `delete rule … handle 5`, `reset rule …`.
    RuleByPlace {
        /// The table it is in.
        table: TableRef,
        /// The chain it is in.
        chain: Span,
        /// Which rule.
        place: Option<Place>,
    },
    /// `add set …`, `add map …`; for other verbs without a body.
    Set {
        /// The table it is in.
        table: TableRef,
        /// The set or map.
        set: Box<Set>,
    },
    /// `add element inet filter blocked { 192.0.2.1 }`.
    Elements {
        /// The table the set is in.
        table: TableRef,
        /// The set's name.
        set: Span,
        /// A set or a variable.
        elements: ExprId,
    },
    /// `add flowtable …`; for other verbs without a body.
    Flowtable {
        /// The table it is in.
        table: TableRef,
        /// The flowtable.
        flowtable: Flowtable,
    },
    /// `add counter …` and the like; for other verbs without a body.
    Object {
        /// The table it is in.
        table: TableRef,
        /// The object.
        object: Object,
    },
    /// `rename chain filter old new`.
    Rename {
        /// The table it is in.
        table: TableRef,
        /// The chain as it was called.
        old: Span,
        /// Its new name.
        new: Span,
    },
    /// `flush ruleset inet`, `list tables`, `list counters table inet filter`, `delete table inet handle 3`.
    Broad {
        /// What sort of thing.
        subject: Subject,
        /// Of which family only.
        family: Option<Family>,
        /// Of which table only.
        table: Option<Span>,
        /// After `handle`.
        handle: Option<u64>,
    },
    /// `include "…"`: one of [`super::File::includes`].
    Include,
    /// `define`, `redefine`.
    Define(DefinitionId),
    /// `undefine name`.
    Undefine(Span),
    /// Nothing that changes the rules (`monitor`, `describe`, `export`).
    Other,
    /// Something that could not be read; an error says why.
    Wrong,
}

/// What `list`, `flush` and `reset` take by the dozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// `ruleset`.
    Ruleset,
    /// `table` by handle, or `tables`.
    Tables,
    /// `chain` by handle, or `chains`.
    Chains,
    /// `rules`.
    Rules,
    /// `set` by handle, or `sets`.
    Sets,
    /// `map` by handle, or `maps`.
    Maps,
    /// `meters`.
    Meters,
    /// `flowtable` by handle, or `flowtables`.
    Flowtables,
    /// `hooks`.
    Hooks,
    /// Objects of one sort.
    Objects(ObjectKind),
}

/// The address families.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// IPv4, and where nothing is written.
    Ip,
    /// IPv6.
    Ip6,
    /// Both.
    Inet,
    /// ARP.
    Arp,
    /// Frames that a bridge forwards.
    Bridge,
    /// Frames of one device.
    Netdev,
}

impl Family {
    /// Every family.
    pub const ALL: [Self; 6] =
        [Self::Ip, Self::Ip6, Self::Inet, Self::Arp, Self::Bridge, Self::Netdev];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ip => "ip",
            Self::Ip6 => "ip6",
            Self::Inet => "inet",
            Self::Arp => "arp",
            Self::Bridge => "bridge",
            Self::Netdev => "netdev",
        }
    }

    /// The family called `name`.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.name() == name)
    }
}

/// A table's name and family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableRef {
    /// [`Family::Ip`] where none is written.
    pub family: Family,
    /// The word, where one is written.
    pub family_span: Option<Span>,
    /// The name.
    pub name: Span,
}

/// A table.
#[derive(Debug)]
pub struct Table {
    /// Family and name.
    pub table: TableRef,
    /// From `{` to `}`, where there is a block.
    pub body: Option<Span>,
    /// The words after `flags`: `dormant`, `owner`, `persist`.
    pub flags: Vec<Span>,
    /// The text of its comment.
    pub comment: Option<Span>,
    /// What it holds, in order.
    pub items: Vec<Item>,
    /// Its handle, where a listing says so.
    pub handle: Option<u64>,
}

impl Table {
    /// One that holds nothing yet.
    pub(in crate::syntax::nft) fn of(table: TableRef) -> Self {
        let (flags, items) = (Vec::new(), Vec::new());
        Self { table, body: None, flags, comment: None, items, handle: None }
    }
}

/// Something in a table's block.
#[derive(Debug)]
pub enum Item {
    /// `chain input { … }`.
    Chain(Chain),
    /// `set`, `map`.
    Set(Box<Set>),
    /// `flowtable f { … }`.
    Flowtable(Flowtable),
    /// `counter`, `quota`, `limit`, `ct helper` and the like.
    Object(Object),
    /// `include "…"`: one of [`super::File::includes`].
    Include,
    /// `define`, `redefine`.
    Define(DefinitionId),
    /// `undefine name`.
    Undefine(Span),
}

/// `include "/etc/nftables.d/*.nft"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Include {
    /// All of it.
    pub span: Span,
    /// The path, without its quotes.
    pub path: Span,
    /// Whether all that it pulls in follows it.
    pub known: bool,
    /// Why nobody could tell what it pulls in; `None` also where an error says so.
    pub unseen: Option<Unseen>,
}

/// `define ports = { 22, 80 }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Definition {
    /// All of it.
    pub span: Span,
    /// `define` or `redefine`.
    pub kind: DefinitionKind,
    /// The variable.
    pub name: Span,
    /// Its value.
    pub value: ExprId,
}

/// How a variable gets its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DefinitionKind {
    /// `define`.
    Define,
    /// `redefine`.
    Redefine,
}

/// A chain.
#[derive(Debug)]
pub struct Chain {
    /// From `chain` (or the verb) to the end of its block.
    pub span: Span,
    /// Its name; empty where it is named by its handle.
    pub name: Span,
    /// From `{` to `}`, where there is a block.
    pub body: Option<Span>,
    /// `type filter hook input priority 0`, where it is a base chain.
    pub base: Option<Box<BaseChain>>,
    /// `policy drop`.
    pub policy: Option<Policy>,
    /// `flags offload`.
    pub offload: bool,
    /// The text of its comment.
    pub comment: Option<Span>,
    /// Its rules: a range of [`super::File::rules`].
    pub rules: Ids,
    /// Its handle, where it is named by that or a listing says so.
    pub handle: Option<u64>,
}

/// What makes a chain a base chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BaseChain {
    /// From `type` to the priority.
    pub span: Span,
    /// After `type`.
    pub chain_type: ChainType,
    /// The word after `type`.
    pub type_span: Span,
    /// After `hook`.
    pub hook: Hook,
    /// The word after `hook`.
    pub hook_span: Span,
    /// After `device` or `devices`.
    pub devices: Option<Devices>,
    /// After `priority`.
    pub priority: Priority,
}

/// `device "eth0"`, `devices = { eth0, $dmz }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Devices {
    /// All of it.
    pub span: Span,
    /// Words, strings and variables: a range of [`super::File::parts`].
    pub names: Ids,
}

/// The types of base chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChainType {
    /// `filter`.
    Filter,
    /// `nat`: sees the first packet of each flow.
    Nat,
    /// `route`: looks the route up again where the packet changed.
    Route,
}

/// Where base chains hang.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hook {
    /// As a device receives it.
    Ingress,
    /// Before routing.
    Prerouting,
    /// To this host.
    Input,
    /// Through this host.
    Forward,
    /// From this host.
    Output,
    /// After routing.
    Postrouting,
    /// As a device sends it.
    Egress,
}

impl Hook {
    /// Every hook.
    pub const ALL: [Self; 7] = [
        Self::Ingress,
        Self::Prerouting,
        Self::Input,
        Self::Forward,
        Self::Output,
        Self::Postrouting,
        Self::Egress,
    ];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Prerouting => "prerouting",
            Self::Input => "input",
            Self::Forward => "forward",
            Self::Output => "output",
            Self::Postrouting => "postrouting",
            Self::Egress => "egress",
        }
    }

    /// The hook called `name`.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hook| hook.name() == name)
    }
}

/// `priority filter - 10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Priority {
    /// After the word `priority`.
    pub span: Span,
    /// `filter`, `dstnat` or a variable; `None` where it is a plain number.
    pub base: Option<ExprId>,
    /// The number, or what is added to the name's.
    pub offset: i32,
}

/// `policy drop`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// The word after `policy`.
    pub span: Span,
    /// What it says.
    pub kind: PolicyKind,
}

/// What becomes of a packet that no rule decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyKind {
    /// `accept`.
    Accept,
    /// `drop`.
    Drop,
    /// As a variable says.
    Variable(ExprId),
}

/// Where a rule goes, or which it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// `handle 5`, and the old `position 5`.
    Handle(u64),
    /// `index 5`, from 0.
    Index(u64),
}
