//! `fwlint diff`.

use super::{Asked, Process, git::Checkout, remark};
use fwlint::{
    commands::{
        self, Exit,
        arguments::{Diff, Files},
    },
    report,
    settings::{Look, TableFormat},
    source::input::{self, Inputs, Request},
    words::Message,
};
use std::{
    io::{self, Write},
    path::PathBuf,
};

pub(crate) fn diff(arguments: &Diff, process: &Process) -> Exit {
    let choice = arguments.configured.choice();
    let asked = Asked::new(process, &arguments.common, choice, arguments.overrides());
    let outputs = match arguments.outputs() {
        Ok(outputs) => outputs,
        Err(error) => return asked.refuse(&error),
    };
    let sides = match sides(arguments) {
        Ok(sides) => sides,
        Err(Failed { subject, message, exit }) => {
            process.note(&subject, &message, asked.language, &asked.display);
            return exit;
        }
    };
    // What is to be lies where its configuration does.
    let plan = match asked.planner().plan(&sides[1]) {
        Ok(plan) => plan,
        Err(error) => return asked.refuse(&error),
    };
    let (dialect, outgoing) = (arguments.files.dialect, arguments.outgoing);
    let comparison = commands::diff::diff(sides, dialect, outgoing, &plan);
    let settings = plan.run;
    asked.remark_input(&[], &comparison.problems, &[], settings.language);
    let exit = comparison.exit(arguments.fail_on, &settings);
    let (nothing, complete) = (comparison.empty, comparison.complete());
    remark("diff", nothing, complete, exit, process, &settings);
    let write = |out: &mut dyn Write, format: TableFormat, look: &Look| {
        report::diff::write(out, format, &comparison, arguments.fail_on, &settings, look)
    };
    process.write(&outputs, &settings.display, &write).max(exit)
}

/// Reads what `request` names, with all that it includes, each file for itself.
fn read_as(files: &Files, request: &Request) -> Result<Inputs, input::Problem> {
    let wanted = |source: &_, origin| commands::recognised(source, origin, files.dialect);
    let includes = |source: &_, origin| commands::includes(source, origin, files.dialect);
    let mut inputs = input::read(request, &mut io::stdin(), &wanted)?;
    input::follow(&mut inputs, request, &includes);
    Ok(inputs)
}

/// Why there is nothing to compare.
struct Failed {
    subject: String,
    message: Message,
    exit: Exit,
}

/// Reads what is to be compared: two paths, or what a commit holds and what lies here.
fn sides(arguments: &Diff) -> Result<[Inputs; 2], Failed> {
    let files = &arguments.files;
    let said = |problem: input::Problem| Failed {
        subject: problem.path().to_owned(),
        message: problem.message(),
        exit: Exit::Usage,
    };
    let Some(reference) = &arguments.git else {
        let [old, new] = &files.paths[..] else {
            let message = Message {
                en: "two paths are compared, OLD and NEW, or one side with `--git REF`".into(),
                zh: "需要两个路径 OLD 和 NEW，或用 `--git REF` 指定旧的一侧".into(),
            };
            return Err(Failed { subject: "diff".into(), message, exit: Exit::Usage });
        };
        let one = |path: &PathBuf| {
            let request = Request { paths: vec![path.clone()], ..files.request() };
            read_as(files, &request).map_err(said)
        };
        return Ok([one(old)?, one(new)?]);
    };
    let failed = |why: String| {
        let message = Message {
            en: format!("git does not give it: {why}"),
            zh: format!("无法从 git 取得：{why}"),
        };
        Failed { subject: reference.clone(), message, exit: Exit::Incomplete }
    };
    let new = read_as(files, &files.request()).map_err(said)?;
    let tree = Checkout::of(reference, &files.paths).map_err(failed)?;
    let request = Request { paths: tree.paths.clone(), ..files.request() };
    let mut old = read_as(files, &request).map_err(said)?;
    old.shown_without(&input::shown(&tree.here));
    // What a commit lacks is new.
    old.problems.retain(|it| {
        !matches!(it, input::Problem::Missing { .. } | input::Problem::NoMatch { .. })
    });
    Ok([old, new])
}
