//! What the files say of lints: which are on, how bad they are, for which files, and what they are told.

use super::{
    Cause, File, Wrong,
    raw::{Named, RawLint, RawPerFile, Table, Word},
    values::{Read, last, word},
};
use crate::{
    knowledge::Knowledge,
    settings::{
        CommentPattern, Error, Level, LintName, Options, PerFile, Severity, overrides::unknown_lint,
    },
    source::{
        SourceFile,
        input::{Patterns, identity, shown},
    },
};
use std::{fs, sync::Arc};
use toml::Spanned;

pub(in crate::settings) fn select(files: &[File], lints: &[LintName<'_>]) -> Read<Vec<String>> {
    let found = last(files, |file| lint(file)?.select.as_ref());
    found.map_or(Ok(Vec::new()), |(file, words)| lint_words(file, Some(words), lints))
}

pub(in crate::settings) fn ignore(files: &[File], lints: &[LintName<'_>]) -> Read<Vec<String>> {
    let found = last(files, |file| lint(file)?.ignore.as_ref());
    found.map_or(Ok(Vec::new()), |(file, words)| lint_words(file, Some(words), lints))
}

fn lint(file: &File) -> Option<&RawLint> {
    file.raw.lint.as_deref()
}

fn lint_words(file: &File, words: Option<&Vec<Word>>, lints: &[LintName<'_>]) -> Read<Vec<String>> {
    words.into_iter().flatten().map(|word| lint_word(file, word, lints)).collect()
}

fn lint_word(file: &File, word: &Word, lints: &[LintName<'_>]) -> Read<String> {
    let text = word.get_ref().clone();
    match unknown_lint(&text, lints) {
        Ok(()) => Ok(text),
        Err(nearest) => Err(file.wrong(word, Cause::UnknownLint { word: text, nearest })),
    }
}

/// The severities of all files, those of a later file behind.
pub(in crate::settings) fn severity(files: &[File], lints: &[LintName<'_>]) -> Read<Vec<Level>> {
    let mut levels = Vec::new();
    for file in files {
        levels.extend(self::levels(file, lint(file).and_then(|it| it.severity.as_ref()), lints)?);
    }
    Ok(levels)
}

fn levels(file: &File, raw: Option<&Named<Word>>, lints: &[LintName<'_>]) -> Read<Vec<Level>> {
    let severities = Severity::ALL.map(|it| (it.name(), Some(it)));
    let words: Vec<_> = severities.into_iter().chain([("off", None)]).collect();
    let mut known: Vec<(String, &Word)> = Vec::new();
    let mut levels = Vec::new();
    for (lint, severity) in raw.into_iter().flat_map(|it| &it.0) {
        let named = lint_word(file, lint, lints)?;
        let code = lints.iter().find(|it| it.name == named).map(|it| it.code.to_owned());
        let code = code.unwrap_or_else(|| named.to_ascii_uppercase());
        if let Some((_, twin)) = known.iter().find(|(it, _)| *it == code) {
            let wrong = Wrong::new(&file.spot(lint), Cause::TwiceTheLint(code));
            let against = Some(file.spot(twin));
            return Err(Error::Config(Box::new(Wrong { against, ..wrong })));
        }
        known.push((code, lint));
        levels.push(Level { word: named, severity: word(file, severity, &words)? });
    }
    Ok(levels)
}

/// What the last file that speaks of some files says of them.
pub(in crate::settings) fn per_file(files: &[File], lints: &[LintName<'_>]) -> Read<Vec<PerFile>> {
    let Some((file, entries)) = last(files, |file| lint(file)?.per_file.as_ref()) else {
        return Ok(Vec::new());
    };
    entries.iter().map(|entry| some(file, entry, lints)).collect()
}

fn some(file: &File, raw: &Spanned<Table<RawPerFile>>, lints: &[LintName<'_>]) -> Read<PerFile> {
    let RawPerFile { files, select, ignore, severity } = &**raw.get_ref();
    let files = files.as_ref().ok_or_else(|| file.wrong(raw, Cause::Missing("files")))?;
    if files.is_empty() {
        return Err(file.wrong(raw, Cause::Empty("files")));
    }
    for word in files {
        let one = Patterns::new(std::slice::from_ref(word.get_ref()));
        one.map_err(|problem| file.wrong(word, Cause::Pattern(problem.message())))?;
    }
    let words: Vec<String> = files.iter().map(|it| it.get_ref().clone()).collect();
    let files = Patterns::new(&words);
    Ok(PerFile {
        folder: identity(&file.folder),
        files: files.map_err(|problem| file.wrong(raw, Cause::Pattern(problem.message())))?,
        words,
        select: lint_words(file, select.as_ref(), lints)?,
        ignore: lint_words(file, ignore.as_ref(), lints)?,
        severity: levels(file, severity.as_ref(), lints)?,
    })
}

pub(in crate::settings) fn options(files: &[File]) -> Read<Options> {
    let option = |file| lint(file)?.options.as_deref();
    let mut options = Options::default();
    if let Some((file, number)) = last(files, |file| option(file)?.wide_range.as_ref()) {
        let in_range = u16::try_from(*number.get_ref()).ok();
        let in_range = in_range.filter(|it| (1..=Options::WIDEST).contains(it));
        let range = Cause::Number { least: 1, most: Options::WIDEST.into() };
        options.wide_range = in_range.ok_or_else(|| file.wrong(number, range))?;
    }
    if let Some((_, required)) = last(files, |file| option(file)?.require_reason.as_ref()) {
        options.require_reason = *required.get_ref();
    }
    if let Some((file, text)) = last(files, |file| option(file)?.comment_regex.as_ref()) {
        let pattern = CommentPattern::new(text.get_ref());
        let pattern = pattern.map_err(|why| file.wrong(text, Cause::Regex(why)))?;
        options.comment = (!text.get_ref().is_empty()).then_some(pattern);
    }
    Ok(options)
}

/// The built-in entries with those of the files that the last configuration to name any names.
pub(in crate::settings) fn knowledge(files: &[File]) -> Read<Arc<Knowledge>> {
    let mut knowledge = Knowledge::builtin();
    let extra = last(files, |file| file.raw.knowledge.as_ref()?.extra.as_ref());
    for (file, word) in
        extra.into_iter().flat_map(|(file, words)| words.iter().map(move |it| (file, it)))
    {
        let path = file.folder.join(word.get_ref());
        let bytes = fs::read(&path).map_err(|error| {
            file.wrong(word, Cause::Unreadable { path: shown(&path), why: error.to_string() })
        })?;
        let source = SourceFile::new(shown(&path), bytes);
        knowledge = knowledge.with_file(&source.path, source.text()).map_err(|error| {
            let cause =
                Cause::Knowledge { message: error.cause.message(), help: error.help().cloned() };
            let text = super::Text { path: source.path.clone(), text: source.text().to_owned() };
            let spot = super::Spot { file: Arc::new(text), span: error.range() };
            Error::Config(Box::new(Wrong::new(&spot, cause)))
        })?;
    }
    Ok(Arc::new(knowledge))
}
