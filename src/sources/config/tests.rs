//! Tests the parser against the table that the JavaScript tests share.

use std::path::Path;

use serde_json::Value;

use super::*;

/// Reads the table.
fn cases() -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("__test__/fixtures/cases.json");
    let text = std::fs::read_to_string(&path).expect("the shared table is part of the checkout");
    serde_json::from_str(&text).expect("the shared table is JSON")
}

fn bytes(case: &Value) -> Vec<u8> {
    match (&case["text"], &case["hex"]) {
        (Value::String(text), _) => text.clone().into_bytes(),
        (_, Value::String(hex)) => {
            (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
        }
        _ => panic!("a case has either text or hex"),
    }
}

/// Returns the result of the parser in the form of the table. The scan adds the name and the time of the directory.
fn parsed(bytes: &[u8]) -> Value {
    let or_directory = |id: &Option<Cow<'_, str>>| id.as_deref().unwrap_or("DIRECTORY").to_owned();
    let or_mtime = |time: Option<DateTime<Utc>>| match time {
        Some(time) => Value::from(time.timestamp_millis()),
        None => Value::from("mtime"),
    };
    match parse(bytes) {
        Ok(Config::Running(running)) => serde_json::json!({
            "status": "running",
            "instanceId": or_directory(&running.instance_id),
            "updatedAt": or_mtime(running.updated_at),
            "address": running.address,
            "port": running.port,
            "url": running.url(),
            "exposeToNetwork": running.expose_to_network,
        }),
        Ok(Config::Starting(starting)) => serde_json::json!({
            "status": if starting.restarting { "restarting" } else { "starting" },
            "instanceId": or_directory(&starting.instance_id),
            "updatedAt": or_mtime(starting.updated_at),
        }),
        Err(ignored) => serde_json::json!({ "status": "ignored", "reason": ignored.reason.as_str() }),
    }
}

#[test]
fn every_case_of_the_shared_table_parses_as_expected() {
    let cases = cases();
    assert!(cases.len() > 80, "the table has shrunk to {} cases", cases.len());
    let wrong: Vec<_> = cases
        .iter()
        .filter_map(|case| {
            let parsed = parsed(&bytes(case));
            (parsed != case["expect"])
                .then(|| format!("{}\n  parsed as {parsed}\n  expected  {}", case["name"], case["expect"]))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_file_cut_off_at_any_byte_is_not_json() {
    let whole = bytes(&cases()[0]);
    for length in 0..whole.len() {
        let cut = parse(&whole[..length]).expect_err("cut off");
        assert_eq!(cut.reason, IgnoredReason::NotJson, "after {length} bytes");
    }
}

#[test]
fn details_show_the_value_on_one_line_without_control_characters() {
    let file = "{\"health\":\"run\u{202e}ning\\n\\u001b[31m\"}";
    let ignored = parse(file.as_bytes()).expect_err("not running");
    assert_eq!(ignored.detail, r#"health is "run\u{202e}ning\n\u{1b}[31m""#);

    let long = format!("{{\"health\":\"running\",\"port\":[{}]}}", "1,".repeat(500) + "1");
    let ignored = parse(long.as_bytes()).expect_err("no port");
    assert!(ignored.detail.ends_with('…') && ignored.detail.chars().count() < 130, "{}", ignored.detail);
}
