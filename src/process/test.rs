//! `fwlint test`.

use super::{Asked, Process, Stop};
use fwlint::{
    commands::{
        self, Assertions, Exit,
        arguments::{Listing, Test},
    },
    report,
    settings::Look,
    source::input,
    words::Message,
};
use std::{io::Write, path::Path};

pub(crate) fn test(arguments: &Test, process: &Process) -> Exit {
    let asked = Asked::new(
        process,
        &arguments.common,
        arguments.configured.choice(),
        arguments.overrides(),
    );
    let planner = asked.planner();
    let work = || -> Result<_, Stop> {
        let mut configs = arguments.files.clone();
        if configs.is_empty() {
            configs.extend(planner.config(Path::new(""))?);
        }
        let mut settings = Vec::new();
        for config in configs {
            settings.push((planner.settings(Some(&config))?, config));
        }
        let mut all = Assertions::default();
        for (settings, config) in &settings {
            let folder = config.parent().filter(|it| !it.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new("."));
            let request = arguments.request(folder.to_owned());
            let wanted = |source: &_, origin| commands::recognised(source, origin, None);
            let mut inputs = commands::tested::<Stop>(settings, folder, &request, &wanted)?;
            let includes = |source: &_, origin| commands::includes(source, origin, None);
            input::follow(&mut inputs, &request, &includes);
            all.add(commands::assertions(inputs, settings));
        }
        let spoken = settings.first().map(|(settings, _)| settings.language);
        Ok((all, spoken))
    };
    let (assertions, spoken) = match work() {
        Ok(done) => done,
        Err(stop) => return asked.stop(&stop),
    };
    let language = spoken.unwrap_or(asked.language);
    asked.remark_input(&assertions.refused, &assertions.problems, &assertions.opaque, language);
    let exit = assertions.exit();
    if assertions.all.is_empty() {
        let message = Message {
            en: "nothing was tested: there is no configuration with an `[expect]`, or no host to ask".into(),
            zh: "没有测试任何内容：没有带 `[expect]` 的配置，或没有可供测试的主机".into(),
        };
        process.note("test", &message, language, &asked.display);
    }
    let write = |out: &mut dyn Write, look: &Look| match arguments.format {
        Listing::Text => report::assertions(out, &assertions, language, look),
        Listing::Json => report::assertions_json(out, &assertions),
    };
    process.print(write, &asked.display).max(exit)
}
