//! An include that pulls in nothing, without a word from the loader.

use super::{Context, Example, Finding, Findings, Fix, Lint, Place, quote::quoted};
use crate::{
    settings::{Persona, Severity},
    source::{Inclusion, Nothing},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW411",
    name: "include-matches-nothing",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "an include finds no file, which the loader passes over in silence",
        zh: "include 找不到任何文件，而加载程序对此不作提示",
    },
    why: Text {
        en: "A pattern that matches nothing and a directory are no errors to nft: the rules load without the part that was \
             meant to be there, and what it would have closed stays open.",
        zh: "对 nft 来说，模式没有匹配或指定了目录都不算错误：规则会在缺少该部分的情况下加载，本应由它关闭的仍然开放。",
    },
    remedy: Text {
        en: "Correct the pattern (`DIR/*.nft` for all of a directory), or give the files to the check with `-I DIR` or \
             `--sysroot DIR`.",
        zh: "请改正该模式（目录中的全部文件写作 `DIR/*.nft`），或用 `-I DIR`、`--sysroot DIR` 提供这些文件。",
    },
    examples: &[Example {
        dialect: Dialect::Nft,
        settings: "",
        bad: "\
include \"nftables.d/*.conf\"
#~^ FW411
table inet filter {
\tchain input {
\t\ttype filter hook input priority filter; policy drop;
\t\tiifname \"lo\" accept
\t}
}
",
        good: "\
table inet filter {
\tchain input {
\t\ttype filter hook input priority filter; policy drop;
\t\tiifname \"lo\" accept
\t}
}
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    for input in cx.inputs {
        for include in &input.source.includes {
            if let Inclusion::Nothing(nothing) = include.outcome {
                let place = Place { file: input.file, span: include.path };
                findings.add(finding(place, &quoted(cx.text(place)), nothing));
            }
        }
    }
}

fn finding(place: Place, path: &str, nothing: Nothing) -> Finding {
    let (message, label) = match nothing {
        Nothing::NoMatch => (
            Message {
                en: format!("no file here matches {path}, so this include pulls in nothing"),
                zh: format!("此处没有文件匹配 {path}，因此该 include 不引入任何内容"),
            },
            Message { en: "no error to the loader".into(), zh: "加载程序不会报错".into() },
        ),
        Nothing::Directory => (
            Message {
                en: format!("{path} is a directory here, so this include pulls in nothing"),
                zh: format!("{path} 在此处是目录，因此该 include 不引入任何内容"),
            },
            Message {
                en: "the loader passes over directories".into(),
                zh: "加载程序会跳过目录".into(),
            },
        ),
    };
    Finding::new(&LINT, place, message, label)
        .help(Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() })
        .help(Message {
            en: "Whether the machine that loads the rules has such files is not known here.".into(),
            zh: "加载规则的主机上是否有这些文件，此处无从得知。".into(),
        })
}
