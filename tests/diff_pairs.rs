//! Two rule sets beside each other: what is widened, narrowed or the same, and that each packet shown tells them apart.

use fwlint::{
    analysis::{
        diff::{self, Class, Difference, Direction, FamilyComparison, Pair, State},
        trace::{Trace, Tracer},
    },
    lower::{self, Input},
    model::Ruleset,
    source::SourceFile,
    syntax::{self, Dialect},
};

fn ruleset(text: &str) -> Ruleset {
    let is_nft = text.contains("table ");
    let dialect = if is_nft { Dialect::Nft } else { Dialect::Iptables };
    let source = SourceFile::new("rules", text.to_owned().into_bytes());
    let parsed = syntax::parse(&source, Some(dialect)).expect("a dialect is given");
    assert!(parsed.errors.is_empty(), "{text}\n{:?}", parsed.errors);
    lower::ruleset(&[Input { file: 0, source: &source, parsed: &parsed }])
}

/// `+` widened, `-` narrowed, `?` where nobody can tell, `*` for packets that begin no flow; then what and who.
fn line(family: &FamilyComparison<'_>, it: &Difference) -> String {
    let sign = match (it.direction, it.certain) {
        (Direction::Widened, true) => "+",
        (Direction::Narrowed, true) => "-",
        (Direction::Widened, false) => "?+",
        (Direction::Narrowed, false) => "?-",
    };
    let class = if it.class == Class::Flow { String::new() } else { format!("{:?} ", it.class) };
    let what = match (it.protocol, it.ports) {
        (Some(protocol), Some((low, high))) if low == high => format!("{protocol}/{low}"),
        (Some(protocol), Some((low, high))) => format!("{protocol}/{low}-{high}"),
        (Some(protocol), None) => format!("{protocol}"),
        (None, _) => "any".to_owned(),
    };
    let sources = family.values(it, fwlint::model::Field::Source).map_or_else(String::new, |set| {
        let names = fwlint::model::display_ranges(family.space.family, set.as_slice());
        format!(" from {}", names.join(","))
    });
    let (before, after) = (it.before.state.name(), it.after.state.name());
    format!("{sign}{class}{} {what}{sources} {before}>{after}", it.path.name())
}

fn lines(old: &str, new: &str) -> Vec<String> {
    let pair = Pair::of(ruleset(old), ruleset(new), 1);
    let families = diff::compare(&pair, false);
    let mut all = Vec::new();
    for family in &families {
        assert!(!family.bounded);
        all.extend(family.differences.iter().map(|it| line(family, it)));
        holds(old, new, family);
    }
    all
}

/// Each packet that is shown ends otherwise on the other side.
fn holds(old: &str, new: &str, family: &FamilyComparison<'_>) {
    let (old, new) = (ruleset(old), ruleset(new));
    let (before, after) = (Tracer::new(&old), Tracer::new(&new));
    for it in &family.differences {
        let told = || panic!("no packet: {} {:?}", line(family, it), it.cube);
        let packet = it.witness.as_ref().unwrap_or_else(told);
        let end = |it: &Trace| (it.verdict, it.rewritten.clone(), it.depends_on.clone());
        let (before, after) = (before.trace(packet), after.trace(packet));
        assert_ne!(end(&before), end(&after), "{packet}\n{}", line(family, it));
        let state = |it: &Trace| it.verdict.name();
        if it.before.state != State::Maybe && it.before.limited_by.is_empty() {
            let word = if it.before.state == State::Open { "accept" } else { "drop" };
            assert!(
                state(&before) == word || state(&before) == "reject" || state(&before) == "maybe",
                "{packet}"
            );
        }
    }
}

fn filter(policy: &str, rules: &str) -> String {
    let mut text =
        format!("*filter\n:INPUT {policy} [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n");
    for rule in rules.split("; ") {
        text.extend(["-A INPUT ", rule, "\n"]);
    }
    text + "COMMIT\n"
}

const BASE: &str = "-i lo -j ACCEPT; -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT; \
    -p tcp --dport 22 -s 10.0.0.0/8 -j ACCEPT";

fn base() -> String {
    filter("DROP", BASE)
}

fn with(from: &str, to: &str) -> String {
    assert!(BASE.contains(from));
    filter("DROP", &BASE.replace(from, to))
}

#[test]
fn the_same_is_equal() {
    assert_eq!(lines(&base(), &base()), [""; 0]);
}

#[test]
fn an_opened_port_is_widened_and_a_closed_one_narrowed() {
    let open = filter("DROP", &format!("{BASE}; -p tcp --dport 8443 -j ACCEPT"));
    assert_eq!(lines(&base(), &open), ["+input 6/8443 closed>open"]);
    assert_eq!(lines(&open, &base()), ["-input 6/8443 open>closed"]);
}

#[test]
fn fewer_sources_are_narrowed_by_the_others() {
    let fewer = with("10.0.0.0/8", "10.1.0.0/16");
    assert_eq!(
        lines(&base(), &fewer),
        ["-input 6/22 from 10.0.0.0/16,10.2.0.0-10.255.255.255 open>closed"]
    );
}

#[test]
fn a_policy_is_one_difference() {
    assert_eq!(lines(&base(), &filter("ACCEPT", BASE)), ["+input any closed>open"]);
}

#[test]
fn a_rule_that_moves_without_effect_is_no_difference() {
    let moved = filter(
        "DROP",
        "-p tcp --dport 22 -s 10.0.0.0/8 -j ACCEPT; -i lo -j ACCEPT; \
         -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
    );
    assert_eq!(lines(&base(), &moved), [""; 0]);
    let pair = Pair::of(ruleset(&base()), ruleset(&moved), 1);
    assert_eq!(diff::compare(&pair, false)[0].changes.moved, 1);
}

#[test]
fn a_rule_that_moves_before_a_drop_is_widened() {
    let drop = "-s 10.9.0.0/16 -j DROP; -p tcp --dport 22 -s 10.0.0.0/8 -j ACCEPT";
    let swapped = "-p tcp --dport 22 -s 10.0.0.0/8 -j ACCEPT; -s 10.9.0.0/16 -j DROP";
    assert_eq!(
        lines(&filter("DROP", drop), &filter("DROP", swapped)),
        ["+input 6/22 from 10.9.0.0/16 closed>open"]
    );
}

#[test]
fn sessions_that_are_cut_begin_no_flow() {
    let cut = with("ESTABLISHED,RELATED", "RELATED");
    let all = lines(&base(), &cut);
    assert!(
        !all.is_empty() && all.iter().all(|it| it.starts_with("-Established input")),
        "{all:?}"
    );
}

#[test]
fn a_limit_hides_nothing_and_is_told_when_it_goes() {
    let limited = with("10.0.0.0/8", "10.0.0.0/8 -m limit --limit 5/min");
    assert_eq!(lines(&limited, &limited), [""; 0]);
    assert_eq!(lines(&limited, &base())[0], "?+input 6/22 from 10.0.0.0/8 open>open");
    let other = with("10.0.0.0/8", "10.0.0.0/8 -m limit --limit 9/min");
    assert_eq!(lines(&limited, &other), [""; 0], "rates are not compared");
}

#[test]
fn a_set_that_is_not_given_is_the_same_question_on_both_sides() {
    let friends = with("-s 10.0.0.0/8", "-m set --match-set friends src");
    let others = with("-s 10.0.0.0/8", "-m set --match-set others src");
    assert_eq!(lines(&friends, &friends), [""; 0]);
    let told = lines(&friends, &others);
    assert_eq!(told, ["?+input 6/22 maybe>maybe", "?-input 6/22 maybe>maybe"]);
    let pair = Pair::of(ruleset(&friends), ruleset(&others), 1);
    assert_eq!(diff::compare(&pair, false)[0].equivalent(), None);
}

#[test]
fn an_unknown_target_is_the_same_question_on_both_sides() {
    let unknown =
        with("10.0.0.0/8 -j ACCEPT", "10.0.0.0/8 -j SOMEWHERE; -p udp --dport 53 -j ACCEPT");
    assert_eq!(lines(&unknown, &unknown), [""; 0]);
}

#[test]
fn a_migration_is_equal_or_has_a_packet_that_tells() {
    let nft = "table inet t { chain i { type filter hook input priority 0; policy drop; \
        iifname lo accept; ct state { established, related } accept; \
        ip saddr 10.0.0.0/8 tcp dport 22 accept; }; \
        chain f { type filter hook forward priority 0; policy drop; }; }";
    assert_eq!(lines(&base(), nft), [""; 0]);
    let wrong = nft.replace("tcp dport 22", "tcp sport 22");
    assert_eq!(
        lines(&base(), &wrong),
        [
            "+input 6/0-21 from 10.0.0.0/8 closed>open",
            "+input 6/23-65535 from 10.0.0.0/8 closed>open",
            "-input 6/22 from 10.0.0.0/8 open>closed"
        ]
    );
}

#[test]
fn a_translation_to_another_host_is_told() {
    let nat = |to: &str| {
        format!(
            "*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n\
             :POSTROUTING ACCEPT [0:0]\n\
             -A PREROUTING -i eth0 -p tcp --dport 80 -j DNAT --to-destination {to}\nCOMMIT\n\
             *filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n"
        )
    };
    let (old, new) = (nat("10.0.0.5:80"), nat("10.0.0.6:80"));
    assert_eq!(lines(&old, &old), [""; 0]);
    let told = lines(&old, &new);
    assert!(told.contains(&"+forward 6/80 open>open".to_owned()), "{told:?}");
}

#[test]
fn output_is_compared_when_it_is_asked_for() {
    let closed = base().replace(":OUTPUT ACCEPT", ":OUTPUT DROP");
    let pair = Pair::of(ruleset(&closed), ruleset(&base()), 1);
    assert_eq!(diff::compare(&pair, false)[0].differences.len(), 0);
    let family = &diff::compare(&pair, true)[0];
    assert_eq!(line(family, &family.differences[0]), "+Output output any closed>open");
}
