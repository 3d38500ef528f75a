//! The reader of what the kernel logs of packets on their way (`nfnetlink_log`).

use super::netlink::{Message, Socket, attributes, messages};
use nix::sys::socket::SockProtocol;
use std::io;

/// The group that our own chains log to.
pub(crate) const GROUP: u16 = 5;
/// The group that the kernel itself writes to, where it traces the rules of iptables-legacy.
const TRACES: u16 = 0;
/// How many lines the kernel gathers before it hands them over.
pub(crate) const GATHERED: u32 = 8;

/// A packet at some point of its way.
pub(crate) struct Line<'a> {
    /// What the rule that logged it says.
    pub(crate) prefix: &'a str,
    /// The packet from its network header on.
    pub(crate) packet: &'a [u8],
}

/// The log of a namespace.
pub(crate) struct Log(Socket);

impl Log {
    pub(crate) fn open() -> io::Result<Self> {
        let mut socket = Socket::open(SockProtocol::NetlinkNetFilter, 0)?;
        for (group, gathered) in [(GROUP, GATHERED), (TRACES, 1)] {
            configure(&mut socket, group, gathered)?;
        }
        Ok(Self(socket))
    }

    /// Hands over what is waiting; whether there was something.
    pub(crate) fn read(&mut self, mut line: impl FnMut(Line<'_>)) -> io::Result<bool> {
        const PACKET: u16 = 4 << 8;
        const PAYLOAD: u16 = 9;
        const PREFIX: u16 = 10;
        let received = self.0.waiting()?;
        for (kind, body) in messages(received) {
            let Some(body) = body.get(4..).filter(|_| kind == PACKET) else { continue };
            let (mut prefix, mut packet) = ("", &[][..]);
            for (kind, value) in attributes(body) {
                match kind {
                    PAYLOAD => packet = value,
                    PREFIX => {
                        let text = value.strip_suffix(&[0]).unwrap_or(value);
                        prefix = std::str::from_utf8(text).unwrap_or_default();
                    }
                    _ => {}
                }
            }
            line(Line { prefix, packet });
        }
        Ok(!received.is_empty())
    }
}

fn configure(socket: &mut Socket, group: u16, gathered: u32) -> io::Result<()> {
    const CONFIGURE: u16 = 4 << 8 | 1;
    const COMMAND: u16 = 1;
    const MODE: u16 = 2;
    const BUFFER: u16 = 3;
    const THRESHOLD: u16 = 5;
    const BIND: u8 = 1;
    const COPY_PACKET: u8 = 2;
    const COPIED: u32 = 128;
    let message = || Message::netfilter(CONFIGURE, 0, 0, group);
    let mut command = message();
    command.attribute(COMMAND, &[BIND]);
    socket.ask(command)?;
    let [a, b, c, d] = COPIED.to_be_bytes();
    let mut mode = message();
    mode.attribute(MODE, &[a, b, c, d, COPY_PACKET, 0]);
    socket.ask(mode)?;
    let mut sizes = message();
    sizes.attribute(BUFFER, &(1_u32 << 16).to_be_bytes());
    sizes.attribute(THRESHOLD, &gathered.to_be_bytes());
    socket.ask(sizes)
}
