//! Tests the properties with thousands of realistic values.
//!
//! Also tests every input in `fuzz/corpus`, which holds the seeds of fuzzing and what it has found.
//!
//! A failure prints the smallest value that fails and keeps its seed in `proptest-regressions/`. To run more cases:
//! `PROPTEST_CASES=100000 cargo test --no-default-features properties`.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::string::string_regex;

fn regex(pattern: &str) -> impl Strategy<Value = String> + use<> {
    string_regex(pattern).expect("a regular expression")
}

/// Generates values of fields: valid ones, and each kind of invalid one.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(&[r#""running""#, r#""starting""#, r#""restarting""#, r#""stopped""#, r#""run\u006eing""#][..])
            .prop_map(str::to_owned),
        4 => select(&["1337", "1337.0", "1.337e3", "0", "-1", "65535", "65536", "1e400", "0.5", "1337.00000000000001"][..])
            .prop_map(str::to_owned),
        4 => select(&[r#""127.0.0.1""#, r#""0.0.0.0""#, r#""::1""#, r#""my-mac.local""#, r#""a b""#, r#""1.2.3""#][..])
            .prop_map(str::to_owned),
        2 => select(&["null", "true", "false", "[]", "{}", r#"[{"a":1}]"#, r#""\ud800""#, "nul"][..])
            .prop_map(str::to_owned),
        2 => time_text().prop_map(|text| format!("\"{text}\"")),
        1 => any::<i64>().prop_map(|number| number.to_string()),
        1 => any::<f64>().prop_map(|number| format!("{number:e}")),
        1 => any::<String>().prop_map(|text| serde_json::to_string(&text).expect("a string")),
    ]
}

fn field() -> impl Strategy<Value = String> {
    let names =
        ["health", "port", "address", "instanceId", "updatedAt", "url", "exposeToNetwork", "x", r"p\u006frt"];
    (select(names.to_vec()), value()).prop_map(|(name, value)| format!("\"{name}\" : {value}"))
}

fn file_text() -> impl Strategy<Value = Vec<u8>> {
    let right = r#""health":"running","port":1337,"address":"127.0.0.1","#;
    (select(&["", "\u{feff}", " "][..]), select(vec!["", right]), vec(field(), 1..9), 0_usize..40).prop_map(
        |(before, right, fields, cut)| {
            let whole = format!("{before}{{{right}{}}}", fields.join(",\n"));
            let kept = if cut < 4 { whole.len().saturating_sub(cut) } else { whole.len() };
            whole.into_bytes()[..kept].to_vec()
        },
    )
}

fn time_text() -> impl Strategy<Value = String> {
    prop_oneof![
        regex(
            r"(19|20)[0-9]{2}-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{1,12})?(Z|[+-][0-2][0-9]:[0-6][0-9])"
        ),
        regex(r"[0-9]{4}-(02-29|0[1-9]-3[01]|12-31)[Tt ]23:59:(59|60)(\.9{1,10})?(z|[+-]23:59)"),
        regex(r"[-+0-9TZ:. ]{0,30}"),
    ]
}

fn address_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<std::net::Ipv4Addr>().prop_map(|address| address.to_string()),
        any::<std::net::Ipv6Addr>().prop_map(|address| address.to_string()),
        select(&["0.0.0.0", "::", "0:0::0", "::ffff:0.0.0.0", "localhost", "a.1", "a.0x", "::1%lo"][..])
            .prop_map(str::to_owned),
        regex(r"[a-zA-Z0-9_.:/@%-]{1,40}"),
    ]
}

fn response_bytes() -> impl Strategy<Value = Vec<u8>> {
    let head = select(
        &[
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.0 200 OK\n",
            "\r\nHTTP/1.1 500 No\r\n",
            "HTTP/1.1 20",
            "HTTP/2 200\r\n",
        ][..],
    );
    let header = select(
        &["Content-Length: 30\r\n", "Transfer-Encoding: chunked\r\n", "X: y\n", "bad header\r\n", ""][..],
    );
    let piece = select(
        &[
            "Osaurus",
            " Server is running",
            "Osaurus Server is running",
            "! \u{1f995}",
            "7\r\n",
            "19\r\n",
            "\r\n",
            "0\r\n\r\n",
            "ffffffffffffffffff\r\n",
            "7;x=y\r\n",
            "XX",
        ][..],
    );
    (head, vec(header, 0..4), vec(piece, 0..8)).prop_map(|(head, headers, pieces)| {
        [head, &headers.concat(), "\r\n", &pieces.concat()].concat().into_bytes()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 8 } else { ProptestConfig::default().cases * 4 }))]

    #[test]
    fn files_are_classified_as_a_plain_evaluation_classifies_them(bytes in file_text()) {
        super::file(&bytes);
    }

    #[test]
    fn no_bytes_cause_a_panic(bytes in vec(any::<u8>(), 0..300)) {
        super::file(&bytes);
        super::response(&bytes);
    }

    #[test]
    fn times_are_parsed_by_rfc_3339(text in time_text()) {
        super::time(text.as_bytes());
    }

    #[test]
    fn urls_lead_to_the_published_address_and_port(
        port: u16, address in address_text(), slash in select(&["", "/", "//", "/v1"][..]), published: bool
    ) {
        let url = format!("\nhttp://{address}:{}{slash}", port.max(1));
        let text = if published { address + &url } else { address };
        super::address(&[&port.to_be_bytes(), text.as_bytes()].concat());
    }

    #[test]
    fn a_verdict_on_a_response_is_final(bytes in response_bytes()) {
        super::response(&bytes);
    }

    #[test]
    fn the_order_depends_on_the_entries_alone(bytes in vec(any::<u8>(), 0..200)) {
        super::order(&bytes);
    }
}

#[test]
fn properties_hold_for_the_corpus_of_fuzzing() {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let holds = |name: &str, property: fn(&[u8])| {
        let inputs: Vec<_> = std::fs::read_dir(corpus.join(name)).expect("a directory").collect();
        assert!(!inputs.is_empty(), "the corpus has no input for {name}");
        for input in inputs {
            property(&std::fs::read(input.expect("an entry").path()).expect("a file"));
        }
    };
    holds("address", super::address);
    holds("response", super::response);
    holds("file", super::file);
    holds("order", super::order);
    holds("time", super::time);
}
