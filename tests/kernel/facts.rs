//! What the kernel does, one fact a fixture.
//!
//! `fixtures/kernel/` holds rule sets, each named after its fact, and beside each a file of packets: one a line, as
//! `VERDICT PACKET  # why`. The states are as tracking makes them, but where the rules themselves say not to track.

use super::{
    Backend, Files, Judge,
    agreement::Read,
    judge::{Unjudged, Verdict},
    on_the_kernel,
};
use fwlint::{
    analysis::trace::{self, Tracer},
    packets::Packet,
};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// A fixture.
struct Fact {
    name: String,
    files: Files,
    /// Line numbers, verdicts and packets.
    packets: Vec<(usize, Verdict, Packet)>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/kernel")
}

fn facts() -> Vec<Fact> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder()).expect("the fixtures are there") {
        let path = entry.expect("an entry").path();
        let extension = path.extension().and_then(|it| it.to_str()).unwrap_or_default();
        assert!(["v4", "v6", "nft", "ipset", "packets"].contains(&extension), "{}", path.display());
        names.insert(path.with_extension(""));
    }
    names.iter().map(|path| fact(path)).collect()
}

fn fact(path: &Path) -> Fact {
    let read = |extension: &str| fs::read_to_string(path.with_extension(extension)).ok();
    let files = Files { ipset: read("ipset"), v4: read("v4"), v6: read("v6"), nft: read("nft") };
    let name = path.file_name().expect("a name").to_string_lossy().into_owned();
    assert!(files.v4.is_some() || files.v6.is_some() || files.nft.is_some(), "{name} has no rules");
    let text = read("packets").unwrap_or_else(|| panic!("{name} has no packets"));
    let packet = |(number, line): (usize, &str)| {
        let words = line.split('#').next().unwrap_or_default().trim();
        let (verdict, packet) = words.split_once(' ').expect("a verdict and a packet");
        let verdict = match verdict {
            "accept" => Verdict::Accept,
            "drop" => Verdict::Drop,
            "reject" => Verdict::Reject,
            other => panic!("{name}.packets:{number}: {other} is no verdict"),
        };
        let packet = Packet::parse(packet);
        let packet = packet.unwrap_or_else(|error| panic!("{name}.packets:{number}: {error:?}"));
        (number, verdict, packet)
    };
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let packets = lines.map(packet).collect();
    Fact { name, files, packets }
}

/// What the kernel does otherwise.
fn wrong(fact: &Fact, backend: Backend) -> Vec<String> {
    let loaded = Judge::load(&fact.files, backend).expect("the kernel can be asked");
    let mut judge = match loaded {
        Ok(judge) => judge,
        Err(complaint) => return vec![format!("{}: {complaint}", fact.name)],
    };
    let packets: Vec<_> = fact.packets.iter().map(|(.., packet)| packet.clone()).collect();
    let judged = judge.walks(&packets).expect("the kernel can be asked");
    let files = &fact.files;
    let texts = [&files.v4, &files.v6, &files.nft].into_iter().flatten();
    let untracks = texts.map(|it| it.to_lowercase()).any(|it| it.contains("notrack"));
    let mut wrong = Vec::new();
    for ((number, verdict, packet), judged) in fact.packets.iter().zip(judged) {
        let mut say = |what: String| {
            let walk: Vec<_> = judged.walk.iter().map(|it| format!("\n    {it:?}")).collect();
            wrong.push(format!(
                "{}.packets:{number} ({backend:?}): {packet}\n  {what}{}",
                fact.name,
                walk.concat()
            ));
        };
        if judged.verdict != Ok::<_, Unjudged>(*verdict) {
            say(format!("{verdict:?} is said, {:?} is done", judged.verdict));
        } else if let Some(state) = judged.state.filter(|it| !untracks && *it != packet.state) {
            say(format!("its state is {state:?}"));
        }
    }
    wrong
}

#[test]
fn the_facts_hold_in_the_kernel() {
    let facts = facts();
    assert!(facts.len() >= 40);
    on_the_kernel(|| {
        let mut all = Vec::new();
        let mut count = 0;
        for fact in &facts {
            let is_restored = fact.files.v4.is_some() || fact.files.v6.is_some();
            let backends: &[Backend] =
                if is_restored { &[Backend::Nft, Backend::Legacy] } else { &[Backend::Nft] };
            for backend in backends {
                all.extend(wrong(fact, *backend));
                count += fact.packets.len();
            }
        }
        println!("{} facts, {count} packets", facts.len());
        assert!(all.is_empty(), "{} are wrong\n{}", all.len(), all.join("\n"));
    });
}

#[test]
fn each_fact_has_both_sides() {
    // A fact that lets all of its packets through, or none, would hold without its rules too.
    const ONE_SIDED: &[&str] = &[
        "a-dormant-table-is-not-asked",
        "statements-run-from-left-to-right",
        "what-is-flushed-keeps-its-policy",
        "without-a-socket-there-is-no-owner",
    ];
    for fact in facts() {
        let verdicts = || fact.packets.iter().map(|(_, verdict, _)| *verdict);
        let is_passed = verdicts().any(|it| it == Verdict::Accept);
        let is_dropped = verdicts().any(|it| it != Verdict::Accept);
        let both = is_passed && is_dropped || fact.name == "reject-tells-the-sender";
        assert_eq!(!both, ONE_SIDED.contains(&fact.name.as_str()), "{}", fact.name);
    }
}

#[test]
fn fwlint_knows_the_facts() {
    // What the text does not tell: who listens, who owns, what a set holds by now, which packet is a connection's first.
    const MAYBE: [&str; 8] = [
        "a-nat-chain-sees-only-new-packets",
        "a-queue-without-a-listener",
        "a-set-of-addresses-and-ports",
        "an-announced-connection-is-translated",
        "an-ethernet-address-needs-ethernet",
        "tproxy-of-iptables-drops-without-a-socket",
        "tproxy-without-a-socket-goes-on",
        "without-a-socket-there-is-no-owner",
    ];
    let (mut count, mut wrong, mut maybe) = (0, Vec::new(), 0);
    for fact in facts() {
        let read = Read::of(&fact.files);
        let ruleset = read.ruleset();
        let tracer = Tracer::new(&ruleset);
        for (number, verdict, packet) in &fact.packets {
            let trace = tracer.trace(packet);
            count += 1;
            let line = || {
                let name = &fact.name;
                format!(
                    "{name}.packets:{number}: {packet}\n  {verdict:?} is done, {:?} is said: {:?} {:?}",
                    trace.verdict, trace.depends_on, trace.walk
                )
            };
            match (trace.verdict, verdict) {
                (trace::Verdict::Accept, Verdict::Accept)
                | (trace::Verdict::Drop, Verdict::Drop)
                | (trace::Verdict::Reject, Verdict::Reject) => {}
                (trace::Verdict::Maybe, _) if MAYBE.contains(&fact.name.as_str()) => maybe += 1,
                _ => wrong.push(line()),
            }
        }
    }
    println!("{count} packets, {maybe} maybe");
    assert!(wrong.is_empty(), "{} of {count} are wrong\n{}", wrong.len(), wrong.join("\n"));
}
