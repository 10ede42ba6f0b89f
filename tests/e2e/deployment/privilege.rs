//! Each function's role allows what its ports need, and nothing else. Which ports a function takes, and which of DynamoDB's
//! actions each port's implementation comes down to, is read from the sources.

use std::collections::{BTreeMap, BTreeSet};

use usher_aws::table::INDEXES;
use usher_local::template::{ACCOUNT, FunctionSettings, Place, REGION, Template};

use super::source::{Call, Function, calls, files, functions, tokens};

/// Actions on resources.
type Needs = BTreeSet<(String, String)>;

fn need(needs: &mut Needs, action: &str, resource: &str) {
    needs.insert((action.to_owned(), resource.to_owned()));
}

fn table() -> String {
    format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/usher")
}

/// The functions of the store. The two files that only pass on to the SDK are what calls are recognised by.
fn store() -> Vec<Function> {
    let files = files("common/aws/src/store");
    let above = files.iter().filter(|path| !path.ends_with("query.rs") && !path.ends_with("transaction.rs"));
    above.flat_map(|path| functions(&tokens(path))).collect()
}

/// The action that a call comes down to by itself, and on what.
fn action(call: &Call<'_>) -> Option<(&'static str, String)> {
    let is_store = |word: &str| matches!(word, "self" | "store");
    let on_table = |action| Some((action, table()));
    match call.name {
        "get" if is_store(call.on) => on_table("dynamodb:GetItem"),
        "get_many" | "get_parts" => on_table("dynamodb:BatchGetItem"),
        "of" if call.on == "Range" => on_table("dynamodb:Query"),
        "of_index" if call.on == "Range" => {
            let (index, ..) = INDEXES[call.first.parse::<usize>().unwrap()];
            Some(("dynamodb:Query", format!("{}/index/{index}", table())))
        }
        "put" | "put_if" if is_store(call.first) => on_table("dynamodb:PutItem"),
        "delete" | "delete_if" if is_store(call.first) => on_table("dynamodb:DeleteItem"),
        "delete_item" => on_table("dynamodb:DeleteItem"),
        "check" if is_store(call.first) => on_table("dynamodb:ConditionCheckItem"),
        "update_of" => on_table("dynamodb:UpdateItem"),
        _ => None,
    }
}

/// What each port needs of the table.
fn ports() -> BTreeMap<String, Needs> {
    let store = store();
    let mut ports: BTreeMap<String, Needs> = BTreeMap::new();
    let names: BTreeSet<&String> = store.iter().filter_map(|function| function.port.as_ref()).collect();
    for port in names {
        let mut reached: BTreeSet<&str> = BTreeSet::new();
        let mut to_read: Vec<&Function> =
            store.iter().filter(|function| function.port.as_ref() == Some(port)).collect();
        let needs = ports.entry(port.clone()).or_default();
        while let Some(function) = to_read.pop() {
            for call in calls(&function.body) {
                needs.extend(action(&call).map(|(action, resource)| (action.to_owned(), resource)));
                if leads_into_the_store(&call) && reached.insert(call.name) {
                    to_read.extend(store.iter().filter(|other| other.name == call.name));
                }
            }
        }
    }
    ports
}

/// Whether a call may be of one of the store's own functions: a method of the store, one that is given the store and is not a
/// transaction's own, or a free function that makes no key.
fn leads_into_the_store(call: &Call<'_>) -> bool {
    let is_store = |word: &str| matches!(word, "self" | "store");
    let of_transaction = call.on == "transaction";
    if call.method {
        is_store(call.on) || (is_store(call.first) && !of_transaction)
    } else {
        call.on != "keys"
    }
}

/// The ports that a port is besides.
fn supertraits() -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    for path in files("common/domain/src/ports") {
        let words = tokens(&path);
        for (place, _) in words.iter().enumerate().filter(|(_, word)| *word == "trait") {
            let head = words[place + 1..].iter().take_while(|word| *word != "{");
            let mut names = head.filter(|word| word.chars().all(char::is_alphanumeric)).cloned();
            let name = names.next().unwrap();
            found.insert(name, names.collect());
        }
    }
    found
}

/// The folders of a function's behaviour.
fn folders(function: &FunctionSettings) -> Vec<String> {
    match function.binary.strip_prefix("connector-") {
        Some(app) => vec![format!("functions/connectors/{app}/src"), "common/connector/src".to_owned()],
        None => vec![format!("functions/{}/src", function.binary)],
    }
}

/// What a function's code needs.
fn code_needs(function: &FunctionSettings, template: &Template) -> Needs {
    let ports = ports();
    let mut needs = Needs::new();
    let words: Vec<Vec<String>> =
        folders(function).iter().flat_map(|folder| files(folder)).map(|path| tokens(&path)).collect();
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    for file in &words {
        taken.extend(file.windows(2).filter(|pair| pair[0] == "dyn").map(|pair| pair[1].as_str()));
        for call in calls(file).iter().filter(|call| call.on == "sealer") {
            let key = &function.environment["USHER_KMS_KEY"];
            match call.name {
                "seal" => need(&mut needs, "kms:GenerateDataKey", key),
                "open" => {
                    for context in contexts(file) {
                        need(&mut needs, "kms:Decrypt", &format!("{key} in the context {context}"));
                    }
                }
                _ => {}
            }
        }
        if calls(file).iter().any(|call| call.on == "aws" && call.name == "redelivery") {
            let queue = &function.environment["USHER_QUEUE"];
            let mapping = template.queues.values().find(|mapping| mapping.url == *queue).unwrap();
            need(&mut needs, "sqs:ChangeMessageVisibility", &mapping.arn);
        }
    }
    let supertraits = supertraits();
    let mut to_look: Vec<&str> = taken.iter().copied().collect();
    while let Some(port) = to_look.pop() {
        let above = supertraits.get(port).into_iter().flatten().map(String::as_str);
        to_look.extend(above.filter(|port| taken.insert(port)));
    }
    for port in &taken {
        needs.extend(ports.get(*port).into_iter().flatten().cloned());
    }
    if taken.contains("JobQueue") {
        for queue in template.queues.values() {
            need(&mut needs, "sqs:SendMessage", &queue.arn);
            // Whoever sends makes sure that somebody receives.
            let mapping = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:event-source-mapping:{}", queue.mapping);
            need(&mut needs, "lambda:GetEventSourceMapping", &mapping);
            need(&mut needs, "lambda:UpdateEventSourceMapping", &mapping);
        }
    }
    needs
}

/// The encryption contexts of what a file opens.
fn contexts(file: &[String]) -> Vec<&'static str> {
    let named = file.windows(4).filter(|words| words[..3] == ["SealedFor", ":", ":"]);
    let contexts = named.map(|words| match words[3].as_str() {
        "Integration" => "integration",
        "SignIn" => "sign-in",
        "Answer" => "answer",
        "Webhook" => "webhook",
        other => panic!("what context has SealedFor::{other}?"),
    });
    contexts.collect()
}

/// What Lambda needs of a function's role to bring it its events and to keep its logs.
fn delivery_needs(name: &str, function: &FunctionSettings, template: &Template) -> Needs {
    let mut needs = Needs::new();
    let logs = format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{}:*", function.log_group);
    need(&mut needs, "logs:CreateLogStream", &logs);
    need(&mut needs, "logs:PutLogEvents", &logs);
    if template.stream.function == name {
        for action in ["DescribeStream", "GetRecords", "GetShardIterator"] {
            need(&mut needs, &format!("dynamodb:{action}"), &template.stream.arn);
        }
        // AWS has no narrower resource for this one.
        need(&mut needs, "dynamodb:ListStreams", "*");
        need(&mut needs, "sqs:SendMessage", &template.stream.on_failure);
    }
    let queues = template.queues.values().chain([&template.failures]);
    for queue in queues.filter(|queue| queue.function == name) {
        for action in ["DeleteMessage", "GetQueueAttributes", "ReceiveMessage"] {
            need(&mut needs, &format!("sqs:{action}"), &queue.arn);
        }
    }
    needs
}

#[test]
fn every_role_allows_what_its_function_needs_and_nothing_else() {
    let place = Place { services: "http://services".to_owned(), ..Place::default() };
    let template = Template::deployed(&place).unwrap();
    let mut wrong = String::new();
    for (name, function) in &template.functions {
        let mut needed = code_needs(function, &template);
        needed.extend(delivery_needs(name, function, &template));
        let allowed: Needs = function
            .statements
            .iter()
            .filter(|statement| statement.via.is_none())
            .flat_map(|statement| {
                let resources = statement.resources.iter();
                resources.flat_map(|resource| {
                    let resource = match &statement.context {
                        Some(context) => format!("{resource} in the context {context}"),
                        None => resource.clone(),
                    };
                    statement.actions.iter().map(move |action| (action.clone(), resource.clone()))
                })
            })
            .collect();
        for (action, resource) in needed.difference(&allowed) {
            wrong += &format!("{name} needs {action} on {resource}\n");
        }
        for (action, resource) in allowed.difference(&needed) {
            wrong += &format!("{name} does not need {action} on {resource}\n");
        }
    }
    assert!(wrong.is_empty(), "template.yaml, by what the sources need:\n{wrong}");
}

/// What the test above goes by: nobody calls the SDK past the functions that it knows.
#[test]
fn only_two_files_and_one_deletion_call_the_database() {
    for path in files("common/aws/src/store") {
        let words = tokens(&path);
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let sdk: Vec<&str> =
            calls(&words).iter().filter(|call| call.on == "client").map(|call| call.name).collect();
        let expected: &[&str] = match name.as_str() {
            "query.rs" => &["get_item", "batch_get_item", "query"],
            "transaction.rs" => &["transact_write_items", "put_item"],
            "sign_in.rs" => &["delete_item"],
            // Operators do this, with rights of their own.
            "whole.rs" => &["scan", "batch_write_item"],
            _ => &[],
        };
        assert_eq!(sdk, expected, "{name}");
    }
}

/// A function that reads ports and none of the others' must not come out as one that writes.
#[test]
fn ports_need_what_they_do() {
    let ports = ports();
    let actions =
        |port: &str| -> BTreeSet<&str> { ports[port].iter().map(|(action, _)| action.as_str()).collect() };
    let writes = |action: &&str| {
        let is_read = ["GetItem", "BatchGetItem", "Query"].iter().any(|read| action.ends_with(read));
        !is_read
    };
    assert_eq!(actions("Facts").into_iter().filter(writes).collect::<Vec<_>>(), [""; 0]);
    assert!(actions("Directory").contains("dynamodb:ConditionCheckItem"));
    assert!(actions("Planning").contains("dynamodb:PutItem"));
}
