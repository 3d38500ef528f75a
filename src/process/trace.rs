//! `fwlint trace`.

use super::{Asked, Process, read};
use fwlint::{
    commands::{
        self, Exit, NoPacket,
        arguments::{Trace, TraceFormat},
    },
    packets::Packet,
    report,
    settings::Look,
    words::Message,
};
use std::{
    fs,
    io::{self, Write},
};

pub(crate) fn trace(mut arguments: Trace, process: &Process) -> Exit {
    let asked = Asked::new(
        process,
        &arguments.common,
        arguments.configured.choice(),
        arguments.overrides(),
    );
    let packets = match packets(&mut arguments, &asked) {
        Ok(packets) => packets,
        Err(exit) => return exit,
    };
    let planner = asked.planner();
    let (inputs, plan) = match read(&arguments.files, &planner) {
        Ok(read) => read,
        Err(stop) => return asked.stop(&stop),
    };
    let traces = commands::traces(inputs, arguments.files.dialect, &plan, &packets);
    let language = plan.run.language;
    asked.remark_input(&traces.refused, &traces.problems, &traces.opaque, language);
    let exit = traces.exit(&plan.run);
    let walk = arguments.walk;
    let write = |out: &mut dyn Write, format: TraceFormat, look: &Look| match format {
        TraceFormat::Text => report::traces(out, &traces, walk, language, look),
        TraceFormat::Json => report::traces_json(out, &traces, walk, false),
        TraceFormat::Jsonl => report::traces_json(out, &traces, walk, true),
    };
    process.write(&arguments.outputs(), &asked.display, &write).max(exit)
}

/// The packets that are asked about.
fn packets(arguments: &mut Trace, asked: &Asked<'_>) -> Result<Vec<Packet>, Exit> {
    let Asked { process, language, display, .. } = asked;
    let refuse = |at: &str, wrong: &NoPacket| {
        let look = process.stderr_look(display);
        let _ = report::wrong_packet(&mut io::stderr().lock(), at, wrong, *language, &look);
        Exit::Usage
    };
    if let Some(text) = arguments.split() {
        return commands::packet(&text).map(|it| vec![it]).map_err(|wrong| refuse("trace", &wrong));
    }
    let Some(path) = &arguments.packets else {
        let message = Message {
            en: "which packet? `fwlint trace --help` shows how to write one".into(),
            zh: "要跟踪哪个数据包？写法见 `fwlint trace --help`".into(),
        };
        process.note("trace", &message, *language, display);
        return Err(Exit::Usage);
    };
    let name = path.display().to_string();
    let text = if name == "-" { io::read_to_string(io::stdin()) } else { fs::read_to_string(path) };
    let text = text.map_err(|error| {
        let _ = writeln!(io::stderr(), "fwlint: {name}: {error}");
        Exit::Usage
    })?;
    let lines = text
        .lines()
        .zip(1..)
        .map(|(line, number)| (line.split('#').next().unwrap_or_default().trim_end(), number));
    let packets = lines.filter(|(line, _)| !line.trim().is_empty()).map(|(line, number)| {
        commands::packet(line).map_err(|wrong| refuse(&format!("{name}:{number}"), &wrong))
    });
    packets.collect()
}
