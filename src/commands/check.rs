//! `fwlint check`: what every other part of the program is for.

use super::{Exit, ServiceView, reading::Reading};
use crate::{
    analysis::{Analysis, Interest},
    knowledge::{Knowledge, ServiceId},
    lints::{self, Context, Finding, Place},
    lower,
    settings::{Persona, Settings, Severity},
    source::{
        SourceFile, Span,
        input::{Inputs, Problem},
    },
    syntax::{self, Dialect, FileKind, Parsed},
    words::Message,
};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use std::{collections::BTreeMap, sync::Arc};

/// Runs of more ports than this are ranges, not services.
pub(super) const WIDE_RANGE: u16 = 100;

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

/// Checks everything that was read, in the format `dialect` where one is given.
pub fn check(inputs: Inputs, dialect: Option<Dialect>, settings: &Settings) -> Outcome {
    let reading = Reading::of(inputs, dialect);
    let hosts = reading.hosts();
    let hosts: Vec<Host> = hosts.par_iter().map(|host| Host::of(host, settings)).collect();
    let mut outcome = Outcome { skipped: reading.skipped, ..Outcome::default() };
    let mut about: Vec<About> = reading.files.iter().map(|_| About::included()).collect();
    for (file, parsed) in reading.parsed() {
        about[file].is(parsed);
    }
    for host in hosts {
        outcome.findings.extend(host.findings.into_iter().map(|it| located(it, &reading)));
        outcome.unknown.extend(
            host.unknown.into_iter().map(|it| Unknown { place: reading.locate(it.place), ..it }),
        );
        outcome.services.extend(host.services);
        outcome.opaque |= host.opaque;
        for (file, anchor) in host.anchors {
            let place = reading.locate(Place { file, span: anchor.span });
            let anchor = Anchor { span: place.span, ..anchor };
            about[place.file as usize].anchors.push(anchor);
        }
    }
    let Reading { files, problems, .. } = reading;
    let files = files.into_iter().zip(about).map(|(input, about)| about.file(input.source));
    outcome.files = files.collect();
    outcome.problems = problems;
    outcome.settle(settings);
    outcome
}

/// What is to be said about one file.
struct About {
    dialect: Dialect,
    kind: FileKind,
    empty: bool,
    anchors: Vec<Anchor>,
}

impl About {
    /// A file that is read only as a part of another: that one says whether there is anything.
    fn included() -> Self {
        let (dialect, kind) = (Dialect::Nft, FileKind::RestoreFile);
        Self { dialect, kind, empty: true, anchors: Vec::new() }
    }

    fn is(&mut self, parsed: &Parsed) {
        (self.dialect, self.kind) = (parsed.dialect, parsed.kind);
        self.empty = parsed.says_nothing();
    }

    fn file(mut self, source: SourceFile) -> CheckedFile {
        // A file that is included twice has its rules twice.
        self.anchors.sort_by_key(|anchor| anchor.span.start);
        self.anchors.dedup();
        let rules = u32::try_from(self.anchors.len()).unwrap_or(u32::MAX);
        let Self { dialect, kind, empty, anchors } = self;
        CheckedFile { source, dialect, kind, empty, rules, anchors }
    }
}

fn located(mut finding: Finding, reading: &Reading) -> Finding {
    for label in std::iter::once(&mut finding.primary).chain(&mut finding.labels) {
        label.place = reading.locate(label.place);
    }
    finding
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
