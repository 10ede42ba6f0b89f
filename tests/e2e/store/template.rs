//! template.yaml and the code describe one table.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use usher_aws::table::{INDEXES, PRIMARY, PROJECTED, TIME_TO_LIVE};
use usher_local::template::Template;

fn keys(schema: &Value) -> Vec<(&str, &str)> {
    let keys = schema.as_array().unwrap().iter();
    keys.map(|key| (key["AttributeName"].as_str().unwrap(), key["KeyType"].as_str().unwrap())).collect()
}

#[test]
fn the_deployed_table_is_the_one_that_the_code_uses() {
    let table = Template::load().unwrap().table;
    assert_eq!(keys(&table["KeySchema"]), [(PRIMARY.0, "HASH"), (PRIMARY.1, "RANGE")]);
    let indexes = table["GlobalSecondaryIndexes"].as_array().unwrap();
    assert_eq!(indexes.len(), INDEXES.len());
    for (index, (name, partition, sort)) in indexes.iter().zip(INDEXES) {
        assert_eq!(index["IndexName"], name);
        assert_eq!(keys(&index["KeySchema"]), [(partition, "HASH"), (sort, "RANGE")]);
        let projected = json!({"ProjectionType": "INCLUDE", "NonKeyAttributes": PROJECTED});
        assert_eq!(index["Projection"], projected);
    }
    let defined: BTreeSet<&str> = table["AttributeDefinitions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attribute| {
            assert_eq!(attribute["AttributeType"], "S");
            attribute["AttributeName"].as_str().unwrap()
        })
        .collect();
    let used = INDEXES.iter().flat_map(|(_, partition, sort)| [*partition, *sort]);
    assert_eq!(defined, used.chain([PRIMARY.0, PRIMARY.1]).collect());
    assert_eq!(table["TimeToLiveSpecification"]["AttributeName"], TIME_TO_LIVE);
    assert_eq!(table["StreamSpecification"]["StreamViewType"], "NEW_AND_OLD_IMAGES");
    assert_eq!(table["BillingMode"], "PAY_PER_REQUEST");
}
