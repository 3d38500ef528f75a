//! Values of each syntax for the loaders to judge.

use fwlint::syntax::iptables::{Family, extensions::Value};

/// Values to try, a good one first.
#[expect(clippy::too_many_lines, reason = "one arm a syntax")]
pub(crate) fn samples(value: &Value, family: Family) -> Vec<String> {
    let of = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let v4 = family == Family::V4;
    match *value {
        Value::None => vec![String::new()],
        Value::Number { min, max } => {
            let mut values =
                vec![min.max(1).to_string(), max.to_string(), min.to_string(), format!("{max}0")];
            values.extend(["-1", "x", "0x1", "010", "1x"].map(str::to_owned));
            values.extend((max < u64::MAX).then(|| (max + 1).to_string()));
            values
        }
        Value::NumberRange { max } => {
            let mut values: Vec<String> =
                of(&["5", "1:5", ":5", "5:", ":", "5:1", "x", "-1", "1:2:3", "5:5"]);
            values.extend([max.to_string(), format!("0:{max}"), format!("{max}0")]);
            values
        }
        Value::Probability => of(&["0.5", "0", "1", "1.5", "x", "-1", ".5"]),
        Value::Text { most, .. } => {
            let most = most as usize;
            vec![
                "known".to_owned(),
                "\"two words\"".to_owned(),
                "a".repeat(most),
                "a".repeat(most + 1),
                "\"\"".to_owned(),
            ]
        }
        Value::Port => of(&["80", "ssh", "0", "65535", "65536", "1:2", "x-x", "\"\""]),
        Value::PortRange => of(&[
            "22", "ssh", "1:2", "2:1", ":", "1:", ":2", "65536", "nosuch", "1,2", "1-2", "0",
            "ssh:http",
        ]),
        Value::PortList => of(&[
            "22",
            "1,2,3",
            "1:2,5",
            "1:",
            "2:1",
            "3:3",
            "ssh,http",
            "1,",
            ",1",
            "65536",
            "1,1",
            "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15",
            "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16",
            "1:2,3:4,5:6,7:8,9:10,11:12,13:14,15",
        ]),
        Value::Addresses | Value::Network | Value::Host => {
            let good = if v4 { "192.0.2.1" } else { "2001:db8::1" };
            let mut values: Vec<String> = of(&[good]);
            values.extend(["/24", "/0", "/200", "/", "/x"].map(|mask| format!("{good}{mask}")));
            values.extend([format!("! {good}"), "x y".to_owned(), "\"\"".to_owned()]);
            values.extend(
                if v4 { ["10", "10.1/16", "::1"] } else { ["10.0.0.1", "::/ffff::", "1:2"] }
                    .map(str::to_owned),
            );
            values
        }
        Value::AddressRange if v4 => {
            of(&["10.0.0.1-10.0.0.9", "10.0.0.9-10.0.0.1", "10.0.0.1", "10-11", "::1-::2", "x"])
        }
        Value::AddressRange => of(&["::1-::9", "::9-::1", "::1", "10.0.0.1-10.0.0.2", "x"]),
        Value::PrefixMask if v4 => {
            of(&["24", "0", "32", "33", "255.255.0.0", "255.0.255.0", "x", "-1"])
        }
        Value::PrefixMask => of(&["64", "0", "128", "129", "ffff::", "x"]),
        Value::Protocol => of(&["tcp", "6", "0", "all", "255", "256", "nosuch", "TCP", "icmp"]),
        Value::Mark => of(&["1", "0x1/0xff", "1/2/3", "4294967296", "x", "/1", "1/", "-1"]),
        Value::Tos => of(&[
            "8",
            "Minimize-Delay",
            "0x10/0x3f",
            "256",
            "x",
            "minimize-delay",
            "Normal-Service",
            "1/256",
        ]),
        Value::Mac => of(&[
            "00:11:22:33:44:55",
            "0:1:2:3:4:5",
            "00:11:22:33:44",
            "XX:11:22:33:44:55",
            "00-11-22-33-44-55",
        ]),
        Value::Interface => {
            of(&["eth0", "eth+", "+", "abcdefghijklmno", "abcdefghijklmnop", "\"\""])
        }
        Value::Choice(_, words) | Value::Choices(_, words) => {
            let mut values: Vec<String> = of(words);
            let (first, last) = (words[0], words[words.len() - 1]);
            values.extend([
                first.to_lowercase(),
                first.to_uppercase(),
                format!("{first},{last}"),
                format!("{first},"),
            ]);
            values.extend([
                first[..first.len() - 1].to_owned(),
                "nosuch".to_owned(),
                "\"\"".to_owned(),
            ]);
            values
        }
        Value::Rate => of(&[
            "5/s", "5", "5/minute", "1/day", "0/s", "10001/s", "5/x", "x", "5/", "5/M", "5s/s",
        ]),
        Value::IcmpType => of(&[
            "8",
            "echo-request",
            "any",
            "3/4",
            "3/1:4",
            "256",
            "3/256",
            "nosuch",
            "echo",
            "8/",
            "ECHO-REPLY",
            "255/255",
            "an",
            "TOS-host-redirect",
            "ttl-exceeded",
            "\"\"",
        ]),
        Value::Icmpv6Type => of(&[
            "128",
            "echo-request",
            "1/4",
            "256",
            "nosuch",
            "any",
            "packet-too-big",
            "neighbor-solicitation",
            "redirect",
            "neighbour",
            "mld-listener-query",
            "failed-policy",
            "beyond-scope",
        ]),
        Value::TcpFlags => of(&[
            "SYN,ACK SYN",
            "ALL NONE",
            "syn syn",
            "SYN",
            "SYN FOO",
            "FOO SYN",
            "SYN, ACK",
            "SYN,,ACK SYN",
        ]),
        Value::States => of(&[
            "NEW",
            "new,ESTABLISHED",
            "RELATED,INVALID,UNTRACKED",
            "SNAT",
            "DNAT",
            "NEW,",
            ",NEW",
            "OLD",
            "NEW,,NEW",
        ]),
        Value::Status => {
            of(&["ASSURED", "NONE", "seen_reply,CONFIRMED", "EXPECTED", "NOSUCH", "ASSURED,"])
        }
        Value::Set => {
            let set = if v4 { "known" } else { "known6" };
            ["src", "dst", "src,dst", "nosuch", "SRC", "", "src,"]
                .map(|way| format!("{set} {way}"))
                .to_vec()
        }
        Value::NatTarget if v4 => of(&[
            "10.0.0.1",
            "10.0.0.1-10.0.0.9",
            "10.0.0.1:80",
            "10.0.0.1:80-90",
            ":80",
            "10.0.0.1:80-90/100",
            "10",
            "x",
            "10.0.0.1:90-80",
            "10.0.0.9-10.0.0.1",
            "10.0.0.1:",
            "10.0.0.1:65536",
            "10.0.0.1/24",
            "::1",
        ]),
        Value::NatTarget => of(&[
            "::1",
            "::1-::9",
            "[::1]:80",
            "[::1]",
            "[::1]:80-90",
            "::1:80",
            "10.0.0.1",
            "[::1",
            "[::9-::1]:1",
        ]),
        Value::NatPorts => {
            of(&["80", "80-90", "90-80", "ssh", "0", "65536", "x", "80:90", "80-90/5"])
        }
        Value::Date => of(&[
            "2020-01-02T03:04:05",
            "2020",
            "2020-01",
            "2020-01-02",
            "2020-01-02T03",
            "2020-13",
            "1969",
            "2039",
            "x",
            "2020-01-02T24:00:00",
            "2020-01-32",
            "20-01-02",
            "2038-01-19T03:14:07",
            "\"2020-01-02 03:04\"",
        ]),
        Value::TimeOfDay => {
            of(&["12:34", "12:34:56", "24:00", "1:2", "12", "x", "12:60", "23:59:60", "1:2:3:4"])
        }
        Value::Weekdays => {
            of(&["Mon", "Mon,Tue", "1,7", "8", "0", "Mo", "monday", "x", "Mon,", "SUN"])
        }
        Value::Monthdays => of(&["1", "1,31", "32", "0", "1st", "2nd,3rd", "x", "1,", "1x"]),
        Value::ChainName | Value::ExtensionName => of(&["ACCEPT"]),
        Value::ByFamily(four, six) => samples(if v4 { four } else { six }, family),
        Value::Form(form, _) | Value::Optional(form, _) | Value::Pair(form, _) => forms(form),
    }
}

/// For each form of its own, values to try.
fn forms(form: &str) -> Vec<String> {
    let values: &[&str] = match form {
        "all|any|only CHUNK[:flags],…" => &[
            "all DATA",
            "any INIT,DATA",
            "only ALL",
            "all NONE",
            "all",
            "x DATA",
            "all FOO",
            "all DATA:Be",
            "ALL DATA",
            "all data",
        ],
        "GROUP[/MASK]" | "VALUE[/MASK]" => {
            &["1", "0x1/0xff", "x", "1/2/3", "4294967296", "-1", "1/x"]
        }
        "INVALID,ESTABLISHED,NEW,RELATED,UNTRACKED" => {
            &["NEW", "new", "NEW,ESTABLISHED", "DNAT", "SNAT", "NEW,", "OLD", "UNTRACKED"]
        }
        "0..127 or a name of connlabel.conf" => &["1", "0", "127", "128", "x", "2048"],
        "AMOUNT[/second|minute|hour|day] or AMOUNTkb/s" => {
            &["5/s", "5", "5kb/s", "5mb/s", "5b/s", "1000001/s", "0/s", "x", "5/minute", "5/x"]
        }
        "NUMBER[kb|mb]" => &["5", "0", "1000000", "1000001", "x"],
        "srcip,srcport,dstip,dstport" => {
            &["srcip", "srcip,dstport", "x", "srcip,", "\"\"", "srcip,srcip"]
        }
        "RATE" => &["8bit", "5kbit", "1mbit", "5", "5bps"],
        "NUMBER" => &["5", "0"],
        "USER or UID[-UID]" | "GROUP or GID[-GID]" => {
            &["0", "root", "1-5", "5-1", "4294967294", "4294967295", "-1", "\"\""]
        }
        "0..7 or emerg, alert, crit, error, warning, notice, info, debug" => {
            &["4", "warning", "warn", "8", "x", "panic", "err", "Info", "0x7"]
        }
        "MILLISECONDS or inf" => &["42", "inf", "x", "-1", "0"],
        "TIME such as 250ms" => &["250ms", "0.5s", "250000us", "x", "250", "5min"],
        "TIME such as 500ms" => &["500ms", "1s", "x", "5min"],
        "FROM:TO" => &["1:5", "5:1", "5", "5:5", "0:65535", "0:65536", "x", ":5", "5:"],
        "a DSCP class such as CS1, AF21, EF" => &["EF", "CS0", "BE", "af11", "AF44", "x"],
        "wscale,mss,sack-permitted,sack,timestamp,md5 or numbers" => {
            &["mss", "wscale,5", "x", "256", "sack-permitted,sack,timestamp,md5", "0", "1"]
        }
        "MAJOR:MINOR" => &["1:2", "ffff:ffff", "1", "x:1", ":1", "1:", "10000:1"],
        "0..65535 or mark" => &["5", "mark", "65535", "65536", "x"],
        "TEXT with |HEX BYTES|" => {
            &["|0d0a|", "\"ab|0d 0a|cd\"", "|0|", "|xx|", "ab", "|0d0a", "\"\""]
        }
        "COUNT,OP JT JF K,…" => &[
            "\"4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0\"",
            "\"1,6 0 0 0\"",
            "\"2,6 0 0 0\"",
            "x",
            "\"0,\"",
        ],
        "TESTS" => &[
            "\"0 & 0xFFFF = 0x100:0xFFFF\"",
            "\"6 & 0xFF = 1 && 4 & 0x3FFF = 0\"",
            "\"0 >> 22 & 0x3C @ 0 >> 24 = 0\"",
            "x",
            "\"0\"",
            "\"0=\"",
        ],
        "TYPE[:LENGTH],…" => &["1", "1:2", "149:92,12:12", "256", "1:256", "x", "1:"],
        "ADDRESS,…" => &["::1", "::1,::2", "x", "10.0.0.1"],
        "HEADER,…" => &[
            "hop-by-hop",
            "dst,frag",
            "esp",
            "ah",
            "auth",
            "none",
            "proto",
            "x",
            "60",
            "61",
            "ipv6-nonxt",
            "prot",
        ],
        "port[-port]" => &["80", "80-90", "90-80", "ssh", "0", "65536", "x", "80:90", "80-90/5"],
        "SECONDS" => &["30", "0", "x"],
        "REQUEST,RESPONSE,DATA,ACK,…" => &["REQUEST", "request,SYNC", "REQUEST,", "NOSUCH"],
        "TYPE[:TYPE]" => &["brr", "binding-update", "1", "1:3", "bu:be", "256", "x", "3:1", "hoti"],
        other => panic!("no samples for the form {other}"),
    };
    values.iter().map(|value| (*value).to_owned()).collect()
}
