//! `fwlint check`: what every other part of the program is for.

use super::{Exit, ServiceView};
use crate::{
    analysis::{Analysis, Interest},
    knowledge::{Knowledge, ServiceId},
    lints::{self, Context, Finding, Place},
    lower,
    settings::{Persona, Settings, Severity},
    source::{
        SourceFile, Span,
        input::{Input, Inputs, Origin, Problem},
    },
    syntax::{self, Dialect, FileKind, Parsed, Tree},
    words::Message,
};
use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};
use std::{collections::BTreeMap, sync::Arc};

/// Runs of more ports than this are ranges, not services.
const WIDE_RANGE: u16 = 100;

/// One file that was analysed.
#[derive(Debug)]
pub struct CheckedFile {
    /// Its name and text.
    pub source: SourceFile,
    /// The format it was read as.
    pub dialect: Dialect,
    /// Where such a file comes from.
    pub kind: FileKind,
    /// Whether it says nothing at all.
    pub empty: bool,
    /// How many rules it holds.
    pub rules: u32,
    /// Its rules by start, none inside another: what a fingerprint is made of. May be empty; the line stands in then.
    pub anchors: Vec<Anchor>,
}

/// A rule as a fingerprint knows it: its text, and the chain it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// The whole rule.
    pub span: Span,
    /// The chain with its table and family, such as `ip filter INPUT`; its rules share it.
    pub chain: Arc<str>,
}

/// Something whose effect static text cannot tell, or that is not modelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The words.
    pub place: Place,
    /// What is not known.
    pub what: Message,
}

/// All that `check` has to say. Findings are filtered and sorted; every [`Place`] is in `files`.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The files, by path.
    pub files: Vec<CheckedFile>,
    /// What the lints report.
    pub findings: Vec<Finding>,
    /// The entries of the knowledge base that the findings name.
    pub services: BTreeMap<ServiceId, ServiceView>,
    /// What made verdicts *maybe*.
    pub unknown: Vec<Unknown>,
    /// Named inputs that could not be read.
    pub problems: Vec<Problem>,
    /// Whether any part of a file was left out by an error.
    pub opaque: bool,
    /// How many files a walk passed over because they are no rules.
    pub skipped: u32,
    /// How many findings `--min-severity` left out.
    pub hidden: u32,
    /// How many findings the user's comments or baseline silence.
    pub suppressed: u32,
}

impl Outcome {
    /// Whether everything that was named was analysed.
    pub fn complete(&self) -> bool {
        !self.opaque && self.problems.is_empty()
    }

    /// Whether there was nothing in any file.
    pub fn looked_at_nothing(&self) -> bool {
        self.files.iter().all(|file| file.empty)
    }

    /// How many findings have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// What the process ends with.
    pub fn exit(&self, settings: &Settings) -> Exit {
        let nothing = self.looked_at_nothing() && !settings.allow_empty;
        if (nothing || !self.complete()) && !settings.allow_incomplete {
            return Exit::Incomplete;
        }
        let fails = |severity| self.findings.iter().any(|it| it.severity >= severity);
        if settings.fail_on.is_some_and(fails) { Exit::Findings } else { Exit::Clean }
    }
}

/// Whether a file is one of rules: what reading asks, file by file.
///
/// A `--dialect` holds for what was named; what a walk finds must show by itself that it is one.
pub fn recognised(source: &SourceFile, origin: Origin, dialect: Option<Dialect>) -> bool {
    let named = origin != Origin::Walked;
    (named && dialect.is_some()) || Dialect::of(source).is_some()
}

/// Checks everything that was read, in the format `dialect` where one is given.
///
/// Each file of rules is a host of its own, with the sets that `ipset save` files of its folder define.
pub fn check(inputs: Inputs, dialect: Option<Dialect>, settings: &Settings) -> Outcome {
    let parse = |input: Input| {
        let forced = dialect.filter(|_| input.origin != Origin::Walked);
        let parsed = syntax::parse(&input.source, forced)?;
        Some((input.source, parsed))
    };
    let files: Vec<(SourceFile, Parsed)> = inputs.files.into_par_iter().filter_map(parse).collect();
    let hosts: Vec<Host> = hosts(&files).par_iter().map(|host| Host::of(host, settings)).collect();
    let mut outcome = Outcome {
        problems: inputs.problems,
        skipped: u32::try_from(inputs.skipped.len()).unwrap_or(u32::MAX),
        ..Outcome::default()
    };
    let mut about: Vec<(u32, Vec<Anchor>)> = files.iter().map(|_| (0, Vec::new())).collect();
    for host in hosts {
        outcome.findings.extend(host.findings);
        outcome.unknown.extend(host.unknown);
        outcome.services.extend(host.services);
        outcome.opaque |= host.opaque;
        for (file, anchor) in host.anchors {
            about[file as usize].0 += 1;
            about[file as usize].1.push(anchor);
        }
    }
    let files = files.into_iter().zip(about).map(|((source, parsed), (rules, mut anchors))| {
        anchors.sort_by_key(|anchor| anchor.span.start);
        let empty = parsed.says_nothing();
        CheckedFile { source, dialect: parsed.dialect, kind: parsed.kind, empty, rules, anchors }
    });
    outcome.files = files.collect();
    outcome.settle(settings);
    outcome
}

/// The files of each host: one of rules with the sets beside it, or sets alone.
fn hosts(files: &[(SourceFile, Parsed)]) -> Vec<Vec<lower::Input<'_>>> {
    let input = |index: usize| {
        let (source, parsed) = &files[index];
        lower::Input { file: u32::try_from(index).unwrap_or(u32::MAX), source, parsed }
    };
    let folder =
        |index: usize| files[index].0.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let is_set = |index: &usize| matches!(files[*index].1.tree, Tree::Ipset(_));
    let (sets, rules): (Vec<usize>, Vec<usize>) = (0..files.len()).partition(is_set);
    let mut used = vec![false; files.len()];
    let mut hosts = Vec::new();
    for index in rules {
        let mut host = vec![input(index)];
        for set in sets.iter().copied().filter(|set| folder(*set) == folder(index)) {
            used[set] = true;
            host.push(input(set));
        }
        hosts.push(host);
    }
    hosts.extend(sets.into_iter().filter(|set| !used[*set]).map(|set| vec![input(set)]));
    hosts
}

/// What was found in one host.
struct Host {
    findings: Vec<Finding>,
    unknown: Vec<Unknown>,
    services: BTreeMap<ServiceId, ServiceView>,
    anchors: Vec<(u32, Anchor)>,
    opaque: bool,
}

impl Host {
    fn of(inputs: &[lower::Input<'_>], settings: &Settings) -> Self {
        let knowledge = Knowledge::builtin();
        let ruleset = lower::ruleset(inputs);
        let audit = settings.persona == Persona::Audit;
        let analysis = Analysis::of(
            &ruleset,
            Interest::Known { knowledge: &knowledge, wide: WIDE_RANGE, audit },
        );
        let openings = analysis.openings(&knowledge, WIDE_RANGE, audit);
        let cx = Context {
            inputs,
            analysis: &analysis,
            openings: &openings,
            knowledge: &knowledge,
            settings,
        };
        let findings = lints::run(&cx);
        let shown = findings.iter().flat_map(|it| &it.services).map(|it| it.service);
        let services = shown.map(|id| (id, ServiceView::of(&knowledge, id))).collect();
        let unknown = ruleset
            .unknown
            .iter()
            .map(|it| Unknown { place: it.place, what: lints::subject(&it.subject) });
        let bounded = analysis.families.iter().any(|family| family.bounded.is_some());
        let errors = inputs.iter().flat_map(|input| &input.parsed.errors);
        let opaque = bounded
            || !analysis.calls.loops.is_empty()
            || errors.into_iter().any(syntax::Error::stops_loading);
        let mut anchors = Vec::with_capacity(ruleset.rules.len());
        for chain in &ruleset.chains {
            let table = &ruleset.tables[chain.table.0 as usize];
            let name: Arc<str> =
                format!("{} {} {}", table.family.name(), table.name, chain.name).into();
            let rules = &ruleset.rules[chain.rules.start as usize..chain.rules.end as usize];
            anchors.extend(rules.iter().map(|rule| {
                let chain = Arc::clone(&name);
                (rule.place.file, Anchor { span: rule.place.span, chain })
            }));
        }
        let unknown = unknown.collect();
        Self { findings, unknown, services, anchors, opaque }
    }
}

impl Outcome {
    /// Leaves what the user wants to see, in the order of the files.
    fn settle(&mut self, settings: &Settings) {
        let before = self.findings.len();
        self.findings.retain(|finding| finding.severity >= settings.min_severity);
        self.hidden = u32::try_from(before - self.findings.len()).unwrap_or(u32::MAX);
        self.findings.sort_by(|a, b| {
            let key = |it: &Finding| (it.primary.place, it.lint.code);
            key(a).cmp(&key(b)).then_with(|| a.message.en.cmp(&b.message.en))
        });
        // Sets that two hosts share are read twice, and so are their errors.
        self.findings.dedup_by(|a, b| {
            (a.primary.place, a.lint.code, &a.message) == (b.primary.place, b.lint.code, &b.message)
        });
        self.unknown.sort_by_key(|it| it.place);
        self.unknown.dedup();
    }
}
