//! Elements of an anonymous set that another one holds already.

use super::{
    Context, Edit, Example, Finding, Findings, Fix, Label, Lint, Repair, nft_file, quote::quoted,
};
use crate::{
    settings::{Persona, Severity},
    source::Span,
    syntax::{Dialect, nft::Merged},
    words::{Message, Text},
};
use nft_file::NftFile;

pub(super) static LINT: Lint = Lint {
    code: "FW608",
    name: "anon-set-overlap",
    severity: Severity::Info,
    fix: Fix::Safe,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "two elements of an anonymous set share values",
        zh: "匿名集合的两个元素相互重叠",
    },
    why: Text {
        en: "`nft` merges them without a word, where it would refuse a named set: the narrower one does nothing, and was \
             often meant to be another address or port.",
        zh: "`nft` 会悄悄将其合并（若是具名集合则会拒绝）：较窄的元素不起作用，往往是写错了地址或端口。",
    },
    remedy: Text { en: "Remove the element, or correct it.", zh: "请删除或改正该元素。" },
    examples: &[Example {
        dialect: Dialect::Nft,
        settings: "",
        bad: "\
table inet filter {
	chain input {
		type filter hook input priority 0; policy drop;
		ip saddr { 10.0.0.0/8, 10.1.0.0/16 } icmp type echo-request accept
#~^ FW608
	}
}
",
        good: "\
table inet filter {
	chain input {
		type filter hook input priority 0; policy drop;
		ip saddr { 10.0.0.0/8, 172.16.0.0/12 } icmp type echo-request accept
	}
}
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    for file in nft_file::all(cx) {
        for merged in &file.tree.merged {
            findings.add(finding(&file, *merged));
        }
    }
}

fn finding(file: &NftFile<'_>, merged: Merged) -> Finding {
    let (element, other) = (quoted(file.text(merged.element)), quoted(file.text(merged.other)));
    let message = if merged.same {
        Message {
            en: format!("element {element} stands here twice"),
            zh: format!("元素 {element} 在此出现两次"),
        }
    } else if merged.inside {
        Message {
            en: format!("element {element} is a part of {other}"),
            zh: format!("元素 {element} 已包含在 {other} 中"),
        }
    } else {
        Message {
            en: format!("elements {element} and {other} overlap"),
            zh: format!("元素 {element} 与 {other} 重叠"),
        }
    };
    let label = Message { en: "merged without a word".into(), zh: "会被悄悄合并".into() };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    let mut finding = Finding::new(&LINT, file.place(merged.element), message, label).help(help);
    let text = Message { en: "shares values with it".into(), zh: "与之重叠".into() };
    finding.labels.push(Label { place: file.place(merged.other), text });
    finding.fixed_by(fix(file, merged))
}

/// The element that another one holds goes, with a comma; one that has a comment or a counter of its own stays.
fn fix(file: &NftFile<'_>, merged: Merged) -> Option<Repair> {
    let Span { start, end } = merged.element;
    let text = file.source.text();
    let behind = text.get(end as usize..)?;
    let next = behind.trim_ascii_start();
    let span = if let Some(rest) = next.strip_prefix(',') {
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        Span::new(start, end + u32::try_from(behind.len() - rest.len() + blanks).ok()?)
    } else if next.starts_with('}') {
        let before = text.get(..start as usize)?.trim_ascii_end().strip_suffix(',')?;
        Span::new(u32::try_from(before.len()).ok()?, end)
    } else {
        return None;
    };
    let element = quoted(file.text(merged.element));
    let title = Message { en: format!("remove {element}"), zh: format!("删除 {element}") };
    let edit = Edit::remove(file.source, file.place(span));
    (merged.same || merged.inside).then(|| Repair::safe(title).edit(edit))
}
