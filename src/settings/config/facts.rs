//! What files say of a host besides its rules: the sockets it listens at, and what its kernel is told.

use super::{Cause, File, Spot, Text, Wrong, raw::Word, values::Read};
use crate::{
    model::Family,
    settings::{Error, Sockets, Sysctl},
    source::{SourceFile, input::shown},
};
use std::{fs, sync::Arc};
use toml::Spanned;

/// The sockets that the file which `word` names lists.
pub(super) fn sockets(file: &File, word: &Word) -> Read<Sockets> {
    let source = text(file, word)?;
    let wrong = |span| Wrong::new(&spot(&source, span), Cause::NoSocket);
    let read = Sockets::read(&source.path, source.text());
    read.map_err(|span| Error::Config(Box::new(wrong(span))))
}

/// What the kernel is told, and that it is not the opposite of what the user says.
pub(super) fn sysctl(file: &File, word: &Word, declared: Option<&Spanned<bool>>) -> Read<Sysctl> {
    let source = text(file, word)?;
    let wrong = |span| Wrong::new(&spot(&source, span), Cause::NoSysctl);
    let sysctl = Sysctl::read(source.text());
    let sysctl = sysctl.map_err(|span| Error::Config(Box::new(wrong(span))))?;
    let Some(declared) = declared else { return Ok(sysctl) };
    let said = [Family::Ipv4, Family::Ipv6].map(|family| sysctl.forwarding(family));
    let agrees = said.contains(&Some(*declared.get_ref())) || said == [None, None];
    let is_more = !declared.get_ref() && said.contains(&Some(true));
    if agrees && !is_more {
        return Ok(sysctl);
    }
    let wrong = Wrong::new(&file.spot(declared), Cause::Forwarding(source.path.clone()));
    let against = Some(file.spot(word));
    Err(Error::Config(Box::new(Wrong { against, ..wrong })))
}

fn text(file: &File, word: &Word) -> Read<SourceFile> {
    let path = file.folder.join(word.get_ref());
    let bytes = fs::read(&path).map_err(|error| {
        file.wrong(word, Cause::Unreadable { path: shown(&path), why: error.to_string() })
    })?;
    Ok(SourceFile::new(shown(&path), bytes))
}

fn spot(source: &SourceFile, span: std::ops::Range<usize>) -> Spot {
    let text = Text { path: source.path.clone(), text: source.text().to_owned() };
    Spot { file: Arc::new(text), span }
}
