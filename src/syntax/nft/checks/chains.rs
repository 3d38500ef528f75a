//! Base chains: types, hooks, priorities, policies, devices.

use super::{Checker, context::Context};
use crate::syntax::nft::{
    error::ErrorKind,
    tree::{BaseChain, Chain, ChainType, ExprKind, Family, Hook, TableRef},
    values,
};

/// Connection tracking's own priority: translation must come after it.
const CONNTRACK: i32 = -200;

const INET: &[Hook] =
    &[Hook::Prerouting, Hook::Input, Hook::Forward, Hook::Output, Hook::Postrouting];
const INET_AND_INGRESS: &[Hook] =
    &[Hook::Ingress, Hook::Prerouting, Hook::Input, Hook::Forward, Hook::Output, Hook::Postrouting];

impl<'f> Checker<'f> {
    pub(super) fn chain(&mut self, table: TableRef, chain: &'f Chain, closed: bool) {
        let cx = self.context(table, self.slice(chain.name), closed);
        if let Some(base) = &chain.base {
            self.base(&cx, base);
        }
        if let Some(policy) = chain.policy
            && chain.base.is_none()
            && cx.base.is_none()
            && closed
            && !self.names.open
        {
            self.add(policy.span, ErrorKind::PolicyOnRegularChain);
        }
        for rule in self.file.rules(chain.rules) {
            if self.errors.is_full() {
                return;
            }
            self.rule(&cx, rule);
        }
    }

    fn base(&mut self, cx: &Context<'_>, base: &BaseChain) {
        let Some(hooks) = hooks(cx.family, base.chain_type) else {
            self.add(base.type_span, ErrorKind::WrongChainType { family: cx.family });
            return;
        };
        if !hooks.contains(&base.hook) {
            let kind =
                ErrorKind::WrongHook { chain_type: base.chain_type, family: cx.family, hooks };
            self.add(base.hook_span, kind);
            return;
        }
        if let Some(devices) = base.devices {
            if !matches!(base.hook, Hook::Ingress | Hook::Egress) {
                self.add(devices.span, ErrorKind::UnexpectedDevice);
            }
            for name in self.file.parts(devices.names) {
                let span = self.file.expr(*name).span;
                let text = values::unquoted(self.slice(span));
                if text.is_empty() || (text.len() > 15 && !text.starts_with('$')) {
                    let datatype = crate::syntax::nft::datatype::Datatype::IfName;
                    self.add(span, ErrorKind::BadValue { datatype });
                }
            }
        }
        self.priority(cx, base);
    }

    fn priority(&mut self, cx: &Context<'_>, base: &BaseChain) {
        let priority = base.priority;
        let mut number = Some(priority.offset);
        if let Some(id) = priority.base {
            let expr = self.file.expr(id);
            if expr.kind != ExprKind::Word {
                return;
            }
            let text = self.slice(expr.span);
            let names = priorities(cx.family);
            let Some((_, value, only)) = names.iter().find(|(name, ..)| *name == text) else {
                let suggestion = self.nearest(text, names.iter().map(|(name, ..)| *name));
                self.add(expr.span, ErrorKind::WrongPriority { suggestion });
                return;
            };
            if !only.is_empty() && !only.contains(&base.hook) {
                self.add(expr.span, ErrorKind::WrongPriority { suggestion: None });
                return;
            }
            number = value.checked_add(priority.offset);
        }
        if base.chain_type == ChainType::Nat && number.is_some_and(|number| number <= CONNTRACK) {
            self.add(priority.span, ErrorKind::WrongPriority { suggestion: None });
        }
    }
}

/// The hooks of a type of chain in a family; `None` where there is no such type.
fn hooks(family: Family, chain_type: ChainType) -> Option<&'static [Hook]> {
    let ip = matches!(family, Family::Ip | Family::Ip6 | Family::Inet);
    match chain_type {
        ChainType::Filter => Some(match family {
            Family::Inet => INET_AND_INGRESS,
            Family::Ip | Family::Ip6 | Family::Bridge => INET,
            Family::Arp => &[Hook::Input, Hook::Output],
            Family::Netdev => &[Hook::Ingress, Hook::Egress],
        }),
        ChainType::Nat if ip => {
            Some(&[Hook::Prerouting, Hook::Input, Hook::Output, Hook::Postrouting])
        }
        ChainType::Route if ip => Some(&[Hook::Output]),
        _ => None,
    }
}

/// The names of priorities, their numbers, and the hooks they are for where those are few.
fn priorities(family: Family) -> &'static [(&'static str, i32, &'static [Hook])] {
    match family {
        Family::Ip | Family::Ip6 | Family::Inet => &[
            ("raw", -300, &[]),
            ("mangle", -150, &[]),
            ("dstnat", -100, &[Hook::Prerouting, Hook::Output]),
            ("filter", 0, &[]),
            ("security", 50, &[]),
            ("srcnat", 100, &[Hook::Postrouting, Hook::Input]),
        ],
        Family::Bridge => &[
            ("dstnat", -300, &[Hook::Prerouting]),
            ("filter", -200, &[]),
            ("out", 100, &[Hook::Output]),
            ("srcnat", 300, &[Hook::Postrouting]),
        ],
        Family::Arp | Family::Netdev => &[("filter", 0, &[])],
    }
}
