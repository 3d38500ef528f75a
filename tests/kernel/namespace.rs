//! A network namespace with interfaces whose frames we write ourselves.
//!
//! A namespace belongs to the thread that enters it. Each interface is a TAP device: a frame written to it runs through
//! the whole receive path before `write` returns. Where a packet goes from there is a matter of routes, which are set
//! anew for each group of packets that share a way: see [`Way`].

use super::netlink::{CREATE, Message, REPLACE, Socket};
use nix::{
    libc,
    net::if_::if_nametoindex,
    sched::{CloneFlags, unshare},
    sys::socket::{
        AddressFamily, LinkAddr, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrIn,
        SockaddrIn6, SockaddrLike as _, sendto, setsockopt, socket, sockopt,
    },
};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{self, File},
    io::{self, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddrV4, SocketAddrV6, UdpSocket},
    os::fd::{AsRawFd as _, OwnedFd},
    process::{Command, Stdio},
};

/// The interfaces there are, besides `lo`: those that rules name, and one that none does.
pub(crate) const INTERFACES: [&str; 8] =
    ["eth0", "eth1", "eth2", "eth3", "wg0", "docker0", "br0", ELSEWHERE];

/// Where packets for this host go whose destination the rules rewrite to that of another.
pub(crate) const ELSEWHERE: &str = "elsewhere";

/// The hardware address of each interface.
pub(crate) const HARDWARE: [u8; 6] = [2, 0, 0, 0, 0, 1];

/// The table of routes for what comes in.
const THROUGH: u8 = 100;
/// `RT_TABLE_MAIN`
const MAIN: u8 = 254;
/// `RT_TABLE_LOCAL`
const LOCAL: u8 = 255;

const SETTINGS: [(&str, &str); 18] = [
    ("ipv4/conf/all/rp_filter", "0"),
    ("ipv4/conf/default/rp_filter", "0"),
    ("ipv4/conf/all/accept_local", "1"),
    ("ipv4/conf/default/accept_local", "1"),
    ("ipv4/conf/all/route_localnet", "1"),
    ("ipv4/conf/default/route_localnet", "1"),
    ("ipv4/conf/all/send_redirects", "0"),
    ("ipv4/conf/default/send_redirects", "0"),
    ("ipv4/ip_forward", "1"),
    ("ipv4/icmp_ratelimit", "0"),
    ("ipv4/icmp_ratemask", "0"),
    ("ipv6/conf/all/forwarding", "1"),
    ("ipv6/conf/default/forwarding", "1"),
    ("ipv6/conf/default/accept_dad", "0"),
    ("ipv6/conf/default/accept_ra", "0"),
    ("ipv6/conf/default/router_solicitations", "0"),
    ("ipv6/icmp/ratelimit", "0"),
    ("ipv6/icmp/ratemask", ""),
];

/// Where the routes lead, for the time of some packets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Way {
    /// The interface they come in on; `None` where this host sends them.
    pub(crate) from: Option<String>,
    /// The interface they go out on; `None` where they are for this host.
    pub(crate) to: Option<String>,
}

/// The namespace that the thread is in.
pub(crate) struct Namespace {
    taps: BTreeMap<&'static str, File>,
    indexes: BTreeMap<&'static str, u32>,
    routes: Socket,
    loopback: OwnedFd,
    out4: OwnedFd,
    out6: OwnedFd,
    /// The addresses that are this host's just now, besides those of the interfaces.
    own: Vec<(IpAddr, u32)>,
    /// Held for the groups that were joined.
    members: Vec<UdpSocket>,
}

impl Namespace {
    /// Leaves the thread's namespace for a new one.
    pub(crate) fn enter() -> io::Result<Self> {
        unshare(CloneFlags::CLONE_NEWNET)?;
        for (name, value) in SETTINGS {
            let path = format!("/proc/sys/net/{name}");
            fs::write(&path, format!("{value}\n"))
                .map_err(|error| io::Error::other(format!("{path}: {error}")))?;
        }
        let mut taps = BTreeMap::new();
        for name in INTERFACES {
            taps.insert(name, tap(name)?);
        }
        let mut batch = String::from("link set lo up\n");
        for (number, name) in INTERFACES.iter().enumerate() {
            let _ = write!(
                batch,
                "link set {name} address 02:00:00:00:00:01 arp off up\n\
                 address add 10.254.{number}.1/32 dev {name}\n\
                 address add fd00:254:{number}::1/128 dev {name} nodad\n\
                 rule add pref 100 iif {name} lookup {THROUGH}\n"
            );
        }
        ip(&[], &batch)?;
        let rule = |name: &&str| format!("rule add pref 100 iif {name} lookup {THROUGH}\n");
        ip(&["-6"], &INTERFACES.iter().map(rule).collect::<String>())?;
        let mut indexes = BTreeMap::new();
        for name in INTERFACES.into_iter().chain(["lo"]) {
            indexes.insert(name, if_nametoindex(name)?);
        }
        let raw =
            |family, protocol| socket(family, SockType::Raw, SockFlag::SOCK_CLOEXEC, protocol);
        Ok(Self {
            taps,
            indexes,
            routes: Socket::open(SockProtocol::NetlinkRoute, 0)?,
            loopback: raw(AddressFamily::Packet, None)?,
            out4: raw(AddressFamily::Inet, Some(SockProtocol::Raw))?,
            out6: raw(AddressFamily::Inet6, Some(SockProtocol::Raw))?,
            own: Vec::new(),
            members: Vec::new(),
        })
    }

    /// Whether there is an interface of that name.
    pub(crate) fn has(&self, interface: &str) -> bool {
        self.indexes.contains_key(interface)
    }

    /// Sends what comes along a way where it belongs. With nowhere to go out, `own` are the addresses of this host.
    pub(crate) fn route(&mut self, way: &Way, own: &[IpAddr]) -> io::Result<()> {
        let mut batch = Vec::new();
        for (address, interface) in std::mem::take(&mut self.own) {
            batch.extend(local(RTM_DELROUTE, 0, address, interface).bytes());
        }
        let back = way.from.as_deref().filter(|it| *it != "lo");
        for address in own.iter().filter(|it| !it.is_multicast()) {
            let is_on_link = matches!(address, IpAddr::V6(it) if it.is_unicast_link_local());
            let interface = self.indexes[back.filter(|_| is_on_link).unwrap_or("lo")];
            batch.extend(local(RTM_NEWROUTE, CREATE, *address, interface).bytes());
            self.own.push((*address, interface));
        }
        let out = way.to.as_deref().filter(|it| *it != "lo");
        let through = self.indexes[out.unwrap_or(ELSEWHERE)];
        let main = self.indexes[back.or(out).unwrap_or(ELSEWHERE)];
        for family in [libc::AF_INET, libc::AF_INET6] {
            for (table, interface) in [(THROUGH, through), (MAIN, main)] {
                batch.extend(default_route(family, table, interface).bytes());
            }
        }
        self.routes.send(&batch)?;
        // Addresses that the host has anyway are no error; whatever else goes wrong shows where packets go.
        self.routes.ask(Message::new(RTM_GETLINK, 0, &link(self.indexes["lo"])))?;
        while !self.routes.waiting()?.is_empty() {}
        self.members.clear();
        if let Some(from) = back {
            for group in own.iter().filter(|it| it.is_multicast()) {
                self.join(*group, from)?;
            }
        }
        Ok(())
    }

    fn join(&mut self, group: IpAddr, interface: &str) -> io::Result<()> {
        let member = match group {
            IpAddr::V4(group) => {
                let number = INTERFACES.iter().position(|it| *it == interface);
                let number = u8::try_from(number.expect("a known interface")).expect("few");
                let member = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
                member.join_multicast_v4(&group, &Ipv4Addr::new(10, 254, number, 1))?;
                member
            }
            IpAddr::V6(group) => {
                let member = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0))?;
                member.join_multicast_v6(&group, self.indexes[interface])?;
                member
            }
        };
        self.members.push(member);
        Ok(())
    }

    /// Lets a frame arrive on an interface.
    pub(crate) fn receive(&mut self, interface: &str, frame: &[u8]) -> io::Result<()> {
        if let Some(mut tap) = self.taps.get(interface) {
            return tap.write_all(frame);
        }
        let to = link_address(self.indexes[interface])?;
        sendto(self.loopback.as_raw_fd(), frame, &to, MsgFlags::empty())?;
        Ok(())
    }

    /// Sends a packet from this host. One that the rules drop is an error to the kernel, and none to us.
    pub(crate) fn send(&mut self, packet: &[u8], to: IpAddr, mark: u32) -> io::Result<()> {
        let sent = match to {
            IpAddr::V4(to) => {
                setsockopt(&self.out4, sockopt::Mark, &mark)?;
                let to = SockaddrIn::from(SocketAddrV4::new(to, 0));
                sendto(self.out4.as_raw_fd(), packet, &to, MsgFlags::empty())
            }
            IpAddr::V6(to) => {
                setsockopt(&self.out6, sockopt::Mark, &mark)?;
                let to = SockaddrIn6::from(SocketAddrV6::new(to, 0, 0, 0));
                sendto(self.out6.as_raw_fd(), packet, &to, MsgFlags::empty())
            }
        };
        match sent {
            Ok(_) | Err(nix::errno::Errno::EPERM) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn ip(arguments: &[&str], batch: &str) -> io::Result<()> {
    let mut child = Command::new("ip")
        .args(arguments)
        .args(["-batch", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    child.stdin.take().expect("it was piped").write_all(batch.as_bytes())?;
    let output = child.wait_with_output()?;
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(()) } else { Err(io::Error::other(complaint)) }
}

/// A TAP device that outlives its file: all devices of a namespace are then taken down at once, with the namespace.
#[expect(unsafe_code, reason = "a TAP device is asked for with ioctls that no safe crate has")]
fn tap(name: &str) -> io::Result<File> {
    const TUNSETIFF: libc::c_ulong = 0x4004_54ca;
    const TUNSETPERSIST: libc::c_ulong = 0x4004_54cb;
    let device = File::options().read(true).write(true).open("/dev/net/tun")?;
    // SAFETY: all fields of the request are integers, for which zero is a value.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(name.bytes()) {
        *to = libc::c_char::try_from(from).expect("names are ASCII");
    }
    let flags = libc::IFF_TAP | libc::IFF_NO_PI;
    request.ifr_ifru.ifru_flags = libc::c_short::try_from(flags).expect("small flags");
    // SAFETY: the file is open, and the request lives through the call.
    if unsafe { libc::ioctl(device.as_raw_fd(), TUNSETIFF, &raw const request) } < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the file is open, and the argument is a number.
    if unsafe { libc::ioctl(device.as_raw_fd(), TUNSETPERSIST, 1) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(device)
}

#[expect(unsafe_code, reason = "the crate has no safe constructor of a link-layer address")]
fn link_address(index: u32) -> io::Result<LinkAddr> {
    // SAFETY: all fields of the address are integers, for which zero is a value.
    let mut address: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
    address.sll_family = u16::try_from(libc::AF_PACKET).expect("a small family");
    address.sll_ifindex = i32::try_from(index).expect("a small index");
    let length = u32::try_from(size_of_val(&address)).expect("a small structure");
    // SAFETY: the address is a `sockaddr_ll` of that length, as its family says.
    let link = unsafe { LinkAddr::from_raw((&raw const address).cast(), Some(length)) };
    link.ok_or_else(|| io::Error::other("no link-layer address"))
}

const RTM_GETLINK: u16 = 18;
const RTM_NEWROUTE: u16 = 24;
const RTM_DELROUTE: u16 = 25;
const RTA_DST: u16 = 1;
const RTA_OIF: u16 = 4;

/// `struct ifinfomsg`
fn link(index: u32) -> Vec<u8> {
    let mut bytes = vec![0; 4];
    bytes.extend(index.to_ne_bytes());
    bytes.extend([0; 8]);
    bytes
}

/// `struct rtmsg`
fn route_header(family: i32, bits: u8, table: u8) -> [u8; 12] {
    const BOOT: u8 = 3;
    const SCOPE_LINK: u8 = 253;
    const SCOPE_HOST: u8 = 254;
    const UNICAST: u8 = 1;
    const TO_HOST: u8 = 2;
    let family = u8::try_from(family).expect("a small family");
    let (scope, kind) = if table == LOCAL { (SCOPE_HOST, TO_HOST) } else { (SCOPE_LINK, UNICAST) };
    [family, bits, 0, 0, table, BOOT, scope, kind, 0, 0, 0, 0]
}

fn local(kind: u16, flags: u16, address: IpAddr, interface: u32) -> Message {
    let (family, bytes) = match address {
        IpAddr::V4(it) => (libc::AF_INET, it.octets().to_vec()),
        IpAddr::V6(it) => (libc::AF_INET6, it.octets().to_vec()),
    };
    let bits = u8::try_from(bytes.len() * 8).expect("128 at most");
    let mut message = Message::new(kind, flags, &route_header(family, bits, LOCAL));
    message.attribute(RTA_DST, &bytes);
    message.attribute(RTA_OIF, &interface.to_ne_bytes());
    message
}

fn default_route(family: i32, table: u8, interface: u32) -> Message {
    let header = route_header(family, 0, table);
    let mut message = Message::new(RTM_NEWROUTE, CREATE | REPLACE, &header);
    message.attribute(RTA_OIF, &interface.to_ne_bytes());
    message
}
