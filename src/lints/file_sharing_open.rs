//! File sharing is reachable.

use super::{Example, Fix, Lint, service};
use crate::{
    knowledge::Category,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW109",
    name: "file-sharing-open",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text { en: "file sharing is reachable", zh: "文件共享服务可被访问" },
    why: Text {
        en: "SMB, NFS, rsync and iSCSI were made for the local network: exposed, they give away files and take \
             password guesses, and SMB has carried worms such as Conficker and WannaCry.",
        zh: "SMB、NFS、rsync、iSCSI 是为局域网设计的：暴露在外会泄露文件、招来口令爆破，SMB 更曾是 Conficker、WannaCry 等蠕虫的传播途径。",
    },
    remedy: Text {
        en: "Let in only the network that mounts it (`-s 10.0.3.0/24`); from elsewhere use a VPN, SFTP or HTTPS.",
        zh: "请只放行需要挂载的网段（如 `-s 10.0.3.0/24`）；从其他位置访问请改用 VPN、SFTP 或 HTTPS。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 445 -j ACCEPT
#~^ FW109
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
COMMIT
",
    }],
    check: |cx, findings| service::report(cx, findings, &LINT, Category::FileSharing),
};
