//! Conditions, loops and what runs only in some case.

use super::{
    Before, Done, Doubt, Flow, Player, Status, condition, env::Field, env::Value, env::Variable,
};
use crate::{
    source::Span,
    syntax::script::{
        Unread, UnreadKind,
        tree::{Arm, Node, NodeKind, Word},
    },
};
use std::collections::BTreeSet;

type Branch = (Vec<Node>, Vec<Node>);

impl<'s> Player<'s> {
    pub(super) fn doubt(&mut self, span: Span) -> u32 {
        self.doubts.push(Doubt { span, settled: None });
        u32::try_from(self.doubts.len() - 1).unwrap_or(u32::MAX)
    }

    /// Plays what runs only if the answer to `doubt` is that it holds, or with `negated` that it does not. What ends the
    /// script is taken not to run at all: `false` then, and nothing of it is left.
    fn maybe(
        &mut self,
        (doubt, negated): (u32, bool),
        span: Span,
        play: impl FnOnce(&mut Self) -> Done,
    ) -> bool {
        let before = self.before();
        self.holds.push((doubt, negated));
        let done = play(self);
        if done.flow == Flow::Exit && self.errors.is_empty() {
            let loads = self.actions.len() > before.actions;
            self.take_back(before);
            if loads {
                self.unread.push(Unread { span, kind: UnreadKind::Ends });
            }
            return false;
        }
        let Before { env, holds, .. } = before;
        self.holds.truncate(holds);
        let number = self.fresh();
        self.env.merge(&env, number);
        if done.flow != Flow::Next {
            // What follows in this loop or function runs only in the other case.
            self.holds.push((doubt, !negated));
        }
        true
    }

    /// `a && b || c`.
    pub(super) fn joined(&mut self, first: &'s Node, rest: &'s [(bool, Node)]) -> Done {
        let outer = self.guard.holds;
        let mut loaded = self.actions.len();
        let (mut done, mut guarded) = self.asking(std::slice::from_ref(first));
        let mut before = first;
        for (and, node) in rest {
            if done.flow != Flow::Next {
                break;
            }
            if !and && done.status == Status::Success && self.actions.len() > loaded {
                // `-N CHAIN || -F CHAIN`: either way the chain is empty.
                self.empties(node);
            }
            loaded = self.actions.len();
            self.guard.holds |= guarded;
            match done.status {
                Status::Unknown => {
                    let doubt = self.doubt(before.span);
                    let kept = self.maybe((doubt, !and), node.span, |it| it.node(node));
                    if !kept {
                        self.doubts[doubt as usize].settled = Some(!and);
                        done = Done::with(Status::of(!and));
                    }
                    before = node;
                }
                status if (status == Status::Success) == *and => {
                    let asked;
                    (done, asked) = self.asking(std::slice::from_ref(node));
                    guarded |= asked;
                    before = node;
                }
                _ => {}
            }
        }
        self.guard.holds = outer;
        done
    }

    /// Plays a condition, and says whether it asked if a rule is there.
    fn asking(&mut self, condition: &'s [Node]) -> (Done, bool) {
        let outer = std::mem::replace(&mut self.guard.asked, false);
        let done = self.nodes(condition);
        let asked = std::mem::replace(&mut self.guard.asked, outer);
        self.guard.asked |= asked;
        (done, asked)
    }

    pub(super) fn branches(&mut self, branches: &'s [Branch], otherwise: &'s [Node]) -> Done {
        let Some(((condition, body), rest)) = branches.split_first() else {
            return self.nodes(otherwise);
        };
        if self.nested > super::DEEPEST {
            return self.exhausted(around(condition));
        }
        self.nested += 1;
        let done = self.branch(condition, body, rest, otherwise);
        self.nested -= 1;
        done
    }

    fn branch(
        &mut self,
        condition: &'s [Node],
        body: &'s [Node],
        rest: &'s [Branch],
        otherwise: &'s [Node],
    ) -> Done {
        let (done, guarded) = self.asking(condition);
        if done.flow != Flow::Next {
            return done;
        }
        let outer = self.guard.holds;
        self.guard.holds |= guarded;
        let done = match done.status {
            Status::Success => self.nodes(body),
            Status::Failure => self.branches(rest, otherwise),
            Status::Unknown => self.one_of(condition, body, rest, otherwise),
        };
        self.guard.holds = outer;
        done
    }

    /// One branch or the others: nobody knows which.
    fn one_of(
        &mut self,
        condition: &'s [Node],
        body: &'s [Node],
        rest: &'s [Branch],
        otherwise: &'s [Node],
    ) -> Done {
        let doubt = self.doubt(around(condition));
        let env = self.env.clone();
        let kept = self.maybe((doubt, false), around(body), |it| it.nodes(body));
        if !kept {
            self.doubts[doubt as usize].settled = Some(false);
            return self.branches(rest, otherwise);
        }
        let then = std::mem::replace(&mut self.env, env);
        let span = otherwise.first().map_or(Span::default(), |it| it.span);
        if !self.maybe((doubt, true), span, |it| it.branches(rest, otherwise)) {
            self.doubts[doubt as usize].settled = Some(true);
            self.env = then;
            return Done::UNKNOWN;
        }
        let number = self.fresh();
        self.env.merge(&then, number);
        Done::UNKNOWN
    }

    pub(super) fn case(&mut self, node: &'s Node, subject: &'s Word, arms: &'s [Arm]) -> Done {
        let subject = self.value(subject);
        let mut doubts = Vec::new();
        for arm in arms {
            let fits =
                if subject.is_known() { self.fits(&subject.text, arm) } else { Status::Unknown };
            match fits {
                Status::Failure => {}
                Status::Success if doubts.is_empty() => return self.nodes(&arm.body),
                _ => {
                    let first = arm.patterns.first().map_or(node.span, |it| it.span);
                    let doubt =
                        self.doubt(arm.patterns.iter().fold(first, |all, it| all.to(it.span)));
                    doubts.push(doubt);
                    let span = around(&arm.body);
                    if !self.maybe((doubt, false), span, |it| it.nodes(&arm.body)) {
                        self.doubts[doubt as usize].settled = Some(false);
                    }
                }
            }
            if fits == Status::Success {
                break;
            }
        }
        Done::UNKNOWN
    }

    fn fits(&mut self, subject: &str, arm: &Arm) -> Status {
        let mut fits = Status::Failure;
        for pattern in &arm.patterns {
            let quoted = pattern.parts.iter().all(|part| part.quoted);
            let pattern = self.value(pattern);
            fits = fits.or(match pattern {
                _ if !pattern.is_known() => Status::Unknown,
                _ if quoted => Status::of(pattern.text == subject),
                _ => Status::of(condition::matches(subject, &pattern.text)),
            });
        }
        fits
    }

    /// `for NAME in …`: a word that is not known stands for any number of them.
    pub(super) fn each(
        &mut self,
        node: &'s Node,
        name: &'s str,
        words: Option<&'s [Word]>,
        body: &'s [Node],
    ) -> Done {
        let fields: Vec<Field> = match (words, self.env.arguments.clone()) {
            (Some(words), _) => self.fields(words),
            (None, Some(arguments)) => arguments.to_vec(),
            (None, None) => {
                let (text, span) = ("$@".to_owned(), node.span);
                vec![Field { text, span, literal: false, unknown: u32::MAX, open: true }]
            }
        };
        let held = self.holds.len();
        for field in fields {
            if field.unknown == 0 {
                self.env.set(name, Variable::One(Value::known(field.text)));
                let done = self.nodes(body);
                match done.flow {
                    Flow::Next | Flow::Loop { ends: false } => {}
                    Flow::Loop { ends: true } => break,
                    Flow::Return | Flow::Exit => return done,
                }
            } else if field.open {
                self.any_number(field.span, body, name);
            } else {
                self.env.set(name, Variable::unknown(field.unknown));
                let done = self.nodes(body);
                if matches!(done.flow, Flow::Return | Flow::Exit) {
                    return done;
                }
            }
        }
        self.holds.truncate(held);
        Done::UNKNOWN
    }

    /// Plays what runs once, several times or never.
    fn any_number(&mut self, span: Span, body: &'s [Node], name: &str) {
        let number = self.fresh();
        self.forget(body);
        self.env.set(name, Variable::unknown(number));
        let doubt = self.doubt(span);
        let held = self.holds.len();
        self.maybe((doubt, false), around(body), |it| it.nodes(body));
        self.holds.truncate(held);
        let number = self.fresh();
        self.env.set(name, Variable::unknown(number));
    }

    pub(super) fn repeated(
        &mut self,
        condition: &'s [Node],
        until: bool,
        body: &'s [Node],
    ) -> Done {
        self.forget(body);
        self.forget(condition);
        let done = self.nodes(condition);
        if done.flow != Flow::Next {
            return done;
        }
        let status = if until { done.status.not() } else { done.status };
        let held = self.holds.len();
        let done = match status {
            Status::Failure => Done::SUCCESS,
            Status::Success => self.nodes(body),
            Status::Unknown => {
                let doubt = self.doubt(around(condition));
                self.maybe((doubt, until), around(body), |it| it.nodes(body));
                Done::UNKNOWN
            }
        };
        self.holds.truncate(held);
        match done.flow {
            Flow::Loop { .. } => Done::UNKNOWN,
            _ => done,
        }
    }

    /// What commands that run again assign is not known where they begin.
    fn forget(&mut self, nodes: &'s [Node]) {
        let mut names = BTreeSet::new();
        assigned(nodes, &mut names);
        for name in names {
            let number = self.fresh();
            self.env.set(name, Variable::unknown(number));
        }
    }
}

fn around(nodes: &[Node]) -> Span {
    nodes.iter().map(|it| it.span).reduce(Span::to).unwrap_or_default()
}

/// The names that commands assign, those in loops and branches too.
fn assigned<'s>(nodes: &'s [Node], names: &mut BTreeSet<&'s str>) {
    for node in nodes {
        match &node.kind {
            NodeKind::Simple { assignments, .. } => {
                names.extend(assignments.iter().map(|it| it.name.as_str()));
            }
            NodeKind::Pipe(nodes) | NodeKind::Group(nodes) => assigned(nodes, names),
            NodeKind::Not(inner) => assigned(std::slice::from_ref(inner), names),
            NodeKind::Joined(first, rest) => {
                assigned(std::slice::from_ref(first), names);
                for (_, node) in rest {
                    assigned(std::slice::from_ref(node), names);
                }
            }
            NodeKind::If { branches, otherwise } => {
                for (condition, body) in branches {
                    assigned(condition, names);
                    assigned(body, names);
                }
                assigned(otherwise, names);
            }
            // The name of a loop in the loop is set before it is used.
            NodeKind::For { body, .. } => assigned(body, names),
            NodeKind::While { condition, body, .. } => {
                assigned(condition, names);
                assigned(body, names);
            }
            NodeKind::Case { arms, .. } => arms.iter().for_each(|arm| assigned(&arm.body, names)),
            NodeKind::Background(_)
            | NodeKind::Subshell(_)
            | NodeKind::Function { .. }
            | NodeKind::Test(_)
            | NodeKind::Arithmetic => {}
        }
    }
}
