//! Machines, buildings or the grid can be driven from afar.

use super::{Example, Fix, Lint, service};
use crate::{
    knowledge::Category,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW108",
    name: "industrial-service-open",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "an industrial control service is reachable", zh: "工业控制服务可被访问"
    },
    why: Text {
        en: "Modbus, S7, DNP3, BACnet and their like were made for closed networks and ask for no password: whoever \
             reaches the port can read the process and, in most of them, set outputs or stop the controller.",
        zh: "Modbus、S7、DNP3、BACnet 等协议为封闭网络而设计，不要求任何认证：能连上端口的人就能读取生产过程数据，多数情况下还能改写输出甚至停机。",
    },
    remedy: Text {
        en: "Keep controllers in a network of their own (a zone in the words of IEC 62443) and reach them through a \
             bastion or a VPN; let in only the engineering station and the SCADA server, by address.",
        zh: "请将控制器置于独立网络（IEC 62443 所称的区域），经由堡垒机或 VPN 访问，并只按地址放行工程师站与 SCADA 服务器。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 502 -j ACCEPT
#~^ FW108
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
",
    }],
    check: |cx, findings| service::report(cx, findings, &LINT, Category::IndustrialService),
};
