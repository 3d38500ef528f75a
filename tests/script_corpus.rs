//! Scripts of other people: what a shell and the loaders take is read without an error, and what stays unknown is told.

mod manifest;

use fwlint::{
    source::SourceFile,
    syntax::{self, Dialect, Tree},
};
use std::{collections::BTreeMap, fs};

#[test]
fn scripts_that_load_are_read_to_the_end() {
    let Some(corpus) = manifest::corpus() else { return };
    let (mut problems, mut counts) = (Vec::new(), BTreeMap::<&str, usize>::new());
    for row in manifest::rows(&corpus) {
        if !matches!(row.dialect.as_str(), "iptables-script" | "nft-script") {
            continue;
        }
        let path = corpus.join(&row.out);
        let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let source = SourceFile::new(row.out.clone(), bytes);
        let parsed = syntax::parse(&source, Some(Dialect::Script)).expect("a dialect is given");
        let Tree::Script(script) = &parsed.tree else {
            assert_ne!(row.valid, "yes", "{} is not read", row.out);
            continue;
        };
        let mut add = |what, number| *counts.entry(what).or_default() += number;
        add("scripts", 1);
        add("commands", script.commands.len());
        add(
            "commands that may not run",
            script.commands.iter().filter(|it| !it.answers.is_empty()).count(),
        );
        add("variables never set", script.unset.len());
        add("parts not followed", script.unread.len());
        add("words with something unknown", script.unresolved_words().count());
        add("errors", parsed.errors.len());
        if row.valid == "yes" {
            add("scripts that load", 1);
            add(
                "of these with something unknown",
                usize::from(
                    script.unresolved_words().next().is_some() || !script.unread.is_empty(),
                ),
            );
            for error in &parsed.errors {
                let text = script.whole.source.slice(error.span);
                let line = source.position(script.located(error.span).start).line;
                problems.push(format!("{}:{line}: {:?}: {text:?}", row.out, error.kind));
            }
            for unread in &script.unread {
                let line = source.position(script.located(unread.span).start).line;
                eprintln!("{}:{line}: not followed: {:?}", row.out, unread.kind);
            }
            for span in script.unresolved_words() {
                let line = source.position(script.located(span).start).line;
                eprintln!("{}:{line}: unknown: {}", row.out, script.whole.source.slice(span));
            }
            for question in &script.questions {
                let line = source.position(question.span.start).line;
                eprintln!("{}:{line}: asked: {}", row.out, source.slice(question.span));
            }
        } else if std::env::var_os("SHOW").is_some() {
            for error in &parsed.errors {
                let text = script.whole.source.slice(error.span);
                let line = source.position(script.located(error.span).start).line;
                eprintln!("CONTEXT {} {}:{line}: {:?}: {text:?}", row.valid, row.out, error.kind);
            }
        }
    }
    for (what, number) in &counts {
        eprintln!("{number:>7} {what}");
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
