use super::Place;

/// A point on a packet's way where base chains are called (`enum nf_inet_hooks`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hook {
    /// As a device receives it.
    Ingress,
    /// On arrival, before routing.
    Prerouting,
    /// For this host.
    Input,
    /// Through this host.
    Forward,
    /// From this host.
    Output,
    /// On the way out, after routing.
    Postrouting,
    /// As a device sends it.
    Egress,
}

impl Hook {
    /// The keyword of nft.
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
}

/// What the chains of a base chain's kind may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChainKind {
    /// Decides.
    Filter,
    /// Rewrites addresses; consulted for the first packet of a flow.
    Nat,
}

/// What a base chain does with packets that no rule decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Policy {
    /// Lets them on.
    Accept,
    /// Throws them away.
    Drop,
    /// The input does not say (`*filter` without an `:INPUT` line keeps what is loaded).
    Unknown,
}

/// A chain that the kernel calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Base {
    /// Where.
    pub hook: Hook,
    /// When among the chains of that hook: the lowest first (`enum nf_ip_hook_priorities`).
    pub priority: i32,
    /// What it may do.
    pub kind: ChainKind,
    /// What becomes of undecided packets.
    pub policy: Policy,
    /// Where the policy is written.
    pub policy_place: Option<Place>,
    /// The only devices whose packets it sees: a range of [`super::Ruleset::devices`].
    pub devices: Option<(u32, u32)>,
}

impl Base {
    /// When it is called among the chains of its hook. Those of kind `nat` are called together, at a priority that the
    /// kernel gives them (`nf_nat_ipv4_ops`): their own is for their order among themselves.
    pub const fn called_at(&self) -> i32 {
        match (self.kind, self.hook) {
            (ChainKind::Nat, Hook::Prerouting | Hook::Output) => -100,
            (ChainKind::Nat, Hook::Input | Hook::Postrouting) => 100,
            _ => self.priority,
        }
    }
}
