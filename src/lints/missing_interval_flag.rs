//! Ranges and prefixes in a set that holds single values only.

use super::{Edit, Example, Fix, Lint, Repair, nft_file, quote::quoted, refusal};
use crate::{
    lower::Input,
    settings::{Persona, Severity},
    syntax::{Dialect, Error},
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW609",
    name: "missing-interval-flag",
    severity: Severity::Error,
    fix: Fix::Safe,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a set without `flags interval` holds a range or prefix",
        zh: "未写 `flags interval` 的集合含有范围或前缀",
    },
    why: Text {
        en: "A set is made for single values unless it says otherwise; `nft` refuses the file, and nothing of it is loaded.",
        zh: "集合若未另行说明，便只能存放单个值；`nft` 会拒绝整个文件，什么都不会加载。",
    },
    remedy: Text {
        en: "Write `flags interval` in the set.",
        zh: "请在集合中写上 `flags interval`。",
    },
    examples: &[Example {
        dialect: Dialect::Nft,
        settings: "",
        bad: "\
table inet filter {
	set blocked {
		type ipv4_addr
		elements = { 192.0.2.1, 198.51.100.0/24 }
#~^ FW609
	}
}
",
        good: "\
table inet filter {
	set blocked {
		type ipv4_addr
		flags interval
		elements = { 192.0.2.1, 198.51.100.0/24 }
	}
}
",
    }],
    check: |cx, findings| refusal::report_fixed(cx, findings, &LINT, fix),
};

/// The flag is written, behind those that the set has.
fn fix(input: &Input<'_>, error: &Error) -> Option<Repair> {
    let file = nft_file::of(input)?;
    let set = file.set_with(error.span)?;
    let edit = match set.flags_span {
        Some(flags) => Edit::after(file.place(flags), ",interval"),
        None => file.said_in(set, "flags interval")?,
    };
    let name = quoted(file.text(set.name));
    let title = Message {
        en: format!("write `flags interval` in {name}"),
        zh: format!("在 {name} 中写上 `flags interval`"),
    };
    Some(Repair::loads(title).edit(edit))
}
