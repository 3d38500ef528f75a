//! A match that is there for old files only.

use super::{
    Context, Edit, Example, Finding, Findings, Fix, Lint, Repair,
    iptables_file::{self, IptablesFile},
};
use crate::{
    settings::{Persona, Severity},
    syntax::{Dialect, iptables::Opt},
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW704",
    name: "deprecated-match",
    severity: Severity::Info,
    fix: Fix::Safe,
    persona: Persona::Strict,
    since: "0.1.0",
    summary: Text {
        en: "`-m state` is the old name of what `-m conntrack` does",
        zh: "`-m state` 是 `-m conntrack` 的旧名",
    },
    why: Text {
        en: "The kernel has had `-m state` as an alias for twenty years; it knows five states and nothing of addresses \
             before translation, and tools that translate rules drop it first.",
        zh: "内核二十年来只把 `-m state` 当作别名保留；它只认五种状态，看不到转换前的地址，转换规则的工具也最先放弃它。",
    },
    remedy: Text {
        en: "Write `-m conntrack --ctstate` in place of `-m state --state`; the states are the same.",
        zh: "请把 `-m state --state` 改为 `-m conntrack --ctstate`，各状态的含义相同。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT
#~^ FW704
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    for file in iptables_file::all(cx) {
        let options = file.tree.options.iter();
        let mut uses = options
            .filter(|option| iptables_file::extension(option).is_some_and(|it| it.name == "state"));
        let Some(first) = uses.next() else { continue };
        let message = Message {
            en: "`-m state` is an alias; the match is called `conntrack`".into(),
            zh: "`-m state` 只是别名；该匹配名为 `conntrack`".into(),
        };
        let label = match uses.count() {
            0 => Message { en: "write `--ctstate`".into(), zh: "请写作 `--ctstate`".into() },
            1 => Message {
                en: "write `--ctstate`, here and in one more place".into(),
                zh: "请写作 `--ctstate`，另有 1 处相同".into(),
            },
            more => Message {
                en: format!("write `--ctstate`, here and in {more} more places"),
                zh: format!("请写作 `--ctstate`，另有 {more} 处相同"),
            },
        };
        let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
        let place = file.place(first.name.to(first.value));
        let title = Message {
            en: "write `-m conntrack --ctstate`".into(),
            zh: "改写为 `-m conntrack --ctstate`".into(),
        };
        let words = file.tree.options.iter().filter_map(|option| newer(&file, option));
        let fix = Repair::safe(title).edits(words);
        findings.add(Finding::new(&LINT, place, message, label).help(help).fixed_by([fix]));
    }
}

/// What an option of the old match is written as today.
fn newer(file: &IptablesFile<'_>, option: &Opt) -> Option<Edit> {
    if iptables_file::extension(option).is_some_and(|it| it.name == "state") {
        return Some(Edit::replace(file.place(option.name), "--ctstate"));
    }
    let loads = file.source.slice(option.value) == "state"
        && matches!(file.source.slice(option.name), "-m" | "--match");
    loads.then(|| Edit::replace(file.place(option.value), "conntrack"))
}
