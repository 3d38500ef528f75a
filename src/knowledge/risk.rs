//! The scales on which an entry is judged.

/// How bad it is that anybody can reach a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Risk {
    /// Usually meant: a web server, a VPN endpoint.
    Info,
    /// Hygiene: worth a line in a review.
    Low,
    /// Somebody should have decided this.
    Medium,
    /// Passwords, data or traffic are at stake.
    High,
    /// Whoever connects owns the machine or its data.
    Critical,
}

impl Risk {
    /// Every one of them, the mildest first.
    pub const ALL: [Risk; 5] = [Risk::Info, Risk::Low, Risk::Medium, Risk::High, Risk::Critical];

    /// Its word in TOML and JSON.
    pub const fn slug(self) -> &'static str {
        match self {
            Risk::Info => "info",
            Risk::Low => "low",
            Risk::Medium => "medium",
            Risk::High => "high",
            Risk::Critical => "critical",
        }
    }
}

/// How far a port number can be trusted to mean the service; lowered where unrelated services share the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// A hint: an old trojan table, a default that was not confirmed.
    Low,
    /// The usual default of one of several services.
    Medium,
    /// Registered, or universally used for it.
    High,
}

impl Confidence {
    /// Every one of them, the weakest first.
    pub const ALL: [Confidence; 3] = [Confidence::Low, Confidence::Medium, Confidence::High];

    /// Its word in TOML and JSON.
    pub const fn slug(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }
    }
}

/// How well an entry is founded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// The assignment and the risk were read in one of its references.
    A,
    /// A source reports exposed instances; the reasoning is common knowledge.
    B,
    /// Only the port was read in a source.
    C,
    /// Neither was read: shown in persona audit only.
    D,
}

impl Evidence {
    /// Every one of them, the best first.
    pub const ALL: [Evidence; 4] = [Evidence::A, Evidence::B, Evidence::C, Evidence::D];

    /// Its letter in TOML.
    pub const fn slug(self) -> &'static str {
        match self {
            Evidence::A => "A",
            Evidence::B => "B",
            Evidence::C => "C",
            Evidence::D => "D",
        }
    }
}

/// What became of a claim of the seed document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It holds.
    Ok,
    /// It does not hold.
    Wrong,
    /// Parts of it do not hold.
    PartlyWrong,
    /// It held once.
    Outdated,
    /// It holds, and leaves out what matters.
    Incomplete,
}

impl Verdict {
    /// Every one of them.
    pub const ALL: [Verdict; 5] =
        [Verdict::Ok, Verdict::Wrong, Verdict::PartlyWrong, Verdict::Outdated, Verdict::Incomplete];

    /// Its word in TOML.
    pub const fn slug(self) -> &'static str {
        match self {
            Verdict::Ok => "ok",
            Verdict::Wrong => "wrong",
            Verdict::PartlyWrong => "partly-wrong",
            Verdict::Outdated => "outdated",
            Verdict::Incomplete => "incomplete",
        }
    }
}
