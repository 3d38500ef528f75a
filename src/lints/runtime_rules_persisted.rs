//! Rules that a program makes while it runs, in a file that is loaded before it.

use super::{
    Context, Example, Finding, Findings, Fix, Lint, Place, boot_file, iptables_file, phrases,
    quote::quoted,
};
use crate::{
    knowledge::{is_for_the_owner, manager_of_chain, manager_of_table},
    model::{Chain, ChainId},
    settings::{Persona, Severity},
    syntax::{Dialect, iptables},
    words::{Message, Text},
};
use rustc_hash::FxHashSet;

pub(super) static LINT: Lint = Lint {
    code: "FW413",
    name: "runtime-rules-persisted",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a file loaded at boot holds rules that a program makes while it runs",
        zh: "开机加载的文件含有程序在运行时生成的规则",
    },
    why: Text {
        en: "The addresses of containers and the hosts that are banned change with every start. What was saved opens ports to \
             whoever has the address now, bans who is long forgiven, and stands beside what the program makes anew.",
        zh: "容器的地址和被封禁的主机每次启动都会变化。保存下来的规则会把端口开放给现在占用该地址的一方，\
             封禁早已解禁的主机，并与程序重新生成的规则并存。",
    },
    remedy: Text {
        en: "Save your own rules only, and leave out the chains and tables of other programs: they make them again when they start.",
        zh: "请只保存自己的规则，去掉其他程序的链和表：它们启动时会自行重建。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [0:0]
:f2b-sshd - [0:0]
#~^ FW413
-A INPUT -p icmp -j f2b-sshd
-A f2b-sshd -s 192.0.2.7/32 -j REJECT --reject-with icmp-port-unreachable
-A f2b-sshd -j RETURN
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -i lo -j ACCEPT
COMMIT
",
        },
        Example {
            dialect: Dialect::Nft,
            settings: "",
            bad: "\
table ip f2b-table {
	set addr-set-sshd {
		type ipv4_addr
		elements = { 192.0.2.7 }
	}
	chain f2b-chain {
#~^ FW413
		type filter hook input priority filter - 1; policy accept;
		tcp dport 22 ip saddr @addr-set-sshd reject
	}
}
",
            good: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		iif \"lo\" accept
	}
}
",
        },
    ],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    // What programs have made, by the file that holds it.
    let mut files: Vec<Persisted> = Vec::new();
    let (ruleset, by_hand) = (cx.ruleset(), written_by_hand(cx));
    for (chain, id) in ruleset.chains.iter().zip(0..) {
        let Some(manager) = manager(cx, ChainId(id), chain) else { continue };
        let rules = u32::try_from(chain.rules.len()).unwrap_or(u32::MAX);
        if rules == 0
            || is_for_the_owner(&chain.name)
            || by_hand.contains(&(chain.place.file, &*chain.name))
        {
            continue;
        }
        let file = match files.iter_mut().find(|it| it.first.file == chain.place.file) {
            Some(known) => known,
            None if boot_file::is_one(cx, chain.place) => {
                files.push(Persisted { first: chain.place, managers: Vec::new(), rules: 0 });
                files.last_mut().expect("one was pushed")
            }
            None => continue,
        };
        file.rules += rules;
        if !file.managers.iter().any(|it| it == manager) {
            file.managers.push(manager.to_owned());
        }
    }
    for file in &files {
        findings.add(finding(cx, file));
    }
}

/// What programs have made in one file.
struct Persisted {
    first: Place,
    managers: Vec<String>,
    rules: u32,
}

fn manager(cx: &Context<'_>, id: ChainId, chain: &Chain) -> Option<&'static str> {
    let table = cx.ruleset().table_of(id);
    // A chain that no line declares is another's to make.
    let of_chain = manager_of_chain(&chain.name).filter(|_| chain.declared);
    of_chain.or_else(|| manager_of_table(&table.name))
}

/// The chains that rules are inserted into, by their file: no program prints that.
fn written_by_hand<'a>(cx: &Context<'a>) -> FxHashSet<(u32, &'a str)> {
    let files = iptables_file::all(cx);
    let inserted = files.flat_map(|file| {
        let rules = file.rules().filter(|rule| rule.place != iptables::Place::Append);
        rules.map(move |rule| (file.index, file.source.slice(rule.chain))).collect::<Vec<_>>()
    });
    inserted.collect()
}

fn finding(cx: &Context<'_>, file: &Persisted) -> Finding {
    let managers = phrases::listed(&file.managers);
    let count = phrases::grouped(file.rules.into());
    let (rules, are) = if file.rules == 1 { ("rule", "is") } else { ("rules", "are") };
    let message = Message {
        en: format!(
            "{count} {rules} that {} made while running {are} kept in a file loaded at boot",
            managers.en
        ),
        zh: format!("{} 运行时生成的 {count} 条规则被保存在开机加载的文件中", managers.zh),
    };
    let name = quoted(cx.text(file.first));
    let label = Message {
        en: format!("{name} is the first such chain"),
        zh: format!("{name} 是其中第一条链"),
    };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    Finding::new(&LINT, file.first, message, label).help(help)
}
