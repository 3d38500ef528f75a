//! `fwlint review`.

use super::{Asked, Process, read, remark};
use fwlint::{
    commands::{self, Exit, arguments::Review, review::Detail},
    report,
    settings::{Look, Output, TableFormat},
};
use std::io::Write;

pub(crate) fn review(arguments: &Review, process: &Process) -> Exit {
    let asked = Asked::new(
        process,
        &arguments.common,
        arguments.configured.choice(),
        arguments.overrides(),
    );
    let outputs = match arguments.outputs() {
        Ok(outputs) => outputs,
        Err(error) => return asked.refuse(&error),
    };
    let planner = asked.planner();
    let (inputs, plan) = match read(&arguments.files, &planner) {
        Ok(read) => read,
        Err(stop) => return asked.stop(&stop),
    };
    let lists =
        |it: &Output<TableFormat>| matches!(it.format, TableFormat::Json | TableFormat::Csv);
    let whole = plan.run.display.verbose || outputs.iter().any(lists);
    let detail = if whole { Detail::Whole } else { Detail::Overview };
    let review = commands::review::review(inputs, arguments.files.dialect, &plan, detail);
    let settings = plan.run;
    asked.remark_input(&review.refused, &review.problems, &[], settings.language);
    let exit = review.exit(&settings);
    remark("review", review.empty, review.complete(), exit, process, &settings);
    let write = |out: &mut dyn Write, format: TableFormat, look: &Look| {
        report::review(out, format, &review, &settings, look)
    };
    process.write(&outputs, &settings.display, &write).max(exit)
}
