//! A forward chain beside those of Docker, and nothing comes through it.

use super::{Context, Example, Findings, Fix, Lint, decider, phrases, quote::quoted};
use crate::{
    analysis::{FamilyAnalysis, Stopped},
    knowledge::{manager_of_chain, manager_of_interface},
    model::{Address, ChainId, Hook, RuleId, Translation},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW804",
    name: "forward-drop-breaks-docker",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a forward chain drops what Docker accepts in another",
        zh: "一条转发链丢弃了 Docker 在另一条链中放行的数据包",
    },
    why: Text {
        en: "A packet must be accepted by every base chain of a hook. What Docker accepts in its own chains is still dropped by \
             yours: published ports do not answer, or containers reach nobody.",
        zh: "数据包必须被同一钩子上的每条基础链放行。Docker 在自己的链中放行的流量仍会被您的链丢弃：\
             已发布的端口无法访问，或容器无法访问外部。",
    },
    remedy: Text {
        en: "Accept what Docker has translated, and what containers send: `ct status dnat accept`, `iifname \"docker0\" accept`.",
        zh: "请放行 Docker 转换过的连接以及容器发出的流量：`ct status dnat accept`、`iifname \"docker0\" accept`。",
    },
    examples: &[Example {
        dialect: Dialect::Nft,
        settings: "",
        bad: "\
table ip nat {
	chain DOCKER {
		iifname != \"docker0\" tcp dport 47112 dnat to 172.17.0.2:47112
	}
	chain PREROUTING {
		type nat hook prerouting priority dstnat; policy accept;
		fib daddr type local jump DOCKER
	}
}
table ip filter {
	chain DOCKER {
		ip daddr 172.17.0.2 iifname != \"docker0\" oifname \"docker0\" tcp dport 47112 accept
	}
	chain FORWARD {
		type filter hook forward priority filter; policy drop;
		oifname \"docker0\" jump DOCKER
		iifname \"docker0\" accept
	}
}
table inet own {
	chain forward {
		type filter hook forward priority filter + 10; policy drop;
#~^ FW804
		ct state established,related accept
		iifname \"docker0\" accept
	}
}
",
        good: "\
table ip nat {
	chain DOCKER {
		iifname != \"docker0\" tcp dport 47112 dnat to 172.17.0.2:47112
	}
	chain PREROUTING {
		type nat hook prerouting priority dstnat; policy accept;
		fib daddr type local jump DOCKER
	}
}
table ip filter {
	chain DOCKER {
		ip daddr 172.17.0.2 iifname != \"docker0\" oifname \"docker0\" tcp dport 47112 accept
	}
	chain FORWARD {
		type filter hook forward priority filter; policy drop;
		oifname \"docker0\" jump DOCKER
		iifname \"docker0\" accept
	}
}
table inet own {
	chain forward {
		type filter hook forward priority filter + 10; policy drop;
		ct state established,related accept
		iifname \"docker0\" accept
		ct status dnat ip saddr 192.0.2.0/24 accept
	}
}
",
    }],
    check,
};

/// More ports and networks than these are not asked about.
const MOST_ASKED: usize = 8;

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let ruleset = cx.ruleset();
    let is_of_docker = |name: &str| manager_of_chain(name) == Some("Docker");
    let (own, others): (Vec<ChainId>, Vec<ChainId>) = ruleset
        .base_chains()
        .filter(|(_, _, base)| base.hook == Hook::Forward)
        .map(|(id, ..)| id)
        .partition(|id| {
            let table = ruleset.chain(*id).table;
            ruleset.chains.iter().any(|it| it.table == table && is_of_docker(&it.name))
        });
    if own.is_empty() || others.is_empty() {
        return;
    }
    let interfaces: Vec<&str> = ruleset
        .interfaces
        .iter()
        .filter(|it| !it.prefix && manager_of_interface(&it.name) == Some("Docker"))
        .map(|it| &*it.name)
        .take(MOST_ASKED)
        .collect();
    let mut told: Vec<ChainId> = Vec::new();
    for family in &cx.analysis.families {
        let Some((stopped, chain, message)) = broken(cx, family, &interfaces, &others) else {
            continue;
        };
        if told.contains(&chain) {
            continue;
        }
        told.push(chain);
        if let Some((_, finding)) = decider::stopped(cx, &LINT, &stopped, message) {
            findings.add(finding);
        }
    }
}

/// What of Docker one of `others` stops: a published port, or the containers themselves.
fn broken(
    cx: &Context<'_>,
    family: &FamilyAnalysis<'_>,
    interfaces: &[&str],
    others: &[ChainId],
) -> Option<(Stopped, ChainId, Message)> {
    let ruleset = cx.ruleset();
    let is_published = |(rule, _): &(RuleId, Translation)| {
        let chain = ruleset.rule(*rule).chain;
        ruleset.table_of(chain).family.sees(family.space.family)
            && manager_of_chain(&ruleset.chain(chain).name) == Some("Docker")
    };
    let published: Vec<(RuleId, Translation)> =
        cx.analysis.translations().filter(is_published).take(MOST_ASKED).collect();
    let name = |chain: ChainId| quoted(&ruleset.chain(chain).name);
    let is_other = |found: &(Stopped, ChainId)| others.contains(&found.1);
    for (rule, _) in &published {
        let on = |inside: &&str| cx.analysis.stopped_published(family, *rule, inside, others);
        let Some((stopped, chain)) = interfaces.iter().filter_map(on).find(is_other) else {
            continue;
        };
        let transport = phrases::transport(stopped.packet.protocol);
        let port = stopped.packet.destination.port.map_or_else(String::new, |it| format!("/{it}"));
        let message = Message {
            en: format!(
                "{} drops all packets for {transport}{port}, which Docker publishes",
                name(chain)
            ),
            zh: format!(
                "{} 丢弃了发往 Docker 所发布端口 {transport}{port} 的全部数据包",
                name(chain)
            ),
        };
        return Some((stopped, chain, message));
    }
    let [(low, high)] = ruleset.values(published.first()?.1.addresses?) else { return None };
    if low != high {
        return None;
    }
    let from = Address { family: family.space.family, bits: *low };
    let on = |inside: &&str| cx.analysis.stopped_from_inside(family, from, inside, others);
    let (stopped, chain) = interfaces.iter().filter_map(on).find(is_other)?;
    let message = Message {
        en: format!("{} drops all packets that containers send to others", name(chain)),
        zh: format!("{} 丢弃了容器向外发送的全部数据包", name(chain)),
    };
    Some((stopped, chain, message))
}
