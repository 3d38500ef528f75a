//! `fwlint review`: what is open, to whom, decided by which rule; and what a reviewer asks besides.

mod assumptions;
mod codes;
mod exposures;
mod lines;
mod questions;
mod sentences;
mod stance;

pub use assumptions::Assumption;
pub use exposures::{Addresses, Decided, OpenPart};
pub use lines::{Cell, Line};
pub use questions::{Answer, Question};
pub use stance::{Containers, HookStance, PolicyLine, Stance};

use super::{
    Exit, Plan, ServiceView,
    hosts::{self, Group},
    reading::Reading,
};
use crate::{
    analysis::{Analysis, Interest, Opening, trace::Tracer},
    knowledge::{Knowledge, ServiceId},
    lints::{self, Context, Place},
    lower,
    model::{Family, RuleId},
    settings::{Error, Settings, Severity},
    source::{
        SourceFile,
        input::{Inputs, Problem},
    },
    syntax::{self, Dialect, FileKind},
};
use codes::Codes;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use rustc_hash::FxHashSet;
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::Arc,
};

/// More rules than this are an overview where no more is asked for.
const MANY_RULES: usize = 20_000;

/// How much of what is open is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// All of it.
    Whole,
    /// All of it; of very many rules those that open a known port, or what a lint reports: enough for a page that shows
    /// the worst lines.
    Overview,
}

/// All that `review` has to say. Every place in it is in `files`.
#[derive(Debug)]
pub struct Review {
    /// The files, by path.
    pub files: Vec<SourceFile>,
    /// The SHA-256 of all files, one after the other by path.
    pub digest: String,
    /// The hosts, in the order of their files.
    pub hosts: Vec<Host>,
    /// The entries of the knowledge base that are named.
    pub services: BTreeMap<ServiceId, ServiceView>,
    /// How many entries the knowledge base has.
    pub known: usize,
    /// Named inputs that could not be read.
    pub problems: Vec<Problem>,
    /// How many files a walk passed over because they are no rules.
    pub skipped: u32,
    /// Whether there was nothing in any file.
    pub empty: bool,
    /// Hosts of the configuration that cannot be; their files were reviewed one by one.
    pub refused: Vec<Error>,
}

/// One host.
#[derive(Debug)]
pub struct Host {
    /// What it is called.
    pub name: String,
    /// Its files, as indices with what they are.
    pub files: Vec<HostFile>,
    /// How many rules it has.
    pub rules: usize,
    /// Whether all of it was analysed.
    pub complete: bool,
    /// The families in which it has rules.
    pub families: Vec<Family>,
    /// Those whose packets to and through the host are all filtered, so that what is not listed is closed.
    pub filtered: Vec<Family>,
    /// Everything that is open, but for what [`Self::passed_over`] opens.
    pub open: Vec<OpenPart>,
    /// The same for people, the worst first.
    pub lines: Vec<Line>,
    /// How many rules let something in that is not told.
    pub passed_over: usize,
    /// The policies of the chains that filter.
    pub policies: Vec<PolicyLine>,
    /// What becomes of packets that no rule decides.
    pub stances: Vec<HookStance>,
    /// What one packet each answers.
    pub answers: Vec<Answer>,
    /// Lines that say something else for IPv4 than for IPv6; `None` where only one of them is given.
    pub differences: Option<usize>,
    /// What containers publish.
    pub containers: Containers,
    /// How many rules no packet reaches or matches.
    pub dead_rules: usize,
    /// What is taken for granted.
    pub assumptions: Vec<Assumption>,
}

/// A file of a host.
#[derive(Debug, Clone, Copy)]
pub struct HostFile {
    /// Its index.
    pub file: u32,
    /// The format it was read as.
    pub dialect: Dialect,
    /// Where such a file comes from.
    pub kind: FileKind,
}

impl Review {
    /// Whether everything that was named was analysed.
    pub fn complete(&self) -> bool {
        self.problems.is_empty() && self.hosts.iter().all(|host| host.complete)
    }

    /// What the process ends with: whatever is open, it was reviewed.
    pub fn exit(&self, settings: &Settings) -> Exit {
        if !self.refused.is_empty() {
            return Exit::Usage;
        }
        let nothing = self.empty && !settings.allow_empty;
        let incomplete = (nothing || !self.complete()) && !settings.allow_incomplete;
        if incomplete { Exit::Incomplete } else { Exit::Clean }
    }
}

/// Everything that the parts of a review ask about one host.
#[derive(Clone, Copy)]
struct HostContext<'a> {
    inputs: &'a [lower::Input<'a>],
    group: &'a Group<'a>,
    analysis: &'a Analysis<'a>,
    openings: &'a [Vec<Opening>],
    knowledge: &'a Knowledge,
    tracer: &'a Tracer<'a>,
}

impl HostContext<'_> {
    /// What is written at a place.
    fn words(&self, place: Place) -> &str {
        let source = self.inputs.iter().find(|it| it.file == place.file).map(|it| it.source);
        source.map_or("", |it| it.slice(place.span))
    }

    /// Whether a rule holds one of these sequences of words.
    fn says(&self, sentences: &[&[&str]]) -> bool {
        let ruleset = self.analysis.ruleset;
        let has = |text: &str, sentence: &[&str]| {
            let words: Vec<&str> = text.split_whitespace().collect();
            words.windows(sentence.len()).any(|window| window == sentence)
        };
        self.inputs.iter().any(|input| {
            let text = input.source.text();
            // Most files lack one of the words, and are not read rule by rule.
            let may_say = |it: &&&[&str]| it.iter().all(|word| text.contains(word));
            let wanted: Vec<_> = sentences.iter().filter(may_say).collect();
            let own = || ruleset.rules.iter().filter(|rule| rule.place.file == input.file);
            !wanted.is_empty()
                && own().any(|rule| {
                    let text = input.source.slice(rule.place.span);
                    wanted.iter().any(|sentence| has(text, sentence))
                })
        })
    }
}

/// Reviews everything that was read, in the format `dialect` where one is given.
pub fn review(inputs: Inputs, dialect: Option<Dialect>, plan: &Plan, detail: Detail) -> Review {
    let reading = Reading::of(inputs, dialect);
    let texts = reading.texts();
    let empty = texts.iter().all(|text| text.parsed.says_nothing());
    let (groups, refused) = hosts::groups(&texts, plan);
    let hosts = groups.par_iter().map(|group| {
        let inputs: Vec<_> = group.texts.iter().map(|it| texts[*it].input()).collect();
        (host(&inputs, group, detail), Arc::clone(&group.settings.knowledge))
    });
    let ((mut hosts, knowledge), digest): ((Vec<Host>, Vec<Arc<Knowledge>>), String) =
        rayon::join(|| hosts.unzip(), || digest(reading.files.iter().map(|it| &it.source)));
    for host in &mut hosts {
        host.put_back(&reading);
        host.name = name(&reading, &host.files);
    }
    let mut services = BTreeMap::new();
    for (host, knowledge) in hosts.iter().zip(&knowledge) {
        for id in host.open.iter().flat_map(|it| &it.services).map(|it| it.service) {
            services.entry(id).or_insert_with(|| ServiceView::of(knowledge, id));
        }
    }
    let Reading { files, problems, skipped, .. } = reading;
    let files: Vec<SourceFile> = files.into_iter().map(|it| it.source).collect();
    let known = plan.run.knowledge.services().count();
    Review { files, digest, hosts, services, known, problems, skipped, empty, refused }
}

fn digest<'f>(files: impl Iterator<Item = &'f SourceFile>) -> String {
    let mut hash = Sha256::new();
    for file in files {
        hash.update(file.text());
    }
    let mut text = String::with_capacity(64);
    for byte in hash.finalize() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// A host of one file of rules is called after it, one of several after their folder.
fn name(reading: &Reading, files: &[HostFile]) -> String {
    let path = |file: &HostFile| reading.files[file.file as usize].source.path.as_str();
    let rules = || files.iter().filter(|it| it.dialect != Dialect::Ipset);
    let first = rules().chain(files).next().map(path).unwrap_or_default();
    if rules().count() < 2 {
        return first.to_owned();
    }
    match first.rsplit_once('/') {
        Some((folder, _)) => folder.to_owned(),
        None => first.rsplit_once('.').map_or(first, |(stem, _)| stem).to_owned(),
    }
}

fn host(inputs: &[lower::Input<'_>], group: &Group<'_>, detail: Detail) -> Host {
    let settings = Settings {
        select: vec!["FW1".to_owned()],
        ignore: Vec::new(),
        severity: Vec::new(),
        per_file: Vec::new(),
        min_severity: Severity::Info,
        ..group.settings.clone()
    };
    let ruleset = lower::ruleset(inputs);
    let (knowledge, wide) = (&*settings.knowledge, settings.options.wide_range);
    let interest = match detail {
        Detail::Overview if ruleset.rules.len() > MANY_RULES => {
            Interest::Overview { knowledge, wide }
        }
        Detail::Overview | Detail::Whole => Interest::Everything,
    };
    let analysis = Analysis::within(&ruleset, interest, &group.settings.zones);
    let openings = analysis.openings(knowledge, wide, false);
    let tracer = Tracer::new(&ruleset);
    let (analysis, openings, tracer) = (&analysis, &openings[..], &tracer);
    let cx = HostContext { inputs, group, analysis, openings, knowledge, tracer };
    let codes = Codes::of(&findings(&cx, &settings));
    let (open, sources) = exposures::of(&cx, &codes);
    let complete = is_complete(inputs, analysis);
    let passed_over = passed_over(analysis);
    let lines = lines::of(&cx, &open, &sources, complete, passed_over > 0);
    let policies = stance::policies(&cx, &codes);
    let stances = stance::stances(&cx, &policies);
    let both = analysis.families.len() == 2;
    let differs = |line: &&Line| {
        !line.cells.contains(&Cell::NotGiven) && line.cells[0].is_open() != line.cells[1].is_open()
    };
    Host {
        name: String::new(),
        files: inputs.iter().map(host_file).collect(),
        rules: ruleset.rules.len(),
        complete,
        filtered: if complete { stance::filtered(&cx) } else { Vec::new() },
        families: analysis.families.iter().map(|it| it.space.family).collect(),
        answers: questions::answers(&cx, &sources),
        differences: both.then(|| lines.iter().filter(differs).count()),
        containers: stance::containers(&cx, &open),
        dead_rules: analysis.dead().rules.len(),
        assumptions: assumptions::of(&cx, &open),
        open,
        lines,
        passed_over,
        policies,
        stances,
    }
}

/// How many rules that packets come to let in what nobody was interested in.
fn passed_over(analysis: &Analysis<'_>) -> usize {
    let rules = analysis.families.iter().flat_map(|it| it.passed_over.iter().copied());
    let rules: BTreeSet<RuleId> = rules.collect();
    if rules.is_empty() {
        return 0;
    }
    let dead: FxHashSet<RuleId> = analysis.dead().rules.iter().map(|it| it.rule).collect();
    rules.iter().filter(|rule| !dead.contains(rule)).count()
}

fn host_file(input: &lower::Input<'_>) -> HostFile {
    let (dialect, kind) = (input.parsed.dialect, input.parsed.kind);
    HostFile { file: input.file, dialect, kind }
}

fn is_complete(inputs: &[lower::Input<'_>], analysis: &Analysis<'_>) -> bool {
    let bounded = analysis.families.iter().any(|family| family.bounded.is_some());
    let mut errors = inputs.iter().flat_map(|input| &input.parsed.errors);
    !bounded && analysis.calls.loops.is_empty() && !errors.any(syntax::Error::stops_loading)
}

/// What the lints about open ports and policies report, whatever its severity.
fn findings<'a>(cx: &HostContext<'a>, settings: &'a Settings) -> Vec<lints::Finding> {
    lints::run(&Context {
        inputs: cx.inputs,
        analysis: cx.analysis,
        openings: cx.openings,
        knowledge: cx.knowledge,
        settings,
        host: cx.group.host,
    })
}

impl Host {
    /// Puts every place back into its own file.
    fn put_back(&mut self, reading: &Reading) {
        let decided = |decided: &mut Decided| {
            *decided = match *decided {
                Decided::Rule(place) => Decided::Rule(reading.locate(place)),
                Decided::Policy(place) => Decided::Policy(reading.locate(place)),
            };
        };
        self.open.iter_mut().for_each(|it| decided(&mut it.decided_by));
        self.lines.iter_mut().flat_map(|it| &mut it.decided_by).for_each(decided);
        self.answers.iter_mut().filter_map(|it| it.decided_by.as_mut()).for_each(decided);
        self.policies.iter_mut().for_each(|it| it.place = reading.locate(it.place));
    }
}
