"""Asks with boto3: reads one request as JSON from each line, and writes the outcome as one line of JSON."""

import json
import sys
from datetime import datetime

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

SERVICES = {"states": "stepfunctions"}
clients = {}


def client_for(request):
    name = SERVICES.get(request["service"], request["service"])
    keys = request["keys"]
    known = (name, request["endpoint"], keys["accessKeyId"])
    if known not in clients:
        clients[known] = boto3.client(
            name,
            endpoint_url=request["endpoint"],
            aws_access_key_id=keys["accessKeyId"],
            aws_secret_access_key=keys["secretAccessKey"],
            aws_session_token=keys.get("sessionToken"),
            config=Config(retries={"total_max_attempts": 1}),
        )
    return clients[known]


def plain(value):
    if isinstance(value, datetime):
        return value.isoformat()
    if hasattr(value, "read"):
        return value.read().decode()
    raise TypeError(f"{value!r} has no form in JSON")


def outcome_of(request):
    client = client_for(request)
    methods = {operation: method for method, operation in client.meta.method_to_api_mapping.items()}
    try:
        return {"answer": getattr(client, methods[request["operation"]])(**request["input"])}
    except ClientError as error:
        refused = error.response["Error"]
        return {"refusal": {"code": refused["Code"], "message": refused.get("Message", "")}}


for line in sys.stdin:
    try:
        outcome = json.dumps(outcome_of(json.loads(line)), default=plain)
    except Exception as error:
        outcome = json.dumps({"fault": repr(error)})
    print(outcome, flush=True)
