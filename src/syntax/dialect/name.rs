//! What the name of a file says about its format.

use super::Dialect;
use crate::syntax::iptables::Family;

/// The file's name without its folders, in lower case, and without what a template engine takes off.
fn plain(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path).to_ascii_lowercase();
    let stem =
        super::template::EXTENSIONS.iter().find_map(|extension| name.strip_suffix(extension));
    stem.unwrap_or(&name).to_owned()
}

/// Whether the name is of a format that may quote firewall commands and is none.
pub(super) fn is_foreign(path: &str) -> bool {
    static EXTENSIONS: &[&str] = &[
        "adoc", "c", "cc", "cpp", "css", "diff", "go", "h", "html", "java", "js", "lua", "man",
        "md", "patch", "php", "pl", "po", "py", "rb", "rs", "rst", "sql", "tex", "toml", "ts",
        "xml", "yaml", "yml",
    ];
    let name = plain(path);
    name.rsplit_once('.').is_some_and(|(_, extension)| EXTENSIONS.contains(&extension))
}

pub(super) fn dialect(path: &str) -> Option<Dialect> {
    let name = plain(path);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    Some(match extension {
        Some("nft") => Dialect::Nft,
        Some("ipset") => Dialect::Ipset,
        Some("sh" | "bash") => Dialect::Script,
        Some("v4" | "ipv4") => Dialect::Iptables,
        Some("v6" | "ipv6") => Dialect::Ip6tables,
        _ if name.starts_with("nftables") => Dialect::Nft,
        _ if name.starts_with("ipset") => Dialect::Ipset,
        _ if name.starts_with("ip6tables") => Dialect::Ip6tables,
        _ if name.starts_with("iptables") => Dialect::Iptables,
        Some("rules") => Dialect::Iptables,
        _ => return None,
    })
}

/// The family a name speaks of.
pub(super) fn family(path: &str) -> Option<Family> {
    let name = plain(path);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    let six = name.contains("ip6tables")
        || name.contains("ip6")
        || name.contains("ipv6")
        || extension == Some("v6")
        || name.ends_with("6.rules")
        || name.contains("rules6");
    if six {
        return Some(Family::V6);
    }
    let four = name.starts_with("iptables")
        || extension == Some("v4")
        || name.contains("ipv4")
        || name.contains("ip4");
    four.then_some(Family::V4)
}
