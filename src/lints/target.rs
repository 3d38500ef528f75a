//! Where what is open is, as the lints about many ports say it, and what that leaves unknown.

use super::{Confidence, Context, phrases, quote::quoted, service};
use crate::{
    analysis::{Exposure, FamilyAnalysis, Reach, Target},
    packets::Ranges,
    words::Message,
};

/// The addresses or interfaces, as they stand beside what is open there.
pub(super) fn at(family: &FamilyAnalysis<'_>, target: &Target) -> Message {
    let addresses = phrases::some_ranges(family.space.family, &target.addresses);
    let names: Vec<String> = target.behind.iter().take(3).map(|it| quoted(it)).collect();
    let interfaces = phrases::listed(&names);
    let (en, zh) = match (&target.addresses[..], &target.behind[..]) {
        ([], []) => Default::default(),
        ([], [_, _, _, _, ..]) => (
            format!(" behind {} and others", interfaces.en),
            format!("{} 等接口之后的", interfaces.zh),
        ),
        ([], _) => (format!(" behind {}", interfaces.en), format!("{} 之后的", interfaces.zh)),
        _ => (format!(" of {}", addresses.en), format!("{} 的", addresses.zh)),
    };
    Message { en, zh }
}

/// What stands between a sender and what is open.
pub(super) struct Standing {
    /// How much it lowers a severity.
    pub(super) steps: u8,
    /// What must hold besides and nobody can tell.
    pub(super) depends_on: Vec<Message>,
}

impl Standing {
    /// `None` where the host has other addresses than those at which it is open.
    pub(super) fn of(
        cx: &Context<'_>,
        family: &FamilyAnalysis<'_>,
        reach: &Reach,
        target: &Target,
    ) -> Option<Self> {
        let mut depends_on: Vec<Message> = reach.depends_on.iter().map(phrases::subject).collect();
        if target.unclaimed {
            match is_own(cx, family, target) {
                Some(true) => {}
                Some(false) => return None,
                None => depends_on.push(whether_own(family, target)),
            }
        }
        let unknown = u8::from(reach.depends_on.is_empty() && !depends_on.is_empty());
        Some(Self { steps: service::steps(reach) + unknown, depends_on })
    }

    pub(super) fn confidence(&self, reach: &Reach, exposure: &Exposure) -> Confidence {
        if self.depends_on.is_empty() {
            service::reach_confidence(reach, exposure)
        } else {
            Confidence::Low
        }
    }
}

/// Whether one of the addresses is the host's own; `None` where these are not known.
fn is_own(cx: &Context<'_>, family: &FamilyAnalysis<'_>, target: &Target) -> Option<bool> {
    let of_family = |it: &&crate::model::Address| it.family == family.space.family;
    let own = || cx.host.iter().flat_map(|host| &host.addresses).filter(of_family);
    let addresses = Ranges::of(target.addresses.clone());
    own().next()?;
    Some(own().any(|it| addresses.contains(it.bits)))
}

fn whether_own(family: &FamilyAnalysis<'_>, target: &Target) -> Message {
    let addresses = phrases::some_ranges(family.space.family, &target.addresses);
    if let [(low, high)] = target.addresses[..]
        && low == high
    {
        return Message {
            en: format!("whether {} is an address of this host", addresses.en),
            zh: format!("{} 是否为本机地址", addresses.zh),
        };
    }
    Message {
        en: format!("whether this host has an address among {}", addresses.en),
        zh: format!("{} 之中是否有本机地址", addresses.zh),
    }
}
