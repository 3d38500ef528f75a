//! A network is written with the address of one of its hosts.

use super::{
    Context, Edit, Example, Finding, Findings, Fix, Lint, Place, Repair, nft_file, quote::quoted,
};
use crate::{
    model::{self, Address, Prefix},
    settings::{Persona, Severity},
    source::Span,
    syntax::{
        Dialect,
        iptables::{
            self, extensions,
            values::{self, Address as Written},
        },
        nft::{self, ExprKind},
    },
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW303",
    name: "host-bits-set",
    severity: Severity::Warning,
    fix: Fix::Safe,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a network is written with host bits, which the loader drops without a word",
        zh: "网段写成了主机地址，加载器会悄悄清除主机位",
    },
    why: Text {
        en: "`10.1.2.3/8` is all of 10.0.0.0/8. Whoever reads the rule sees one host, or guesses at a wrong length.",
        zh: "`10.1.2.3/8` 就是整个 10.0.0.0/8。读规则的人会以为只是一台主机，或怀疑前缀长度写错了。",
    },
    remedy: Text {
        en: "Write the network (`10.0.0.0/8`), or the host without a length if that is what you mean.",
        zh: "请写网段地址（`10.0.0.0/8`）；若只想匹配该主机，请去掉前缀长度。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [0:0]
-A INPUT -s 10.1.2.3/8 -p icmp -j ACCEPT
#~^ FW303
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -s 10.0.0.0/8 -p icmp -j ACCEPT
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
		ip saddr 10.1.2.3/8 icmp type echo-request accept
#~^ FW303
	}
}
",
            good: "\
table ip filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr 10.0.0.0/8 icmp type echo-request accept
	}
}
",
        },
    ],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    for input in cx.inputs {
        for (family, file) in input.parsed.iptables() {
            for option in &file.options {
                let text = input.source.slice(option.value);
                if !text.contains('/') || !is_address(option) {
                    continue;
                }
                let mut start = option.value.start;
                for part in text.split(',') {
                    let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
                    let span = Span::new(start, start.saturating_add(length));
                    start = span.end.saturating_add(1);
                    let written = values::address(part.trim_matches(['"', '\'']), family).ok();
                    if let Some(network) = written.and_then(masked) {
                        findings.add(finding(cx, Place { file: input.file, span }, network));
                    }
                }
            }
        }
    }
    for file in nft_file::all(cx) {
        for expression in &file.tree.expressions {
            let ExprKind::Prefix { base, length } = expression.kind else { continue };
            if let Some(network) = network(&file, base, length) {
                findings.add(finding(cx, file.place(expression.span), network));
            }
        }
    }
}

/// Whether an option takes networks.
fn is_address(option: &iptables::Opt) -> bool {
    let extension = extensions::ALL.get(usize::from(option.extension));
    let spec = extension.and_then(|it| it.options.get(usize::from(option.option)));
    spec.is_some_and(|it| {
        matches!(it.name, "source" | "destination" | "ctorigsrc" | "ctorigdst" | "ctreplsrc")
    })
}

/// The network that is meant, where more is written than its mask leaves.
fn masked(written: Written<'_>) -> Option<Prefix> {
    let (family, address, mask) = match written {
        Written::V4 { address, mask } => (model::Family::Ipv4, address.into(), mask.into()),
        Written::V6 { address, mask } => (model::Family::Ipv6, address, mask),
        Written::Name(_) => return None,
    };
    // A mask with holes has no length, and nobody writes one by mistake.
    let free: u128 = family.last_address() & !mask;
    if free & free.wrapping_add(1) != 0 {
        return None;
    }
    let length = u8::try_from(mask.count_ones()).ok()?;
    of(family, address, mask, length)
}

fn network(file: &nft_file::NftFile<'_>, base: nft::ExprId, length: u8) -> Option<Prefix> {
    let base = file.tree.expr(base);
    let (family, address, width): (_, u128, u32) = match base.kind {
        ExprKind::Ipv4(address) => (model::Family::Ipv4, address.to_bits().into(), 32),
        ExprKind::Ipv6 => {
            let address = nft::values::ipv6(file.text(base.span))?;
            (model::Family::Ipv6, address.to_bits(), 128)
        }
        _ => return None,
    };
    let free = 1_u128.checked_shl(width.checked_sub(length.into())?).map_or(u128::MAX, |it| it - 1);
    of(family, address, family.last_address() & !free, length)
}

fn of(family: model::Family, address: u128, mask: u128, length: u8) -> Option<Prefix> {
    const HOME: u128 = 0x7f00_0001;
    // Everybody writes the loopback's network so.
    let is_home = family == model::Family::Ipv4 && address == HOME && length == 8;
    let bits = address & mask;
    let prefix = Prefix { address: Address { family, bits }, length };
    (bits != address && !is_home).then_some(prefix)
}

fn finding(cx: &Context<'_>, place: Place, network: Prefix) -> Finding {
    let written = quoted(cx.text(place));
    let message = if network.length == 0 {
        Message {
            en: format!("{written} is every address"), zh: format!("{written} 表示所有地址")
        }
    } else {
        Message {
            en: format!("{written} is all of `{network}`"),
            zh: format!("{written} 表示整个 `{network}`"),
        }
    };
    let label = Message {
        en: "the loader drops the bits behind the mask".into(),
        zh: "加载器会清除掩码之外的位".into(),
    };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    Finding::new(&LINT, place, message, label).help(help).fixed_by(fixes(cx, place, network))
}

/// The network that the loader makes of it, and the host that may have been meant.
fn fixes(cx: &Context<'_>, place: Place, network: Prefix) -> Vec<Repair> {
    let text = cx.text(place);
    let inner = text.trim_matches(['"', '\'']);
    let Some((host, mask)) = inner.split_once('/') else { return Vec::new() };
    let (Some(quote), Ok(length)) = (text.find(inner), u32::try_from(inner.len())) else {
        return Vec::new();
    };
    let start = place.span.start + u32::try_from(quote).unwrap_or(0);
    let place = Place { span: Span::new(start, start + length), ..place };
    let whole = format!("{}/{mask}", network.address);
    let fix = |repair: fn(Message) -> Repair, title: Message, text: &str| {
        repair(title).edit(Edit::replace(place, text))
    };
    let network = Message { en: format!("write `{whole}`"), zh: format!("改写为 `{whole}`") };
    let only = Message {
        en: format!("match the one host: `{host}`"),
        zh: format!("只匹配该主机：`{host}`"),
    };
    vec![fix(Repair::safe, network, &whole), fix(Repair::risky, only, host)]
}
