//! What the loader refuses again and again for one cause: shown a few times, then counted.

use crate::{lints::Finding, words::Message};
use std::collections::BTreeMap;

/// How often it is drawn.
const DRAWN: usize = 3;
/// The code of what a loader refuses.
const REFUSED: &str = "FW000";

/// How often each refusal of a file was met, and how often it is there.
pub(super) struct Repeats<'f>(BTreeMap<Cause<'f>, (usize, usize)>);

type Cause<'f> = (u32, &'f str);

/// What is done about one of them.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It is drawn.
    Drawn,
    /// It is drawn, and so many more like it are not.
    LastDrawn(usize),
    /// It was counted.
    Counted,
}

impl<'f> Repeats<'f> {
    pub(super) fn of(findings: &'f [Finding], fold: bool) -> Self {
        let mut all = BTreeMap::new();
        for cause in findings.iter().filter(|_| fold).filter_map(cause) {
            all.entry(cause).or_insert((0, 0)).1 += 1;
        }
        Self(all)
    }

    pub(super) fn next(&mut self, finding: &'f Finding) -> Turn {
        let known = cause(finding).and_then(|cause| self.0.get_mut(&cause));
        let Some((met, all)) = known else { return Turn::Drawn };
        *met += 1;
        match *met {
            DRAWN if *all > DRAWN => Turn::LastDrawn(*all - DRAWN),
            met if met > DRAWN => Turn::Counted,
            _ => Turn::Drawn,
        }
    }
}

fn cause(finding: &Finding) -> Option<Cause<'_>> {
    let is_refusal = finding.lint.code == REFUSED;
    is_refusal.then_some((finding.primary.place.file, finding.message.en.as_str()))
}

/// The sentence about those that are not drawn.
pub(super) fn more(count: usize) -> Message {
    Message {
        en: format!("{count} more like it in this file: -v shows them."),
        zh: format!("该文件中另有 {count} 处相同的问题未显示：-v 可显示。"),
    }
}
