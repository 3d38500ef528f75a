//! Ports and the headers that have them.

use super::{
    data::{TCP as TCP_ONLY, UDP as UDP_ONLY, WITH_PORTS},
    spec::{Extension, OptionSpec, Value, exactly_one, flag, matching, option},
};

const SOURCE_PORT: OptionSpec =
    option("source-port", Value::PortRange).negatable().aliases(&["sport"]);
const DESTINATION_PORT: OptionSpec =
    option("destination-port", Value::PortRange).negatable().aliases(&["dport"]);

pub(super) const TCP: Extension = matching(
    "tcp",
    &[
        SOURCE_PORT,
        DESTINATION_PORT,
        flag("syn").negatable(),
        option("tcp-flags", Value::TcpFlags).negatable(),
        option("tcp-option", Value::Number { min: 1, max: 255 }).negatable(),
    ],
)
.protocols(TCP_ONLY)
.negated_protocol()
.groups(&[super::spec::at_most_one(&["syn", "tcp-flags"])]);

pub(super) const UDP: Extension =
    matching("udp", &[SOURCE_PORT, DESTINATION_PORT]).protocols(UDP_ONLY).negated_protocol();

pub(super) const SCTP: Extension = matching(
    "sctp",
    &[
        SOURCE_PORT,
        DESTINATION_PORT,
        option("chunk-types", Value::Pair("all|any|only CHUNK[:flags],…", chunk_types)).negatable(),
    ],
)
.protocols(&[132]);

pub(super) const DCCP: Extension = matching(
    "dccp",
    &[
        SOURCE_PORT,
        DESTINATION_PORT,
        option("dccp-types", Value::Form("REQUEST,RESPONSE,DATA,ACK,…", dccp_types)).negatable(),
        option("dccp-option", Value::Number { min: 1, max: 255 }).negatable(),
    ],
)
.protocols(&[33]);

const DCCP_TYPES: &[&str] = &[
    "REQUEST", "RESPONSE", "DATA", "ACK", "DATAACK", "CLOSEREQ", "CLOSE", "RESET", "SYNC",
    "SYNCACK", "INVALID",
];

fn dccp_types(text: &str) -> bool {
    let known = |part: &str| DCCP_TYPES.iter().any(|name| name.eq_ignore_ascii_case(part));
    text.split(',').filter(|part| !part.is_empty()).all(known)
}

pub(super) const MULTIPORT: Extension = matching(
    "multiport",
    &[
        option("source-ports", Value::PortList).negatable().aliases(&["sports"]),
        option("destination-ports", Value::PortList).negatable().aliases(&["dports"]),
        option("ports", Value::PortList).negatable(),
    ],
)
.protocols(WITH_PORTS)
.groups(&[exactly_one(&["source-ports", "destination-ports", "ports"])]);

pub(super) const TCPMSS: Extension = matching(
    "tcpmss",
    &[option("mss", Value::NumberRange { max: 0xffff }).negatable().mandatory()],
)
.protocols(TCP_ONLY);

// chunks := ("all" | "any" | "only") ("ALL" | "NONE" | chunk (":" flag+)? ("," …)*)
fn chunk_types(scope: &str, chunks: &str) -> bool {
    static CHUNKS: &[&str] = &[
        "DATA",
        "INIT",
        "INIT_ACK",
        "SACK",
        "HEARTBEAT",
        "HEARTBEAT_ACK",
        "ABORT",
        "SHUTDOWN",
        "SHUTDOWN_ACK",
        "ERROR",
        "COOKIE_ECHO",
        "COOKIE_ACK",
        "ECN_ECNE",
        "ECN_CWR",
        "SHUTDOWN_COMPLETE",
        "I_DATA",
        "RE_CONFIG",
        "PAD",
        "ASCONF",
        "ASCONF_ACK",
        "FORWARD_TSN",
        "I_FORWARD_TSN",
    ];
    let known = |part: &str| {
        let (chunk, flags) = part.split_once(':').unwrap_or((part, ""));
        let flags = flags.bytes().all(|flag| b"IUBETiubet-".contains(&flag));
        flags && CHUNKS.iter().any(|name| name.eq_ignore_ascii_case(chunk))
    };
    let all = chunks.eq_ignore_ascii_case("ALL") || chunks.eq_ignore_ascii_case("NONE");
    ["all", "any", "only"].iter().any(|name| name.eq_ignore_ascii_case(scope))
        && (all || chunks.split(',').all(known))
}
