//! Elements of a named set, or of a map, that share values.

use super::{Example, Fix, Lint, Repair, nft_file, quote::quoted, refusal};
use crate::{
    lower::Input,
    settings::{Persona, Severity},
    syntax::{Dialect, Error},
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW604",
    name: "set-interval-conflict",
    severity: Severity::Error,
    fix: Fix::Safe,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "two elements of a set or map share values",
        zh: "集合或映射的两个元素相互重叠",
    },
    why: Text {
        en: "A set with `flags interval` keeps its elements apart unless it says `auto-merge`, and a map always does: `nft` \
             refuses the file, and nothing of it is loaded.",
        zh: "带 `flags interval` 的集合若未写 `auto-merge`，元素不得重叠，映射的元素则一律不得重叠：\
             `nft` 会拒绝整个文件，什么都不会加载。",
    },
    remedy: Text {
        en: "Remove the element that the other one holds, or let the set merge them with `auto-merge`; in a map, split the \
             wider element around the narrower one.",
        zh: "请删除被另一元素包含的元素，或为集合加上 `auto-merge` 使其合并；在映射中，请把较宽的元素按较窄的元素拆开。",
    },
    examples: &[Example {
        dialect: Dialect::Nft,
        settings: "",
        bad: "\
table inet filter {
	set blocked {
		type ipv4_addr
		flags interval
		elements = { 10.0.0.0/8, 10.1.0.0/16 }
#~^ FW604
	}
}
",
        good: "\
table inet filter {
	set blocked {
		type ipv4_addr
		flags interval
		auto-merge
		elements = { 10.0.0.0/8, 10.1.0.0/16 }
	}
}
",
    }],
    check: |cx, findings| refusal::report_fixed(cx, findings, &LINT, fix),
};

/// A set is let merge its elements; those of a map say different things.
fn fix(input: &Input<'_>, error: &Error) -> Option<Repair> {
    let file = nft_file::of(input)?;
    let set = file.set_with(error.span).filter(|set| !set.is_map)?;
    let name = quoted(file.text(set.name));
    let title = Message {
        en: format!("write `auto-merge` in set {name}"),
        zh: format!("在集合 {name} 中写上 `auto-merge`"),
    };
    Some(Repair::loads(title).edit(file.said_in(set, "auto-merge")?))
}
