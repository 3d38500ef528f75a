use super::{Confidence, Finding, Label, Lint, Place, Repair, phrases};
use crate::{
    analysis::{Analysis, Decider, Exposure, FamilyAnalysis, Opening, What},
    knowledge::Knowledge,
    lower::Input,
    model::{RuleId, Ruleset},
    settings::{Host, Persona, Settings, Severity},
    source::SourceFile,
    words::Message,
};
use std::collections::BTreeMap;

/// Everything a lint may ask about one host.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Its files.
    pub inputs: &'a [Input<'a>],
    /// What its rules let through.
    pub analysis: &'a Analysis<'a>,
    /// What that opens, for each family of the analysis.
    pub openings: &'a [Vec<Opening>],
    /// What is known about ports.
    pub knowledge: &'a Knowledge,
    /// What the user wants.
    pub settings: &'a Settings,
    /// What the user says of the host.
    pub host: Option<&'a Host>,
}

impl<'a> Context<'a> {
    /// Its rules.
    pub fn ruleset(&self) -> &'a Ruleset {
        self.analysis.ruleset
    }

    /// Every opening, with its exposure and its family.
    pub fn openings(
        &self,
    ) -> impl Iterator<Item = (&'a FamilyAnalysis<'a>, &'a Exposure, &'a Opening)> {
        let families = self.analysis.families.iter().zip(self.openings);
        families.flat_map(|(family, openings)| {
            openings.iter().map(move |it| (family, &family.exposures[it.exposure], it))
        })
    }

    /// The openings that are no single services, those once that a rule opens alike in both families.
    pub fn openings_by_rule(&self) -> Vec<RuleOpening<'a>> {
        let mut found: Vec<RuleOpening<'a>> = Vec::new();
        let mut by_rule: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (family, exposure, opening) in self.openings() {
            if matches!(opening.what, What::Service(_)) {
                continue;
            }
            let new = RuleOpening { family, exposure, opening, both_families: false };
            let known = by_rule.entry((exposure.decider, exposure.translated_by)).or_default();
            if let Some(index) = known.iter().find(|index| found[**index].is_like(&new)) {
                found[*index].both_families = true;
            } else {
                known.push(found.len());
                found.push(new);
            }
        }
        found
    }

    /// The file that a place is in.
    pub fn source(&self, place: Place) -> Option<&'a SourceFile> {
        self.inputs.iter().find(|input| input.file == place.file).map(|input| input.source)
    }

    /// What is written at a place.
    pub fn text(&self, place: Place) -> &'a str {
        self.source(place).map_or("", |source| source.slice(place.span))
    }

    /// The line of a place, from 1.
    pub fn line(&self, place: Place) -> u32 {
        let Some(input) = self.inputs.iter().find(|input| input.file == place.file) else {
            return 0;
        };
        let script = input.parsed.script();
        let span = script.map_or(place.span, |script| script.located(place.span));
        input.source.position(span.start).line
    }

    /// Whether a lint is on, and for every file.
    pub(super) fn is_on(&self, lint: &Lint) -> bool {
        let is_on = |it: &Settings| it.is_on(lint.code, lint.name, lint.persona);
        is_on(self.settings) && self.settings.variants().iter().all(is_on)
    }

    /// The rule whose words open what an exposure lets in: the one that accepts, or the translation in front of a policy
    /// that does.
    pub fn opening_rule(exposure: &Exposure) -> Option<RuleId> {
        match exposure.decider {
            Decider::Rule(rule) => Some(rule),
            Decider::Policy(_) => exposure.translated_by,
        }
    }

    /// `severity` lowered by `steps`; below info only persona audit sees it, as info.
    pub fn lowered(&self, severity: Severity, steps: u8) -> Option<Severity> {
        let rank = match severity {
            Severity::Error => 2_u8,
            Severity::Warning => 1,
            Severity::Info => 0,
        };
        match rank.checked_sub(steps) {
            Some(2..) => Some(Severity::Error),
            Some(1) => Some(Severity::Warning),
            Some(0) => Some(Severity::Info),
            None => (self.settings.persona == Persona::Audit).then_some(Severity::Info),
        }
    }
}

/// What a rule opens that is no single service.
#[derive(Debug, Clone, Copy)]
pub struct RuleOpening<'a> {
    /// The family; the first of two.
    pub family: &'a FamilyAnalysis<'a>,
    /// The packets.
    pub exposure: &'a Exposure,
    /// What is opened, and to whom.
    pub opening: &'a Opening,
    /// Whether the rule opens the same to everybody in the other family too.
    pub both_families: bool,
}

impl RuleOpening<'_> {
    fn is_like(&self, other: &Self) -> bool {
        let said = |it: &Self| (it.opening.reach.class, it.opening.reach.depends_on.is_empty());
        self.family.space.family != other.family.space.family
            && phrases::is_everybody(self.family, &self.opening.reach)
            && phrases::is_everybody(other.family, &other.opening.reach)
            && self.opening.reach.interfaces == other.opening.reach.interfaces
            && said(self) == said(other)
            && self.opening.what == other.opening.what
    }
}

/// What the lints report.
#[derive(Debug, Default)]
pub struct Findings(pub(super) Vec<Finding>);

impl Findings {
    /// Reports one.
    pub fn add(&mut self, finding: Finding) {
        self.0.push(finding);
    }

    pub(super) fn into_vec(self) -> Vec<Finding> {
        self.0
    }
}

impl Finding {
    /// A finding of the lint's usual severity about one place, computed and without anything to add.
    pub fn new(lint: &'static Lint, place: Place, message: Message, label: Message) -> Self {
        Self {
            lint,
            severity: lint.severity,
            confidence: Confidence::High,
            message,
            primary: Label { place, text: label },
            labels: Vec::new(),
            help: Vec::new(),
            services: Vec::new(),
            source_class: None,
            witness: None,
            fixes: Vec::new(),
        }
    }

    /// The same with another severity.
    #[must_use]
    pub fn severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    /// The same with one more sentence of help.
    #[must_use]
    pub fn help(mut self, help: Message) -> Self {
        self.help.push(help);
        self
    }

    /// The same with what mends it, where something does.
    #[must_use]
    pub(super) fn fixed_by(mut self, fix: impl IntoIterator<Item = Repair>) -> Self {
        self.fixes.extend(fix);
        self
    }
}
