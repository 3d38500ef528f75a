use crate::model::Family;
use std::{
    net::IpAddr,
    ops::{Range, RangeInclusive},
};

/// Whether a program listens at a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listening {
    /// One does.
    Yes,
    /// None does.
    No,
    /// Nobody says.
    Unknown,
}

impl Listening {
    /// The word of JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// The sockets of a host, as `ss -Hlntu` lists them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sockets {
    /// The file that lists them, as it is shown.
    pub path: String,
    bound: Vec<Bound>,
}

/// A socket that takes what comes from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bound {
    protocol: u8,
    /// The family; `None` for both.
    family: Option<Family>,
    port: u16,
}

impl Sockets {
    /// Reads what `ss` prints. Sockets of other sorts than TCP and UDP are passed over, and those of the loopback.
    ///
    /// # Errors
    ///
    /// The bytes of the first line that is none of a socket.
    pub fn read(path: &str, text: &str) -> Result<Self, Range<usize>> {
        let mut bound = Vec::new();
        let mut start = 0;
        for line in text.split('\n') {
            let span = start..start + line.trim_end_matches('\r').len();
            start += line.len() + 1;
            // With the heading that `-H` leaves out.
            if line.trim().is_empty() || line.starts_with("Netid") {
                continue;
            }
            bound.extend(socket(line).ok_or(span)?);
        }
        Ok(Self { path: path.to_owned(), bound })
    }

    /// Whether a program listens at one of these ports for packets from outside.
    pub fn listening(&self, family: Family, protocol: u8, ports: RangeInclusive<u16>) -> Listening {
        if !matches!(protocol, TCP | UDP) {
            return Listening::Unknown;
        }
        let is_it = |it: &Bound| {
            it.protocol == protocol
                && ports.contains(&it.port)
                && it.family.is_none_or(|it| it == family)
        };
        if self.bound.iter().any(is_it) { Listening::Yes } else { Listening::No }
    }
}

const TCP: u8 = 6;
const UDP: u8 = 17;

/// The socket of a line; `None` inside for one that nobody reaches from outside.
#[expect(
    clippy::option_option,
    reason = "no line of a socket, and no socket for strangers, are two things"
)]
fn socket(line: &str) -> Option<Option<Bound>> {
    let mut words = line.split_whitespace();
    let protocol = match words.next()? {
        "tcp" => TCP,
        "udp" => UDP,
        _ => return Some(None),
    };
    let local = words.nth(3)?;
    words.next()?;
    let (address, port) = local.rsplit_once(':')?;
    let port = port.parse().ok()?;
    let (address, _interface) = address.split_once('%').unwrap_or((address, ""));
    if address == "*" {
        return Some(Some(Bound { protocol, family: None, port }));
    }
    let address = address.trim_start_matches('[').trim_end_matches(']');
    let address: IpAddr = address.parse().ok()?;
    let family = if address.is_ipv4() { Family::Ipv4 } else { Family::Ipv6 };
    Some((!address.is_loopback()).then_some(Bound { protocol, family: Some(family), port }))
}

/// What the kernel is told, as far as it decides what becomes of packets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sysctl {
    /// `net.ipv4.ip_forward`.
    pub forwarding_v4: Option<bool>,
    /// `net.ipv6.conf.all.forwarding`.
    pub forwarding_v6: Option<bool>,
}

impl Sysctl {
    /// Reads what `sysctl -a` prints, or a file of `/etc/sysctl.d`.
    ///
    /// # Errors
    ///
    /// The bytes of the first line that gives no key a value.
    pub fn read(text: &str) -> Result<Self, Range<usize>> {
        let mut sysctl = Self::default();
        let mut start = 0;
        for line in text.split('\n') {
            let span = start..start + line.trim_end_matches('\r').len();
            start += line.len() + 1;
            let line = line.trim();
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            let (key, value) = line.split_once('=').ok_or(span)?;
            let key = key.trim().trim_start_matches('-').replace('/', ".");
            let on = Some(value.trim() != "0");
            match key.as_str() {
                "net.ipv4.ip_forward" | "net.ipv4.conf.all.forwarding" => {
                    sysctl.forwarding_v4 = on;
                }
                "net.ipv6.conf.all.forwarding" => sysctl.forwarding_v6 = on,
                _ => {}
            }
        }
        Ok(sysctl)
    }

    /// Whether packets of a family are forwarded.
    pub const fn forwarding(self, family: Family) -> Option<bool> {
        match family {
            Family::Ipv4 => self.forwarding_v4,
            Family::Ipv6 => self.forwarding_v6,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Family, Listening, Sockets, Sysctl};

    const SS: &str = "\
udp   UNCONN 0      0          127.0.0.54:53         0.0.0.0:*
udp   UNCONN 0      0      0.0.0.0%eth0:68         0.0.0.0:*
tcp   LISTEN 0      4096          0.0.0.0:22         0.0.0.0:*
tcp   LISTEN 0      4096             [::]:22            [::]:*
tcp   LISTEN 0      511                 *:80               *:*
tcp   LISTEN 0      80          127.0.0.1:3306       0.0.0.0:*
tcp   LISTEN 0      128             [::1]:6379          [::]:*
tcp   LISTEN 0      128    192.0.2.10%if1:5432       0.0.0.0:*
";

    #[test]
    fn a_port_listens_where_strangers_reach_it() {
        let sockets = Sockets::read("ss.txt", SS).expect("it is what ss prints");
        let at = |family, protocol, port| sockets.listening(family, protocol, port..=port).name();
        assert_eq!([at(Family::Ipv4, 6, 22), at(Family::Ipv6, 6, 22)], ["yes", "yes"]);
        assert_eq!([at(Family::Ipv4, 6, 80), at(Family::Ipv6, 6, 80)], ["yes", "yes"]);
        assert_eq!([at(Family::Ipv4, 6, 5432), at(Family::Ipv6, 6, 5432)], ["yes", "no"]);
        assert_eq!([at(Family::Ipv4, 17, 68), at(Family::Ipv4, 17, 53)], ["yes", "no"]);
        assert_eq!([at(Family::Ipv4, 6, 3306), at(Family::Ipv6, 6, 6379)], ["no", "no"]);
        assert_eq!(sockets.listening(Family::Ipv4, 132, 22..=22), Listening::Unknown);
    }

    #[test]
    fn a_line_that_is_no_socket_is_refused() {
        for wrong in ["tcp LISTEN 0 128", "tcp LISTEN 0 128 x:22 *:*", "tcp LISTEN 0 1 *:ssh *:*"] {
            let text = format!("{SS}{wrong}\nnl UNCONN 0 0 rtnl:kernel *\n");
            let span = Sockets::read("ss.txt", &text).expect_err(wrong);
            assert_eq!(&text[span], wrong);
        }
        assert!(Sockets::read("ss.txt", "Netid State Recv-Q\r\n\r\n").is_ok());
    }

    #[test]
    fn the_kernel_says_whether_it_forwards() {
        let text = "# of today\nnet.ipv4.ip_forward = 1\nnet/ipv6/conf/all/forwarding=0\nkernel.x = a = b\n";
        let sysctl = Sysctl::read(text).expect("it is what sysctl prints");
        assert_eq!(sysctl.forwarding(Family::Ipv4), Some(true));
        assert_eq!(sysctl.forwarding(Family::Ipv6), Some(false));
        assert_eq!(Sysctl::default().forwarding(Family::Ipv4), None);
        assert_eq!(Sysctl::read("a = b\nnonsense\n"), Err(6..14));
    }
}
