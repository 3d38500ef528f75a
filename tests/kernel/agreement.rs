//! What `fwlint` says about a packet, against what the kernel does with it.

use super::{
    Backend, Files, Judge,
    judge::{Judged, Verdict},
    places::{Kind, Place},
};
use fwlint::{
    analysis::trace::{self, Decision, Dependence, Trace, Tracer},
    lower::{self, Input},
    model::{ChainKind, Hook, Ruleset, Subject},
    packets::Packet,
    source::SourceFile,
    syntax::{self, Dialect, Parsed},
};
use std::fmt::{self, Write as _};

/// How many pairs of rules and packets were compared, and how many of them were *maybe*.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Count {
    pub(crate) pairs: u64,
    pub(crate) maybe: u64,
    /// How many of the others are *maybe* for what neither the rules nor the packet says.
    pub(crate) unsaid: u64,
    /// Packets that the kernel answered otherwise when it was asked again.
    pub(crate) unsteady: u64,
    /// Packets about which the kernel could not be asked.
    pub(crate) unjudged: u64,
    /// Pairs in which the deciding rule was compared too.
    pub(crate) rules: u64,
}

impl fmt::Display for Count {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pairs, maybe, unsaid, unsteady, unjudged, rules } = self;
        write!(
            to,
            "{pairs} pairs of rules and packets, {maybe} maybe and {unsaid} for what nobody says; the deciding rule of {rules} too; {unsteady} judged twice, {unjudged} not judged"
        )
    }
}

impl Count {
    pub(crate) fn add(&mut self, other: Self) {
        self.pairs += other.pairs;
        self.maybe += other.maybe;
        self.unsteady += other.unsteady;
        self.unsaid += other.unsaid;
        self.unjudged += other.unjudged;
        self.rules += other.rules;
    }
}

/// The files of a host as `fwlint` reads them.
pub(crate) struct Read {
    files: Vec<(Kind, SourceFile, Parsed)>,
}

impl Read {
    pub(crate) fn of(files: &Files) -> Self {
        let texts = [
            (Kind::V4, "rules.v4", &files.v4, Dialect::Iptables),
            (Kind::V6, "rules.v6", &files.v6, Dialect::Ip6tables),
            (Kind::Nft, "rules.nft", &files.nft, Dialect::Nft),
            // A set file has no rules; its kind is never asked for.
            (Kind::V4, "sets.ipset", &files.ipset, Dialect::Ipset),
        ];
        let read = texts.into_iter().filter_map(|(kind, path, text, dialect)| {
            let source = SourceFile::new(path, text.clone()?.into_bytes());
            let parsed = syntax::parse(&source, Some(dialect)).expect("a dialect is given");
            assert!(parsed.errors.is_empty(), "{path}: {:?}\n{}", parsed.errors, source.text());
            Some((kind, source, parsed))
        });
        Self { files: read.collect() }
    }

    pub(crate) fn ruleset(&self) -> Ruleset {
        let inputs = self.files.iter().zip(0..).map(|((_, source, parsed), file)| Input {
            file,
            source,
            parsed,
        });
        lower::ruleset(&inputs.collect::<Vec<_>>())
    }

    /// Where the rule stands that decides as the kernel is asked: the one that stops the packet, or the last filter chain's
    /// where it goes to.
    fn decider(&self, ruleset: &Ruleset, trace: &Trace) -> Option<Place> {
        const LAST: [Hook; 3] = [Hook::Input, Hook::Forward, Hook::Output];
        let is_last = |decision: &&Decision| match decision {
            Decision::Rule(_, chain) | Decision::Policy(chain) => {
                let base = ruleset.chain(*chain).base;
                base.is_some_and(|it| LAST.contains(&it.hook) && it.kind == ChainKind::Filter)
            }
            Decision::None => false,
        };
        let by = match trace.verdict {
            trace::Verdict::Accept => *trace.accepts.iter().rfind(is_last)?,
            _ => trace.decided_by,
        };
        self.place(ruleset, by)
    }

    /// Where a rule stands.
    fn place(&self, ruleset: &Ruleset, decision: Decision) -> Option<Place> {
        let Decision::Rule(rule, _) = decision else { return None };
        let place = ruleset.rule(rule).place;
        let (kind, source, _) = &self.files[place.file as usize];
        Some(Place { file: *kind, line: source.position(place.span.start).line })
    }
}

/// Whether it is about what happened before or is decided elsewhere: what the connection was translated to, marked with
/// or began as, the address of an interface, the program that listens, what a set holds by now.
fn is_unsaid(dependence: &Dependence) -> bool {
    match dependence {
        Dependence::Field(_) | Dependence::FirstOfItsKind => true,
        Dependence::Subject(subject) => matches!(subject, Subject::Set(_) | Subject::Program),
    }
}

/// A packet on which `fwlint` and the kernel disagree, in words.
#[derive(Debug)]
pub(crate) struct Disagreement(pub(crate) String, pub(crate) String);

impl Disagreement {
    fn of(read: &Read, ruleset: &Ruleset, packet: &Packet, trace: &Trace, judged: &Judged) -> Self {
        let line = |place: Option<Place>| {
            let Some(place) = place else { return "a policy".to_owned() };
            let file = read.files.iter().find(|(kind, ..)| *kind == place.file);
            let text =
                file.and_then(|(_, source, _)| source.text().lines().nth(place.line as usize - 1));
            format!("line {}: {}", place.line, text.unwrap_or_default().trim())
        };
        let mut text = format!(
            "{packet}\nkernel: {:?} by {}\nfwlint: {:?} by {}, depends on {:?}\n",
            judged.verdict,
            line(judged.rule),
            trace.verdict,
            line(read.place(ruleset, trace.decided_by)),
            trace.depends_on,
        );
        for event in &trace.walk {
            let rule = event.rule.map(|rule| Decision::Rule(rule, event.base));
            let place = rule.and_then(|rule| read.place(ruleset, rule));
            let _ = writeln!(text, "  {:?} {:?} {}", event.hook, event.effect, line(place));
        }
        let _ = writeln!(text, "kernel's walk:");
        for visit in &judged.walk {
            let _ = writeln!(text, "  {visit:?}");
        }
        let files = read.files.iter().map(|(_, source, _)| source.text());
        Self(text, files.collect::<Vec<_>>().join("\n"))
    }
}

/// Compares every packet; a disagreement is the error.
pub(crate) fn compare(
    files: &Files,
    backend: Backend,
    packets: &[Packet],
    with_rules: bool,
) -> Result<Count, Disagreement> {
    let mut judge = Judge::load(files, backend)
        .expect("the kernel can be asked")
        .unwrap_or_else(|complaint| panic!("{complaint}\n{files:?}"));
    let judged = if with_rules { judge.walks(packets) } else { judge.verdicts(packets) };
    let judged = judged.expect("the kernel can be asked");
    let read = Read::of(files);
    let ruleset = read.ruleset();
    let tracer = Tracer::new(&ruleset);
    let mut count = Count::default();
    for (packet, judged) in packets.iter().zip(judged) {
        // To and from the same address no direction can be told of what has no ports.
        let one_end = packet.source.address == packet.destination.address;
        if judged.verdict.is_err() || one_end {
            count.unjudged += 1;
            continue;
        }
        let trace = tracer.trace(packet);
        count.pairs += 1;
        if trace.verdict == trace::Verdict::Maybe {
            if trace.depends_on.iter().all(is_unsaid) && !trace.bounded {
                count.unsaid += 1;
            } else {
                count.maybe += 1;
            }
            continue;
        }
        let by_rule = with_rules && trace.or_by.is_empty() && !judged.walk.is_empty();
        count.rules += u64::from(by_rule);
        let agrees = |judged: &Judged, by_rule: bool| {
            is_verdict(trace.verdict, judged)
                && (!by_rule || read.decider(&ruleset, &trace) == judged.rule)
        };
        if agrees(&judged, by_rule) {
            continue;
        }
        // Alone and with its walk it says more, and an answer to another packet cannot be taken for its own.
        let walked = judge.walks(std::slice::from_ref(packet)).ok().and_then(|mut it| it.pop());
        let judged = walked.unwrap_or(judged);
        if !agrees(&judged, by_rule) {
            return Err(Disagreement::of(&read, &ruleset, packet, &trace, &judged));
        }
        count.unsteady += 1;
    }
    Ok(count)
}

fn is_verdict(said: trace::Verdict, judged: &Judged) -> bool {
    match (said, judged.verdict) {
        (trace::Verdict::Accept, Ok(Verdict::Accept))
        | (trace::Verdict::Drop, Ok(Verdict::Drop))
        // Not every rejection can be seen from outside.
        | (trace::Verdict::Reject, Ok(Verdict::Drop | Verdict::Reject)) => true,
        _ => false,
    }
}
