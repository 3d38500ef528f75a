//! Netlink: messages with attributes, to the kernel and back.

use nix::{
    errno::Errno,
    sys::socket::{
        AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, send,
        setsockopt, socket, sockopt,
    },
};
use std::{
    io,
    os::fd::{AsRawFd, OwnedFd},
};

/// `NLM_F_REQUEST`
const REQUEST: u16 = 0x01;
/// `NLM_F_ACK`
const ACK: u16 = 0x04;
/// `NLM_F_REPLACE`, of messages that make something.
pub(crate) const REPLACE: u16 = 0x100;
/// `NLM_F_CREATE`, of messages that make something.
pub(crate) const CREATE: u16 = 0x400;
/// `NLMSG_ERROR`
const ERROR: u16 = 0x02;
/// `NLA_F_NESTED`
const NESTED: u16 = 0x8000;

/// A message as it is written: a header, what its kind has fixed, and attributes.
pub(crate) struct Message(Vec<u8>);

impl Message {
    pub(crate) fn new(kind: u16, flags: u16, fixed: &[u8]) -> Self {
        let mut bytes = vec![0; 4];
        bytes.extend(kind.to_ne_bytes());
        bytes.extend((flags | REQUEST).to_ne_bytes());
        bytes.extend([0; 8]);
        bytes.extend(fixed);
        Self(bytes)
    }

    /// One of a subsystem of netfilter (`struct nfgenmsg`).
    pub(crate) fn netfilter(kind: u16, flags: u16, family: u8, resource: u16) -> Self {
        let [high, low] = resource.to_be_bytes();
        Self::new(kind, flags, &[family, 0, high, low])
    }

    pub(crate) fn attribute(&mut self, kind: u16, value: &[u8]) -> &mut Self {
        let length = u16::try_from(value.len() + 4).expect("an attribute is short");
        self.0.extend(length.to_ne_bytes());
        self.0.extend(kind.to_ne_bytes());
        self.0.extend(value);
        self.pad();
        self
    }

    pub(crate) fn nest(&mut self, kind: u16, fill: impl FnOnce(&mut Self)) -> &mut Self {
        let start = self.0.len();
        self.attribute(kind | NESTED, &[]);
        fill(self);
        let length = u16::try_from(self.0.len() - start).expect("an attribute is short");
        self.0[start..start + 2].copy_from_slice(&length.to_ne_bytes());
        self
    }

    fn pad(&mut self) {
        self.0.resize(self.0.len().next_multiple_of(4), 0);
    }

    pub(crate) fn bytes(mut self) -> Vec<u8> {
        let length = u32::try_from(self.0.len()).expect("a message is short");
        self.0[..4].copy_from_slice(&length.to_ne_bytes());
        self.0
    }
}

/// A socket into the network namespace of the thread that opened it.
pub(crate) struct Socket {
    socket: OwnedFd,
    buffer: Vec<u8>,
}

impl Socket {
    pub(crate) fn open(protocol: SockProtocol, groups: u32) -> io::Result<Self> {
        const QUEUE: usize = 64 << 20;
        const LONGEST: usize = 1 << 17;
        let kind = SockType::Raw;
        let socket = socket(AddressFamily::Netlink, kind, SockFlag::SOCK_CLOEXEC, protocol)?;
        setsockopt(&socket, sockopt::RcvBufForce, &QUEUE)?;
        bind(socket.as_raw_fd(), &NetlinkAddr::new(0, groups))?;
        Ok(Self { socket, buffer: vec![0; LONGEST] })
    }

    /// Sends messages that nobody answers but with an error.
    pub(crate) fn send(&self, messages: &[u8]) -> io::Result<()> {
        send(self.socket.as_raw_fd(), messages, MsgFlags::empty())?;
        Ok(())
    }

    /// Sends a message and waits until the kernel has done it.
    pub(crate) fn ask(&mut self, message: Message) -> io::Result<()> {
        let mut bytes = message.bytes();
        bytes[6] |= u8::try_from(ACK).expect("a small flag");
        self.send(&bytes)?;
        let length = recv(self.socket.as_raw_fd(), &mut self.buffer, MsgFlags::empty())?;
        errors(&self.buffer[..length]).next().unwrap_or(Ok(()))
    }

    /// What is waiting to be read; nothing if nothing is.
    ///
    /// # Errors
    /// Where messages were lost, among other causes.
    pub(crate) fn waiting(&mut self) -> io::Result<&[u8]> {
        match recv(self.socket.as_raw_fd(), &mut self.buffer, MsgFlags::MSG_DONTWAIT) {
            Ok(length) => Ok(&self.buffer[..length]),
            Err(Errno::EAGAIN) => Ok(&[]),
            Err(error) => Err(error.into()),
        }
    }
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

/// The kinds and bodies of the messages in what was received.
pub(crate) fn messages(mut rest: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let length = u32::from_ne_bytes(number(rest, 0)?) as usize;
        let kind = u16::from_ne_bytes(number(rest, 4)?);
        let body = rest.get(16..length)?;
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((kind, body))
    })
}

/// What the kernel made of the messages that it was sent.
pub(crate) fn errors(received: &[u8]) -> impl Iterator<Item = io::Result<()>> {
    messages(received).filter(|(kind, _)| *kind == ERROR).filter_map(|(_, body)| {
        let error = i32::from_ne_bytes(number(body, 0)?);
        Some(if error == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(-error)) })
    })
}

/// The attributes in `rest`.
pub(crate) fn attributes(mut rest: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let length = usize::from(u16::from_ne_bytes(number(rest, 0)?));
        let kind = u16::from_ne_bytes(number(rest, 2)?) & 0x3fff;
        let value = rest.get(4..length)?;
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((kind, value))
    })
}
