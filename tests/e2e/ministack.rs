//! The deployment lane: the real template.yaml, made by CloudFormation on an emulator of AWS, does the main job through its HTTP
//! API, its stream and its queues, with the programs behind the emulator's own Lambda. `./test --full` runs it.

use std::time::Duration;

use reqwest::{Client, Method, redirect::Policy};
use serde_json::json;
use usher_tests::{
    apps::scim::RunningScimApp,
    client::{AppListing, JsonClient, ScimClient, eventually_ok},
    process::Ministack,
};

use crate::path::hub;

/// How long something may take in programs without optimisation, behind an emulator.
const PATIENCE: Duration = Duration::from_secs(120);

/// The key of a workspace's Owner, who signs in with the operator's link.
async fn owner_key(gateway: &str, link: &str) -> String {
    let browser = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
    let (_, link) = link.split_once("link=").unwrap();
    let form = browser
        .post(format!("{gateway}/sign-in"))
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("link={link}"));
    let entered = form.send().await.unwrap();
    assert_eq!(entered.status(), 303);
    let cookie = entered.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap();
    let key = browser
        .post(format!("{gateway}/api/v1/api-keys"))
        .header("sec-fetch-site", "same-origin")
        .header("cookie", cookie)
        .json(&json!({"name": "Test", "role": "owner"}));
    let made: serde_json::Value = key.send().await.unwrap().json().await.unwrap();
    made["token"].as_str().unwrap_or_else(|| panic!("no key: {made}")).to_owned()
}

/// The planner takes a message of Lambda's about records that were given up, reads them from the stream and handles them: only
/// then the message is gone.
async fn handles_what_was_given_up(stack: &Ministack) {
    let call = async |target: &str, request: serde_json::Value| stack.call(target, &request).await.unwrap();
    let streams = async |operation: &str, request| {
        call(&format!("DynamoDBStreams_20120810.{operation}"), request).await
    };
    let listed = streams("ListStreams", json!({})).await;
    let stream = &listed["Streams"][0]["StreamArn"];
    let described = streams("DescribeStream", json!({ "StreamArn": stream })).await;
    let shard = &described["StreamDescription"]["Shards"][0]["ShardId"];
    let oldest = json!({"StreamArn": stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"});
    let iterator = streams("GetShardIterator", oldest).await;
    let read = streams("GetRecords", json!({ "ShardIterator": iterator["ShardIterator"] })).await;
    let records = read["Records"].as_array().unwrap();
    let number = |record: Option<&serde_json::Value>| record.unwrap()["dynamodb"]["SequenceNumber"].clone();
    let message = json!({"version": "1.0", "DDBStreamBatchInfo": {
        "streamArn": stream, "shardId": shard, "batchSize": records.len(),
        "startSequenceNumber": number(records.first()), "endSequenceNumber": number(records.last()),
    }});
    let named = call("AmazonSQS.GetQueueUrl", json!({"QueueName": "usher-planner-failures"})).await;
    let queue = &named["QueueUrl"];
    let send = json!({"QueueUrl": queue, "MessageBody": message.to_string(), "DelaySeconds": 0});
    call("AmazonSQS.SendMessage", send).await;
    eventually_ok(PATIENCE, async || {
        let left = json!({"QueueUrl": queue, "AttributeNames": ["All"]});
        let left = call("AmazonSQS.GetQueueAttributes", left).await;
        let is_empty = |name: &str| left["Attributes"][name] == "0";
        let states = ["", "NotVisible", "Delayed"].map(|state| format!("ApproximateNumberOfMessages{state}"));
        if states.iter().all(|state| is_empty(state)) {
            return Ok(());
        }
        Err(format!("the message should be gone: {left}\n{}", stack.log()))
    })
    .await;
}

#[tokio::test]
#[ignore = "takes minutes: ./test --full"]
async fn the_deployed_stack_seats_a_colleague_and_shows_them_out() {
    let stack = Ministack::start().await.unwrap();
    let gateway = stack.gateway().to_owned();
    let create = ["workspace", "create", "main", "--name", "Main", "--origin", &gateway];
    let made = stack.operate(&create).await.unwrap();
    let key = owner_key(&gateway, made["sign_in"].as_str().unwrap()).await;

    let api = JsonClient::new(&format!("{gateway}/api/v1"), &key);
    let connection = json!({"name": "Okta", "slug": "okta"});
    let connection = api.send(Method::POST, "/connections", Some(&connection)).await.unwrap();
    assert_eq!(connection.status, 201, "{}", connection.text);
    let token = connection.json["token"].as_str().unwrap();
    let scim = ScimClient::new(&format!("{gateway}/scim/v2/main.okta"), token);
    let app = RunningScimApp::start("app-token").await.unwrap();
    let hub = hub(&api, &app.base_url(), app.token(), 0).await;
    let listing = AppListing::new(&app.base_url(), app.token());

    let team = scim.create_group("Marketing", &[]).await.unwrap().id().to_owned();
    let share = json!({"app_access": {"kind": "invite", "roles": ["editor"]}});
    let path = format!("/integrations/{hub}/shares/teams/{team}");
    assert!(api.send(Method::PUT, &path, Some(&share)).await.unwrap().status.is_success());
    let person = scim.create_user("ada", &json!({})).await.unwrap().id().to_owned();
    let join = json!([{"op": "add", "path": "members", "value": [{"value": person}]}]);
    assert!(scim.patch("Groups", &team, &join).await.unwrap().status.is_success());
    eventually_ok(PATIENCE, async || match listing.member("ada").await {
        Ok(Some(member)) if member.active => Ok(()),
        other => Err(format!("ada should be seated: {other:?}\n{}", stack.log())),
    })
    .await;

    assert!(scim.delete("Users", &person).await.unwrap().status.is_success());
    eventually_ok(PATIENCE, async || match listing.member("ada").await {
        Ok(None) => Ok(()),
        Ok(Some(member)) if !member.active => Ok(()),
        other => Err(format!("ada should be out: {other:?}\n{}", stack.log())),
    })
    .await;

    handles_what_was_given_up(&stack).await;

    // What an operator decides counts within seconds.
    stack.operate(&["workspace", "suspend", "main", "--reason", "the bill of May"]).await.unwrap();
    eventually_ok(PATIENCE, async || match scim.list("Users", &[]).await {
        Ok(answer) if answer.status == 403 => Ok(()),
        other => Err(format!("the workspace should be suspended: {other:?}")),
    })
    .await;
    let listed = stack.operate(&["workspace", "list"]).await.unwrap();
    assert_eq!(listed["items"][0]["suspension"]["reason"], "the bill of May");
}
