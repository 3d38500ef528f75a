//! Files that include others, each tree with what is wrong with it.

/// An input chain around some lines.
pub(crate) fn host(table: &str, input: &str) -> String {
    format!(
        "table inet t {{\n{table}\nchain i {{\ntype filter hook input priority 0; policy drop;\n{input}\n}}\n}}\n"
    )
}

/// What it shows, the files, and the place of the first error.
pub(crate) type Case = (&'static str, Vec<(&'static str, String)>, &'static str);

/// Trees whose `main.nft` is loaded with `-I .`, and the first thing that is wrong with it: `file:line`, or nothing.
pub(crate) fn cases() -> Vec<Case> {
    let t = str::to_owned;
    vec![
        (
            "a definition is in force below",
            vec![
                ("main.nft", format!("include \"a.nft\"\n{}", host("", "tcp dport $p accept"))),
                ("a.nft", t("define p = 79\n")),
            ],
            "",
        ),
        (
            "a definition is not in force above",
            vec![
                ("main.nft", format!("{}include \"a.nft\"\n", host("", "tcp dport $p accept"))),
                ("a.nft", t("define p = 79\n")),
            ],
            "main.nft:5",
        ),
        (
            "a definition of a block ends with it",
            vec![
                ("main.nft", host("", "include \"a.nft\"\n") + &host("", "tcp dport $p accept")),
                ("a.nft", t("define p = 79\n")),
            ],
            "main.nft:13",
        ),
        (
            "what is defined above is in force in the other file",
            vec![
                ("main.nft", format!("define p = 79\n{}", host("", "include \"a.nft\""))),
                ("a.nft", t("tcp dport $p accept\n")),
            ],
            "",
        ),
        (
            "what is not defined is missed in the file that uses it",
            vec![
                ("main.nft", host("", "include \"a.nft\"")),
                ("a.nft", t("tcp dport 1 drop\ntcp dport $p accept\n")),
            ],
            "a.nft:2",
        ),
        (
            "a name may be defined once",
            vec![
                ("main.nft", t("define p = 1\ninclude \"a.nft\"\n")),
                ("a.nft", t("define p = 2\n")),
            ],
            "a.nft:1",
        ),
        (
            "files of a pattern are read in the order of their names",
            vec![
                ("main.nft", t("include \"d/*.nft\"\n")),
                ("d/10.nft", t("define p = 22\n")),
                ("d/9.nft", host("", "tcp dport $p accept")),
            ],
            "",
        ),
        (
            "and not in the order of numbers",
            vec![
                ("main.nft", t("include \"d/*.nft\"\n")),
                ("d/9.nft", t("define p = 22\n")),
                ("d/10.nft", host("", "tcp dport $p accept")),
            ],
            "d/10.nft:5",
        ),
        (
            "hidden files match no pattern",
            vec![("main.nft", t("include \"d/*\"\n")), ("d/.a.nft", t("nonsense\n"))],
            "",
        ),
        ("a pattern may match nothing", vec![("main.nft", t("include \"d/*\"\n"))], ""),
        ("a file may not be missing", vec![("main.nft", t("include \"a.nft\"\n"))], "main.nft:1"),
        (
            "a directory is passed over",
            vec![("main.nft", t("include \"d\"\n")), ("d/", t("")), ("d/a", t("nonsense\n"))],
            "",
        ),
        (
            "directories of a pattern are passed over",
            vec![("main.nft", t("include \"d/*\"\n")), ("d/e/a", t("nonsense\n"))],
            "",
        ),
        (
            "a file that includes itself never ends",
            vec![("main.nft", t("include \"main.nft\"\n"))],
            "main.nft:1",
        ),
        (
            "two files that include each other never end",
            vec![("main.nft", t("include \"a.nft\"\n")), ("a.nft", t("\ninclude \"main.nft\"\n"))],
            "a.nft:2",
        ),
        (
            "a block may go on in another file",
            vec![
                ("main.nft", t("table ip t {\ninclude \"a.nft\"\n}\n}\n")),
                ("a.nft", t("chain c {\ntcp dport 1 accept\n")),
            ],
            "",
        ),
        (
            "a line may not",
            vec![
                ("main.nft", t("include \"a.nft\"\nadd table ip u\n")),
                ("a.nft", t("add table ip t")),
            ],
            "main.nft:2",
        ),
        (
            "single quotes are no quotes",
            vec![("main.nft", t("include 'a.nft'\n")), ("a.nft", t(""))],
            "main.nft:1",
        ),
        (
            "braces are no pattern",
            vec![("main.nft", t("include \"{a,b}.nft\"\n")), ("a.nft", t("nonsense\n"))],
            "main.nft:1",
        ),
        (
            "elements of a set cannot be included",
            vec![
                (
                    "main.nft",
                    host("set s { type inet_service; elements = { 1,\ninclude \"a.nft\"\n} }", ""),
                ),
                ("a.nft", t("2\n")),
            ],
            "main.nft:3",
        ),
        (
            "a set can be filled by another file",
            vec![
                ("main.nft", host("set s {\ntype inet_service;\ninclude \"a.nft\"\n}", "")),
                ("a.nft", t("elements = { 1, 2 }\n")),
            ],
            "",
        ),
        ("sixteen files in each other are read", chain_of(16), ""),
        ("seventeen are too many", chain_of(17), "16.nft:1"),
    ]
}

/// `main.nft` includes `2.nft`, which includes `3.nft` …
fn chain_of(count: usize) -> Vec<(&'static str, String)> {
    const NAMES: [&str; 17] = [
        "main.nft", "2.nft", "3.nft", "4.nft", "5.nft", "6.nft", "7.nft", "8.nft", "9.nft",
        "10.nft", "11.nft", "12.nft", "13.nft", "14.nft", "15.nft", "16.nft", "17.nft",
    ];
    let names = &NAMES[..count];
    let text = |at: usize| {
        names.get(at + 1).map_or("table ip t\n".to_owned(), |next| format!("include \"{next}\"\n"))
    };
    names.iter().enumerate().map(|(at, name)| (*name, text(at))).collect()
}
