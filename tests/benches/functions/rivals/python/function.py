"""A Lambda function in Python that makes the two calls of the database that a SCIM read makes."""

import http.client
import json
import os

import boto3

table = os.environ["USHER_TABLE"]
database = boto3.client("dynamodb")


def handle(event):
    for key in ("connection", "user"):
        database.get_item(TableName=table, Key={"pk": {"S": key}, "sk": {"S": key}}, ConsistentRead=True)
    return {"statusCode": 200, "headers": {"content-type": "application/scim+json"}, "body": "{}"}


runtime = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
while True:
    runtime.request("GET", "/2018-06-01/runtime/invocation/next")
    invocation = runtime.getresponse()
    event = json.loads(invocation.read())
    request = invocation.headers["lambda-runtime-aws-request-id"]
    runtime.request("POST", f"/2018-06-01/runtime/invocation/{request}/response", json.dumps(handle(event)))
    runtime.getresponse().read()
