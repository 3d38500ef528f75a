//! What was read and parsed: what every command about rules begins with. [`super::hosts`] says what makes a host.

use super::{Plan, hosts};
use crate::{
    lower,
    model::Place,
    settings::Settings,
    source::{
        Directive, SourceFile, Whole,
        input::{Input, Inputs, Origin, Problem},
    },
    syntax::{self, Dialect, Parsed},
};
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use std::collections::BTreeMap;

/// Whether a file is one of rules: what reading asks, file by file.
///
/// A `--dialect` holds for what was named; what a walk finds must show by itself that it is one.
pub fn recognised(source: &SourceFile, origin: Origin, dialect: Option<Dialect>) -> bool {
    let named = matches!(origin, Origin::Named | Origin::Pattern);
    (named && dialect.is_some()) || Dialect::of(source).is_some()
}

/// Where a file pulls in others: what following includes asks, file by file.
pub fn includes(source: &SourceFile, origin: Origin, dialect: Option<Dialect>) -> Vec<Directive> {
    let dialect = match origin {
        Origin::Included => Some(Dialect::Nft),
        Origin::Walked | Origin::Context => None,
        Origin::Named | Origin::Pattern => dialect,
    };
    syntax::includes(source, dialect)
}

/// Everything that was read, each text with its tree.
#[derive(Debug)]
pub(super) struct Reading {
    /// The files, by path.
    pub(super) files: Vec<Input>,
    /// Which of them were asked about; the others are read because they belong to the same hosts.
    pub(super) asked: Vec<bool>,
    /// The texts that files make with all that they include, by the file that includes the others.
    pub(super) wholes: BTreeMap<u32, Whole>,
    /// The trees, by file; none for one that is read only as a part of another.
    parsed: Vec<Option<Parsed>>,
    /// What could not be read.
    pub(super) problems: Vec<Problem>,
    /// How many files a walk passed over because they are no rules.
    pub(super) skipped: u32,
}

/// A text that is analysed: a file with all that it includes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'r> {
    /// Index of the file.
    pub(super) file: u32,
    /// The text.
    pub(super) source: &'r SourceFile,
    /// Its tree.
    pub(super) parsed: &'r Parsed,
}

impl<'r> Text<'r> {
    /// As lowering takes it.
    pub(super) const fn input(self) -> lower::Input<'r> {
        let Self { file, source, parsed } = self;
        lower::Input { file, source, parsed }
    }
}

impl Reading {
    /// Parses everything, in the format `dialect` where one is given.
    pub(super) fn of(inputs: Inputs, dialect: Option<Dialect>) -> Self {
        let asked = inputs.asked();
        let Inputs { files, wholes, problems, skipped, .. } = inputs;
        let parse = |(file, input): (usize, &Input)| {
            if input.origin == Origin::Included {
                return None;
            }
            let named = matches!(input.origin, Origin::Named | Origin::Pattern);
            syntax::parse(whole(&files, &wholes, file), dialect.filter(|_| named))
        };
        let parsed = files.par_iter().enumerate().map(parse).collect();
        let skipped = u32::try_from(skipped.len()).unwrap_or(u32::MAX);
        Self { files, asked, wholes, parsed, problems, skipped }
    }

    /// The texts, in the order of their files.
    pub(super) fn texts(&self) -> Vec<Text<'_>> {
        let parsed = self.parsed.iter().enumerate();
        let texts = parsed.filter_map(|(index, parsed)| {
            let file = u32::try_from(index).ok()?;
            let parsed = parsed.as_ref()?;
            let source = parsed.text(whole(&self.files, &self.wholes, index));
            Some(Text { file, source, parsed })
        });
        texts.collect()
    }

    /// The format that a file was read as; what another includes is nftables.
    pub(super) fn dialect(&self, file: u32) -> Dialect {
        self.parsed[file as usize].as_ref().map_or(Dialect::Nft, |parsed| parsed.dialect)
    }

    /// The same place in the file that it is in.
    pub(super) fn locate(&self, place: Place) -> Place {
        let parsed = self.parsed.get(place.file as usize).and_then(Option::as_ref);
        if let Some(script) = parsed.and_then(Parsed::script) {
            return Place { span: script.located(place.span), ..place };
        }
        let Some(whole) = self.wholes.get(&place.file) else { return place };
        let (file, span) = whole.locate(place.span);
        Place { file, span }
    }

    /// The files of each host that no configuration makes. Places in them are to be put back into their files by
    /// [`Self::locate`].
    pub(super) fn hosts(&self) -> Vec<Vec<lower::Input<'_>>> {
        let (texts, plan) = (self.texts(), Plan::of(Settings::default()));
        let (groups, _) = hosts::groups(&texts, &plan);
        let texts = &texts;
        groups.iter().map(|group| group.inputs(texts)).collect()
    }
}

/// What is analysed of a file: all that it includes too.
fn whole<'f>(files: &'f [Input], wholes: &'f BTreeMap<u32, Whole>, index: usize) -> &'f SourceFile {
    let whole = u32::try_from(index).ok().and_then(|index| wholes.get(&index));
    whole.map_or(&files[index].source, |whole| &whole.source)
}
