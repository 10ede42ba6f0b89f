// A Lambda function in JavaScript that makes the two calls of the database that a SCIM read makes.
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";

const TableName = process.env.USHER_TABLE;
const database = new DynamoDBClient({});

async function handle() {
  for (const key of ["connection", "user"]) {
    const Key = { pk: { S: key }, sk: { S: key } };
    await database.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
  }
  return { statusCode: 200, headers: { "content-type": "application/scim+json" }, body: "{}" };
}

const runtime = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
for (;;) {
  const invocation = await fetch(`${runtime}/next`);
  const event = await invocation.json();
  const request = invocation.headers.get("lambda-runtime-aws-request-id");
  const answer = await fetch(`${runtime}/${request}/response`, { method: "POST", body: JSON.stringify(await handle(event)) });
  await answer.arrayBuffer();
}
