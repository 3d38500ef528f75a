//! What the program knows: `fwlint explain`, `lints`, `ports`.

use super::{Asked, Process};
use fwlint::{
    commands::{
        self, Exit, PortQuery,
        arguments::{Common, Configured, Explain, Lints, Listing, Ports},
    },
    report,
    settings::{Error, Look, Overrides, Settings},
    words::Message,
};
use std::{io::Write, path::Path};

pub(crate) fn explain(arguments: &Explain, process: &Process) -> Exit {
    let (word, lints) = (&arguments.word, commands::catalogue());
    let known = known(&arguments.configured, &arguments.common, process);
    // The page of a lint is the same whatever a configuration says, even one that cannot be followed.
    let lint = commands::explain(word, lints, &[]).ok();
    let (language, display, services) = match (known, &lint) {
        (Ok(Settings { knowledge, language, display, .. }), _) => {
            (language, display, commands::services(&knowledge))
        }
        (Err(_), Some(_)) => {
            (process.language(&arguments.common), arguments.common.display(), Vec::new())
        }
        (Err(refused), None) => return refused.say(),
    };
    match lint.map_or_else(|| commands::explain(word, lints, &services), Ok) {
        Ok(page) => process.print(|out, look| report::page(out, &page, language, look), &display),
        Err(missing) => {
            let (en, zh) = match missing.nearest {
                Some(it) => (format!("; did you mean `{it}`?"), format!("；您是否想写 `{it}`？")),
                None => (String::new(), String::new()),
            };
            let message = Message {
                en: format!("no lint and no service is called so{en}"),
                zh: format!("没有这样的检查项或服务{zh}"),
            };
            process.note(&arguments.word, &message, language, &display);
            Exit::Usage
        }
    }
}

pub(crate) fn lints(arguments: &Lints, process: &Process) -> Exit {
    let language = process.language(&arguments.common);
    let lints = commands::catalogue();
    let write = |out: &mut dyn Write, look: &Look| match arguments.format {
        Listing::Text => report::lints(out, lints, language, look),
        Listing::Json => report::lints_json(out, lints),
    };
    process.print(write, &arguments.common.display())
}

pub(crate) fn ports(arguments: &Ports, process: &Process) -> Exit {
    let Settings { knowledge, language, display, .. } =
        match known(&arguments.configured, &arguments.common, process) {
            Ok(settings) => settings,
            Err(refused) => return refused.say(),
        };
    let query = PortQuery { text: arguments.query.clone(), category: arguments.category.clone() };
    let services = commands::ports(commands::services(&knowledge), &query);
    let write = |out: &mut dyn Write, look: &Look| match arguments.format {
        Listing::Text => report::ports(out, &services, language, look),
        Listing::Json => report::ports_json(out, &services),
    };
    process.print(write, &display)
}

/// What holds in the current directory, and so what is known there.
fn known<'p>(
    configured: &Configured,
    common: &Common,
    process: &'p Process,
) -> Result<Settings, Box<Refused<'p>>> {
    let (language, display) = (common.language(), common.display());
    let own = Overrides { language, display, ..Overrides::default() };
    let asked = Asked::new(process, common, configured.choice(), own);
    let planner = asked.planner();
    let settings = planner.config(Path::new("")).and_then(|path| planner.settings(path.as_deref()));
    settings.map_err(|error| Box::new(Refused { asked, error }))
}

/// A configuration that cannot be followed.
struct Refused<'p> {
    asked: Asked<'p>,
    error: Error,
}

impl Refused<'_> {
    fn say(&self) -> Exit {
        self.asked.refuse(&self.error)
    }
}
