//! `fwlint check`: what every other part of the program is for.

use super::{
    Exit, Known, Plan, ServiceView,
    fingerprint::fingerprints,
    hosts::{self, Group},
    reading::{Reading, Text},
    suppress::{Comments, Heard, Silence, as_wanted, suppress},
};
use crate::{
    analysis::{Analysis, Interest},
    knowledge::ServiceId,
    lints::{self, Context, Finding, Place},
    lower,
    settings::{Error, Persona, Settings, Severity, Trust},
    source::{
        SourceFile, Span,
        input::{Input, Inputs, Problem},
    },
    syntax::{self, Dialect, FileKind, Parsed},
    words::Message,
};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use std::{borrow::Cow, cmp::Ordering, collections::BTreeMap, sync::Arc};

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
    /// Whether a part of it was left out by an error.
    pub opaque: bool,
    /// Whether nobody asked about it: it was read because it is part of a host.
    pub context: bool,
    /// Findings in it from here on make exit code 1; `None` for never.
    pub fail_on: Option<Severity>,
    /// The configuration file that holds for it.
    pub config: Option<String>,
}

impl CheckedFile {
    /// The rule that byte `offset` is in.
    pub fn anchor_at(&self, offset: u32) -> Option<&Anchor> {
        let after = self.anchors.partition_point(|anchor| anchor.span.start <= offset);
        let anchor = after.checked_sub(1).map(|at| &self.anchors[at]);
        anchor.filter(|anchor| offset < anchor.span.end)
    }
}

/// A finding that is not reported, and why.
#[derive(Debug, Clone)]
pub struct Silenced {
    /// The finding.
    pub finding: Finding,
    /// Why.
    pub silence: Silence,
}

/// A finding with what it is known by.
#[derive(Debug, Clone)]
pub struct Reported<'o> {
    /// The finding.
    pub finding: &'o Finding,
    /// What it is known by when lines move.
    pub fingerprint: String,
    /// Why it is not reported, if it is not.
    pub silence: Option<&'o Silence>,
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
    /// What the user does not want to hear of.
    pub silenced: Vec<Silenced>,
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
    /// Hosts of the configuration that cannot be; their files were checked one by one.
    pub refused: Vec<Error>,
}

impl Outcome {
    /// The files that were asked about.
    pub fn named(&self) -> impl Iterator<Item = &CheckedFile> {
        self.files.iter().filter(|file| !file.context)
    }

    /// All findings, what is suppressed among them, in the order of the files.
    pub fn all(&self) -> Vec<Reported<'_>> {
        let silenced = self.silenced.iter().map(|it| (&it.finding, Some(&it.silence)));
        let mut all: Vec<_> = self.findings.iter().map(|it| (it, None)).chain(silenced).collect();
        all.sort_by(|(a, _), (b, _)| in_order(a, b));
        let fingerprints = fingerprints(&self.files, all.iter().map(|(finding, _)| *finding));
        let all = all.into_iter().zip(fingerprints);
        all.map(|((finding, silence), fingerprint)| Reported { finding, fingerprint, silence })
            .collect()
    }

    /// Whether everything that was named was analysed.
    pub fn complete(&self) -> bool {
        !self.opaque && self.problems.is_empty()
    }

    /// Whether there was nothing in any file.
    pub fn looked_at_nothing(&self) -> bool {
        self.named().all(|file| file.empty)
    }

    /// How many findings have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// What the process ends with.
    pub fn exit(&self, settings: &Settings) -> Exit {
        if !self.refused.is_empty() {
            return Exit::Usage;
        }
        let nothing = self.looked_at_nothing() && !settings.allow_empty;
        if (nothing || !self.complete()) && !settings.allow_incomplete {
            return Exit::Incomplete;
        }
        let gate = |it: &Finding| self.files[it.primary.place.file as usize].fail_on;
        let fails = |it: &Finding| gate(it).is_some_and(|gate| it.severity >= gate);
        if self.findings.iter().any(fails) { Exit::Findings } else { Exit::Clean }
    }
}

/// Checks everything that was read, in the format `dialect` where one is given, with the same settings for all.
pub fn check(inputs: Inputs, dialect: Option<Dialect>, settings: &Settings) -> Outcome {
    check_as_planned(inputs, dialect, &Plan::of(settings.clone()))
}

/// Checks everything that was read, each file with its own settings, with what it includes, and as a part of its host.
pub fn check_as_planned(inputs: Inputs, dialect: Option<Dialect>, plan: &Plan) -> Outcome {
    check_against(inputs, dialect, plan, &Known::default())
}

/// The same, without what is known already.
pub fn check_against(
    inputs: Inputs,
    dialect: Option<Dialect>,
    plan: &Plan,
    known: &Known,
) -> Outcome {
    let reading = Reading::of(inputs, dialect);
    let texts = reading.texts();
    let (groups, refused) = hosts::groups(&texts, plan);
    let found: Vec<Host<'_>> = groups.par_iter().map(|group| Host::of(group, &texts)).collect();
    let mut outcome = Outcome { skipped: reading.skipped, refused, ..Outcome::default() };
    let settings = |file: &Input| plan.settings(&file.source.path);
    let mut about: Vec<About> =
        reading.files.iter().map(|file| About::included(settings(file))).collect();
    for text in &texts {
        let settings = plan.settings(&text.source.path);
        for piece in reading.wholes.get(&text.file).into_iter().flat_map(|whole| &whole.pieces) {
            about[piece.file as usize].settings = settings;
        }
        about[text.file as usize].is(text.parsed);
    }
    let is_asked = |place: Place| reading.asked[place.file as usize];
    let mut found_here = Vec::new();
    for host in found {
        let findings = host.findings.into_iter().map(|it| located(it, &reading));
        let findings = findings.filter(|it| is_asked(it.primary.place));
        let mut files: BTreeMap<u32, Cow<'_, Settings>> = BTreeMap::new();
        found_here.extend(findings.filter_map(|it| {
            let file = it.primary.place.file;
            let path = &reading.files[file as usize].source.path;
            as_wanted(files.entry(file).or_insert_with(|| host.settings.of_file(path)), it)
        }));
        let unknown = host.unknown.into_iter();
        let unknown = unknown.map(|it| Unknown { place: reading.locate(it.place), ..it });
        outcome.unknown.extend(unknown.filter(|it| is_asked(it.place)));
        outcome.services.extend(host.services);
        outcome.opaque |= host.opaque.iter().any(|file| reading.asked[*file as usize]);
        host.opaque.iter().for_each(|file| about[*file as usize].opaque = true);
        for (file, anchor) in host.anchors {
            let place = reading.locate(Place { file, span: anchor.span });
            let anchor = Anchor { span: place.span, ..anchor };
            about[place.file as usize].anchors.push(anchor);
        }
    }
    let comments = Comments::of(&reading);
    let own: Vec<&Settings> = about.iter().map(|it| it.settings).collect();
    let Reading { files, asked, problems, .. } = reading;
    let checked = files.into_iter().zip(about).zip(asked);
    let checked = checked.map(|((input, about), asked)| about.file(input.source, !asked));
    outcome.files = checked.collect();
    outcome.problems = problems;
    let wanted = |file: u32| {
        let index = file as usize;
        own[index].of_file(&outcome.files[index].source.path)
    };
    let heard = suppress(found_here, &comments, &outcome.files, &wanted);
    outcome.settle(heard, known, &plan.run);
    outcome
}

/// What is to be said about one file.
struct About<'s> {
    dialect: Dialect,
    kind: FileKind,
    empty: bool,
    opaque: bool,
    anchors: Vec<Anchor>,
    settings: &'s Settings,
}

impl<'s> About<'s> {
    /// A file that is read only as a part of another.
    fn included(settings: &'s Settings) -> Self {
        let (dialect, kind) = (Dialect::Nft, FileKind::RestoreFile);
        Self { dialect, kind, empty: true, opaque: false, anchors: Vec::new(), settings }
    }

    fn is(&mut self, parsed: &Parsed) {
        (self.dialect, self.kind) = (parsed.dialect, parsed.kind);
        self.empty = parsed.says_nothing();
    }

    fn file(mut self, source: SourceFile, context: bool) -> CheckedFile {
        // A file that is included twice, or part of two hosts, has its rules twice.
        self.anchors.sort_by_key(|anchor| anchor.span.start);
        self.anchors.dedup();
        let rules = u32::try_from(self.anchors.len()).unwrap_or(u32::MAX);
        let Self { dialect, kind, empty, opaque, anchors, settings } = self;
        let empty = empty && rules == 0;
        let Settings { fail_on, config, .. } = settings;
        let (fail_on, config) = (*fail_on, config.clone());
        CheckedFile {
            source,
            dialect,
            kind,
            empty,
            rules,
            anchors,
            opaque,
            context,
            fail_on,
            config,
        }
    }
}

fn located(mut finding: Finding, reading: &Reading) -> Finding {
    for label in std::iter::once(&mut finding.primary).chain(&mut finding.labels) {
        label.place = reading.locate(label.place);
    }
    // What begins in one file and ends in another is no edit of either.
    finding.fixes.retain_mut(|fix| {
        fix.edits.iter_mut().all(|edit| {
            let length = edit.place.span.len();
            edit.place = reading.locate(edit.place);
            edit.place.span.len() == length
        })
    });
    finding
}

/// What was found in one host.
struct Host<'a> {
    settings: &'a Settings,
    findings: Vec<Finding>,
    unknown: Vec<Unknown>,
    services: BTreeMap<ServiceId, ServiceView>,
    anchors: Vec<(u32, Anchor)>,
    /// The files with a part that was left out.
    opaque: Vec<u32>,
}

impl<'a> Host<'a> {
    fn of(group: &Group<'a>, texts: &[Text<'_>]) -> Self {
        let settings = group.settings;
        let inputs = group.inputs(texts);
        let inputs = &inputs[..];
        let (knowledge, wide) = (&*settings.knowledge, settings.options.wide_range);
        let ruleset = lower::ruleset(inputs);
        let audit = settings.persona == Persona::Audit;
        // What nobody declared, or who is believed where, is not a matter of what is known about ports.
        let all = settings.expect.public.is_some()
            || settings.zones.interfaces_with(Trust::Untrusted).next().is_some();
        let known = Interest::Known { knowledge, wide, audit };
        let interest = if all { Interest::Everything } else { known };
        let analysis = Analysis::within(&ruleset, interest, &settings.zones);
        let openings = analysis.openings(knowledge, wide, audit);
        let cx = Context {
            inputs,
            analysis: &analysis,
            openings: &openings,
            knowledge,
            settings,
            host: group.host,
        };
        let findings = lints::run(&cx);
        let shown = findings.iter().flat_map(|it| &it.services).map(|it| it.service);
        let services = shown.map(|id| (id, ServiceView::of(knowledge, id))).collect();
        let unknown = ruleset
            .unknown
            .iter()
            .map(|it| Unknown { place: it.place, what: lints::subject(&it.subject) });
        let bounded = analysis.families.iter().any(|family| family.bounded.is_some());
        let all = bounded || !analysis.calls.loops.is_empty();
        let stops = |it: &&lower::Input<'_>| {
            all || it.parsed.errors.iter().any(syntax::Error::stops_loading)
        };
        let opaque = inputs.iter().filter(stops).map(|it| it.file).collect();
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
        let unsettled = lints::unsettled(&analysis).into_iter();
        let unknown = unknown.chain(unsettled.map(|(place, what)| Unknown { place, what }));
        let unknown = unknown.collect();
        Self { settings, findings, unknown, services, anchors, opaque }
    }
}

impl Outcome {
    /// Leaves what the user wants to see, in the order of the files.
    fn settle(&mut self, mut heard: Vec<Heard>, known: &Known, settings: &Settings) {
        heard.sort_by(|(a, _), (b, _)| in_order(a, b));
        // Sets that two hosts share are read twice, and so are their errors.
        heard.dedup_by(|(a, _), (b, _)| {
            let said = |it: &Finding| (it.primary.place, it.lint.code);
            said(a) == said(b) && a.message == b.message
        });
        if !known.is_empty() {
            let fingerprints = fingerprints(&self.files, heard.iter().map(|(finding, _)| finding));
            for ((_, silence), fingerprint) in heard.iter_mut().zip(fingerprints) {
                if silence.is_none() {
                    *silence = known.of(&fingerprint).cloned();
                }
            }
        }
        for (finding, silence) in heard {
            let is_low = finding.severity < settings.min_severity;
            match silence {
                None if is_low => self.hidden += 1,
                Some(_) if is_low => {}
                None => self.findings.push(finding),
                Some(silence) => self.silenced.push(Silenced { finding, silence }),
            }
        }
        self.unknown.sort_by_key(|it| it.place);
        self.unknown.dedup();
    }
}

fn in_order(a: &Finding, b: &Finding) -> Ordering {
    let key = |it: &Finding| (it.primary.place, it.lint.code);
    key(a).cmp(&key(b)).then_with(|| a.message.en.cmp(&b.message.en))
}
