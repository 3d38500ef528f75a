//! What the program knows: `fwlint explain`, `lints`, `ports`.

use super::Process;
use fwlint::{
    commands::{
        self, Exit, PortQuery,
        arguments::{Explain, Lints, Listing, Ports},
    },
    report,
    settings::Look,
    words::Message,
};
use std::io::Write;

pub(crate) fn explain(arguments: &Explain, process: &Process) -> Exit {
    let language = process.language(&arguments.common);
    let display = arguments.common.display();
    match commands::explain(&arguments.word, commands::catalogue(), &commands::services()) {
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
    let language = process.language(&arguments.common);
    let query = PortQuery { text: arguments.query.clone(), category: arguments.category.clone() };
    let services = commands::ports(commands::services(), &query);
    let write = |out: &mut dyn Write, look: &Look| match arguments.format {
        Listing::Text => report::ports(out, &services, language, look),
        Listing::Json => report::ports_json(out, &services),
    };
    process.print(write, &arguments.common.display())
}
