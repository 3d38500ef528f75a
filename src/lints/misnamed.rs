//! What lints about ports before and after a translation share.

use super::{Context, Finding, Label, Lint, Place};
use crate::{analysis::Misnamed, words::Message};

/// Whether the rule stands in the chain that Docker leaves to its users.
pub(super) fn is_of_docker_user(cx: &Context<'_>, misnamed: &Misnamed) -> bool {
    let chain = cx.ruleset().rule(misnamed.rule).chain;
    cx.ruleset().chain(chain).name == "DOCKER-USER"
}

/// A finding at the words that name the port.
pub(super) fn finding(cx: &Context<'_>, lint: &'static Lint, misnamed: &Misnamed) -> Finding {
    let ruleset = cx.ruleset();
    let rule = ruleset.rule(misnamed.rule);
    let mut named = ruleset.conditions_of(rule).filter(|(it, _)| *it == misnamed.condition);
    let span = named.next().map_or(rule.place.span, |(_, span)| span);
    let Misnamed { before, after, .. } = *misnamed;
    let (en, zh) = if misnamed.passes {
        ("what it should stop passes", "本应拦截的数据包照样通过")
    } else {
        ("what it should let through is dropped", "本应放行的数据包被丢弃")
    };
    let message = Message {
        en: format!("port {before} is already {after} when packets come here: {en}"),
        zh: format!("数据包到达此处时，端口 {before} 已被转换为 {after}：{zh}"),
    };
    let label = Message {
        en: format!("the port before the translation; here it is {after}"),
        zh: format!("这是转换前的端口，此处应为 {after}"),
    };
    let help = Message { en: lint.remedy.en.into(), zh: lint.remedy.zh.into() };
    let place = Place { file: rule.place.file, span };
    let mut finding = Finding::new(lint, place, message, label).help(help);
    finding.witness = Some(misnamed.packet.to_string());
    let translation = ruleset.rule(misnamed.translation);
    let span = ruleset.verdict_of(translation).map_or(translation.place.span, |(_, span)| span);
    let text = Message {
        en: format!("{before} becomes {after} here"),
        zh: format!("在此将 {before} 转换为 {after}"),
    };
    finding.labels.push(Label { place: Place { file: translation.place.file, span }, text });
    finding
}
