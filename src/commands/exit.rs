/// The exit code of the process, the same in every format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Nothing at or above `--fail-on`.
    Clean,
    /// Findings.
    Findings,
    /// Something was not fully analysed, or there was nothing to look at.
    Incomplete,
    /// The command line or the settings cannot be followed.
    Usage,
    /// A defect of ours.
    Internal,
}

impl Exit {
    /// The number. The order of the variants is the precedence, which is not that of the numbers.
    pub const fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Incomplete => 3,
            Self::Usage => 2,
            Self::Internal => 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn the_highest_wins_in_the_order_4_2_3_1_0() {
        let mut all = [Exit::Internal, Exit::Clean, Exit::Usage, Exit::Findings, Exit::Incomplete];
        all.sort();
        assert_eq!(all.map(Exit::code), [0, 1, 3, 2, 4]);
    }
}
