//! Translations.

use super::{Parser, Read, Sign, expression::Side};
use crate::syntax::nft::{
    error::Wanted,
    tree::{Family, Nat, NatFlags, NatKind, StatementKind, Tproxy},
};

impl Parser<'_> {
    // nat := ("dnat" | "snat" | "masquerade" | "redirect") (family? kind? "to")? (argument? (":" argument)?)? flags?
    pub(super) fn nat(&mut self) -> Read<StatementKind> {
        let kind = match self.expect(&["dnat", "snat", "masquerade", "redirect"])? {
            "dnat" => NatKind::Dnat,
            "snat" => NatKind::Snat,
            "masquerade" => NatKind::Masquerade,
            _ => NatKind::Redirect,
        };
        let mut nat =
            Nat { kind, family: None, address: None, port: None, flags: NatFlags::default() };
        let translates = matches!(kind, NatKind::Dnat | NatKind::Snat);
        if translates {
            nat.family = self.nat_family();
            nat.flags.0 |= self.nat_mapping()?;
        }
        let to = self.take("to");
        if !to && (nat.family.is_some() || nat.flags.0 != 0) {
            return Err(self.unexpected(Wanted::OneOf(&["to"])));
        }
        let flag = self.is("random") || self.is("fully-random") || self.is("persistent");
        let argument = !self.at_end() && !flag && !self.is("comment");
        if to || (translates && argument) {
            if !self.is_sign(Sign::Colon) {
                let argument = self.expression(Side::Argument)?;
                if kind == NatKind::Redirect {
                    nat.port = Some(argument);
                } else {
                    nat.address = Some(argument);
                }
            }
            if self.take_sign(Sign::Colon) {
                nat.port = Some(self.expression(Side::Argument)?);
            }
        } else if translates {
            return Err(self.unexpected(Wanted::OneOf(&["to"])));
        } else if self.take_sign(Sign::Colon) {
            nat.port = Some(self.expression(Side::Argument)?);
        }
        self.nat_flags(&mut nat)?;
        Ok(StatementKind::Nat(Box::new(nat)))
    }

    /// `ip` or `ip6`, unless it begins an expression (`dnat ip saddr map …`).
    fn nat_family(&mut self) -> Option<Family> {
        let next = self.second();
        let next = self.slice(next.span);
        matches!(next, "to" | "prefix" | "interval" | "addr").then(|| self.layer3()).flatten()
    }

    // mapping := "prefix" | "interval" | "addr" "." "port"
    fn nat_mapping(&mut self) -> Read<u8> {
        if self.take("prefix") {
            return Ok(NatFlags::PREFIX);
        }
        if self.take("interval") {
            return Ok(NatFlags::INTERVAL);
        }
        if self.take("addr") {
            self.expect_sign(Sign::Dot, &["."])?;
            self.expect(&["port"])?;
            return Ok(NatFlags::ADDRESS_AND_PORT);
        }
        Ok(0)
    }

    // flags := ("random" | "fully-random" | "persistent") ("," …)*
    fn nat_flags(&mut self, nat: &mut Nat) -> Read<()> {
        loop {
            nat.flags.0 |= match self.word() {
                "random" => NatFlags::RANDOM,
                "fully-random" => NatFlags::FULLY_RANDOM,
                "persistent" => NatFlags::PERSISTENT,
                _ => return Ok(()),
            };
            self.bump();
            if self.is_sign(Sign::Comma) {
                self.bump();
                let follows = matches!(self.word(), "random" | "fully-random" | "persistent");
                if !follows {
                    let wanted = Wanted::OneOf(&["random", "fully-random", "persistent"]);
                    return Err(self.unexpected(wanted));
                }
            }
        }
    }

    // tproxy := "tproxy" ("ip" | "ip6")? "to" argument? (":" argument)?
    pub(super) fn tproxy(&mut self) -> Read<StatementKind> {
        self.bump();
        let family = self.layer3();
        self.expect(&["to"])?;
        let mut tproxy = Tproxy { family, address: None, port: None };
        if !self.is_sign(Sign::Colon) {
            tproxy.address = Some(self.expression(Side::Argument)?);
        }
        if self.take_sign(Sign::Colon) {
            tproxy.port = Some(self.expression(Side::Argument)?);
        }
        Ok(StatementKind::Tproxy(tproxy))
    }
}
