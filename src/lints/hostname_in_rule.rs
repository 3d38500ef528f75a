//! A name that is looked up while the rules are loaded.

use super::{Context, Example, Finding, Findings, Fix, Lint, Place, phrases, quote::quoted};
use crate::{
    model::Subject,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW403",
    name: "hostname-in-rule",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "loading the rules depends on a name server",
        zh: "规则能否加载取决于域名解析",
    },
    why: Text {
        en: "The loader looks the name up once. Where that fails, as at boot before the network is up, the whole file is \
             refused and the host has no rules; whoever answers decides which address the rule is for, and a later change \
             of the address goes unnoticed.",
        zh: "加载器只解析一次该名称。若解析失败（例如启动时网络尚未就绪），整个文件会被拒绝，主机便没有任何规则；\
             规则针对哪个地址由应答者决定，此后地址变更也不会被察觉。",
    },
    remedy: Text {
        en: "Write the address, or a set that a program keeps up to date.",
        zh: "请写明地址，或使用由程序更新的集合。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [0:0]
-A INPUT -s bastion.example -p icmp -j ACCEPT
#~^ FW403
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -s 192.0.2.7 -p icmp -j ACCEPT
COMMIT
",
        },
        Example {
            dialect: Dialect::Nft,
            settings: "",
            bad: "\
table ip filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr bastion.example icmp type echo-request accept
#~^ FW403
	}
}
",
            good: "\
table ip filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr 192.0.2.7 icmp type echo-request accept
	}
}
",
        },
    ],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    // The names of each file, and where the first of them stands.
    let mut files: Vec<(Place, Vec<&str>)> = Vec::new();
    for unknown in &cx.ruleset().unknown {
        let Subject::HostName(name) = &unknown.subject else { continue };
        // What every host has in its own table of hosts needs nobody to answer; and what no text says has no name.
        if is_own(name) || name.is_empty() {
            continue;
        }
        match files.iter_mut().find(|(first, _)| first.file == unknown.place.file) {
            Some((_, names)) if names.contains(&&**name) => {}
            Some((_, names)) => names.push(name),
            None => files.push((unknown.place, vec![name])),
        }
    }
    for (place, names) in files {
        findings.add(finding(place, &names));
    }
}

fn is_own(name: &str) -> bool {
    ["localhost", "ip6-localhost", "ip6-loopback", "localhost.localdomain"]
        .iter()
        .any(|own| name.eq_ignore_ascii_case(own))
}

fn finding(place: Place, names: &[&str]) -> Finding {
    const SHOWN: usize = 3;
    let mut shown: Vec<String> = names.iter().take(SHOWN).map(|it| quoted(it)).collect();
    let more = names.len().saturating_sub(SHOWN);
    let mut zh = shown.join("、");
    if more > 0 {
        zh = format!("{zh} 等 {} 个名称", names.len());
        shown.push(format!("{more} more"));
    }
    let (en, has) = (phrases::listed(&shown).en, if names.len() == 1 { "has" } else { "have" });
    let message = Message {
        en: format!(
            "{en} {has} to be looked up while this file is loaded; what the answer is, is not known here"
        ),
        zh: format!("加载本文件时须解析 {zh}；此处无从得知结果"),
    };
    let label = Message { en: "a name".into(), zh: "这是名称".into() };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    Finding::new(&LINT, place, message, label).help(help)
}
