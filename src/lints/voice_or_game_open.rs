//! Calls, chats or games are reachable.

use super::{Example, Fix, Lint, service};
use crate::{
    knowledge::Category,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW119",
    name: "voice-or-game-open",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a voice, chat or game service is reachable",
        zh: "语音、聊天或游戏服务可被访问",
    },
    why: Text {
        en: "Toll fraud scripts try a SIP server within hours of its first packet, many voice and game protocols over \
             UDP reflect forged requests, and the remote consoles of game servers take password guesses without limit.",
        zh: "SIP 服务上线数小时内就会遇到盗打脚本，许多基于 UDP 的语音与游戏协议可被用来反射伪造请求，游戏服务器的远程控制台（RCON）则可被无限次猜测口令。",
    },
    remedy: Text {
        en: "Let in the addresses of the provider or the players where they are known (`-s 198.51.100.0/24`); \
             otherwise limit the rate of each source and keep consoles on the loopback.",
        zh: "若来源已知，请只放行运营商或玩家的地址（如 `-s 198.51.100.0/24`）；否则请按来源限速，并让控制台只监听回环地址。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p udp -m udp --dport 5060 -j ACCEPT
#~^ FW119
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 198.51.100.0/24 -p udp -m udp --dport 5060 -j ACCEPT
COMMIT
",
    }],
    check: |cx, findings| service::report(cx, findings, &LINT, Category::VoiceOrGame),
};
