//! The table's definition, in one place: tests and the laptop create the table from it, and a test compares
//! it with template.yaml.

use aws_sdk_dynamodb::{
    Client,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
        ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType, TimeToLiveSpecification,
    },
};
use usher_domain::ports::StoreResult;

use crate::store::error::{defect, from_sdk};

/// The primary key.
pub const PRIMARY: (&str, &str) = ("pk", "sk");
/// What indexes hold beside keys: what lists show of rows that seldom change. Every write of a projected attribute is
/// written to the index too; rows that change often have theirs elsewhere (`store/row.rs`), and their lists read the rows.
pub const PROJECTED: [&str; 4] = ["type", "doc", "version", "modified_at"];
/// The indexes: name, partition key, sort key.
pub const INDEXES: [(&str, &str, &str); 2] = [("gsi1", "gsi1pk", "gsi1sk"), ("gsi2", "gsi2pk", "gsi2sk")];
/// The attribute after whose time (seconds since 1970) a row is dropped.
pub const TIME_TO_LIVE: &str = "expires_at";

fn schema(partition: &str, sort: &str) -> StoreResult<Vec<KeySchemaElement>> {
    [(partition, KeyType::Hash), (sort, KeyType::Range)]
        .into_iter()
        .map(|(name, kind)| {
            let element = KeySchemaElement::builder().attribute_name(name).key_type(kind);
            element.build().map_err(|error| defect("defining the table", error))
        })
        .collect()
}

/// Creates the table, where it does not exist. AWS makes it from template.yaml instead.
///
/// # Errors
/// When the database refuses.
pub async fn create(client: &Client, name: &str) -> StoreResult<()> {
    const DURING: &str = "creating the table";
    let attributes = [PRIMARY.0, PRIMARY.1]
        .into_iter()
        .chain(INDEXES.iter().flat_map(|(_, partition, sort)| [*partition, *sort]))
        .map(|attribute| {
            let definition = AttributeDefinition::builder().attribute_name(attribute);
            definition.attribute_type(ScalarAttributeType::S).build().map_err(|error| defect(DURING, error))
        })
        .collect::<StoreResult<Vec<_>>>()?;
    let indexes = INDEXES
        .iter()
        .map(|(index, partition, sort)| {
            GlobalSecondaryIndex::builder()
                .index_name(*index)
                .set_key_schema(Some(schema(partition, sort)?))
                .projection(
                    Projection::builder()
                        .projection_type(ProjectionType::Include)
                        .set_non_key_attributes(Some(PROJECTED.map(str::to_owned).into()))
                        .build(),
                )
                .build()
                .map_err(|error| defect(DURING, error))
        })
        .collect::<StoreResult<Vec<_>>>()?;
    let stream = StreamSpecification::builder()
        .stream_enabled(true)
        .stream_view_type(StreamViewType::NewAndOldImages)
        .build()
        .map_err(|error| defect(DURING, error))?;
    let created = client
        .create_table()
        .table_name(name)
        .set_attribute_definitions(Some(attributes))
        .set_key_schema(Some(schema(PRIMARY.0, PRIMARY.1)?))
        .set_global_secondary_indexes(Some(indexes))
        .billing_mode(BillingMode::PayPerRequest)
        .stream_specification(stream)
        .send()
        .await;
    match created {
        Ok(_) => {}
        Err(error) if error.as_service_error().is_some_and(|error| error.is_resource_in_use_exception()) => {
            return Ok(());
        }
        Err(error) => return Err(from_sdk(DURING, error)),
    }
    let time_to_live = TimeToLiveSpecification::builder()
        .attribute_name(TIME_TO_LIVE)
        .enabled(true)
        .build()
        .map_err(|error| defect(DURING, error))?;
    client
        .update_time_to_live()
        .table_name(name)
        .time_to_live_specification(time_to_live)
        .send()
        .await
        .map_err(|error| from_sdk(DURING, error))?;
    Ok(())
}
