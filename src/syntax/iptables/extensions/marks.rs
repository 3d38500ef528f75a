//! Marks on packets and connections, and labels of mandatory access control.

use super::{
    data::MANGLE_OR_SECURITY,
    spec::{
        Extension, OptionSpec, Value, at_most_one, exactly_one, flag, matching, option, target,
        text,
    },
};

pub(super) const MARK_MATCH: Extension =
    matching("mark", &[option("mark", Value::Mark).negatable().mandatory()]);

const SET_XMARK: OptionSpec = option("set-xmark", Value::Mark);
const SET_MARK: OptionSpec = option("set-mark", Value::Mark);
const AND_MARK: OptionSpec = option("and-mark", Value::u32());
const OR_MARK: OptionSpec = option("or-mark", Value::u32());
const XOR_MARK: OptionSpec = option("xor-mark", Value::u32());

pub(super) const MARK: Extension =
    target("MARK", &[SET_XMARK, SET_MARK, AND_MARK, OR_MARK, XOR_MARK]).groups(&[exactly_one(&[
        "set-xmark",
        "set-mark",
        "and-mark",
        "or-mark",
        "xor-mark",
    ])]);

pub(super) const CONNMARK: Extension = target(
    "CONNMARK",
    &[
        SET_XMARK,
        SET_MARK,
        AND_MARK,
        OR_MARK,
        XOR_MARK,
        flag("save-mark"),
        flag("restore-mark"),
        option("left-shift-mark", Value::Number { min: 0, max: 31 }),
        option("right-shift-mark", Value::Number { min: 0, max: 31 }),
        option("ctmask", Value::u32()),
        option("nfmask", Value::u32()),
        option("mask", Value::u32()),
    ],
)
.groups(&[
    exactly_one(&[
        "set-xmark",
        "set-mark",
        "and-mark",
        "or-mark",
        "xor-mark",
        "save-mark",
        "restore-mark",
    ]),
    at_most_one(&["ctmask", "mask"]),
    at_most_one(&["nfmask", "mask"]),
]);

pub(super) const SECMARK: Extension =
    target("SECMARK", &[option("selctx", text("security context", 255)).mandatory()])
        .tables(MANGLE_OR_SECURITY);

pub(super) const CONNSECMARK: Extension = target("CONNSECMARK", &[flag("save"), flag("restore")])
    .tables(MANGLE_OR_SECURITY)
    .groups(&[exactly_one(&["save", "restore"])]);
