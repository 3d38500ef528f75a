use super::{Common, Configured, Files, values::trace_format};
use crate::settings::{Output, Overrides};
use clap::{ArgAction, Args};
use std::path::PathBuf;

/// `fwlint trace`.
#[derive(Debug, Args)]
#[command(
    override_usage = "fwlint trace 'PACKET' [PATH|-]...\n       fwlint trace --packets FILE [PATH|-]...",
    after_long_help = NOTATION
)]
pub struct Trace {
    /// The packet, or with --packets a path
    #[arg(value_name = "PACKET")]
    pub packet: Option<String>,
    /// Which files are read.
    #[command(flatten)]
    pub files: Files,
    /// Follow each packet of this file, one a line; # begins a comment, - is standard input
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub packets: Option<PathBuf>,
    /// Show every rule that the packet meets
    #[arg(short = 'w', long, action = ArgAction::SetTrue, help_heading = "Result")]
    pub walk: bool,
    /// text, json or jsonl (one object a line)
    #[arg(short, long, value_name = "FORMAT", value_parser = trace_format(), default_value = "text", help_heading = "Result")]
    pub format: TraceFormat,
    /// Write to a file
    #[arg(short, long, value_name = "FILE", help_heading = "Result")]
    pub output: Option<PathBuf>,
    /// Which configuration is followed.
    #[command(flatten)]
    pub configured: Configured,
    /// How it looks.
    #[command(flatten)]
    pub common: Common,
}

/// The formats of traces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TraceFormat {
    /// For people.
    Text,
    /// One document.
    Json,
    /// An object a line.
    Jsonl,
}

const NOTATION: &str = "\
A packet:
  PROTO SOURCE[:PORT] -> DESTINATION[:PORT] in IFACE            to this host
  PROTO SOURCE[:PORT] -> DESTINATION[:PORT] in IFACE out IFACE  through it
  PROTO SOURCE[:PORT] -> DESTINATION[:PORT] out IFACE           from it
    [state new|established|related|invalid|untracked] [dir original|reply]
    [flags syn,ack|none] [type N[/CODE]] [mark N]
  `host` is an address of this host. Without a state it is new; without flags, a SYN.

Examples:
  fwlint trace 'tcp 198.51.100.7:40000 -> 192.0.2.1:22 in eth0' rules.v4
  iptables-save | fwlint trace 'icmp 198.51.100.7 -> host in eth0' -
  fwlint trace --packets packets.txt -f jsonl /etc/nftables.conf";

impl Trace {
    /// The packet on the command line and the files: with `--packets` every word is a path.
    pub fn split(&mut self) -> Option<String> {
        if self.packets.is_none() {
            return self.packet.take();
        }
        let first = self.packet.take().map(PathBuf::from);
        self.files.paths.splice(0..0, first);
        None
    }

    /// Where the report goes.
    pub fn outputs(&self) -> Vec<Output<TraceFormat>> {
        let path = self.output.clone().filter(|path| path.as_os_str() != "-");
        vec![Output { format: self.format, path }]
    }

    /// What it says about the settings.
    pub fn overrides(&self) -> Overrides {
        let (language, display) = (self.common.language(), self.common.display());
        Overrides {
            language,
            display,
            allow_empty: self.files.allow_empty,
            allow_incomplete: self.files.allow_incomplete,
            ..Overrides::default()
        }
    }
}
