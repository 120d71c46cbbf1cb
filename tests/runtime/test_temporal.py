"""What must be true of a namespace before work starts."""

import asyncio

import pytest
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey

from runtime import temporal as runtime_temporal
from runtime.errors import StartupError
from runtime.settings import Settings


async def test_retention_and_search_attributes_are_set_and_stay(temporal: Client) -> None:
    wanted = [SearchAttributeKey.for_keyword("TriedOnce")]
    await runtime_temporal.prepare(temporal, wanted)
    await asyncio.gather(*(runtime_temporal.prepare(temporal, wanted) for _ in range(3)))
    described = await temporal.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace=temporal.namespace)
    )
    kept = described.config.workflow_execution_retention_ttl.ToTimedelta()
    assert kept == runtime_temporal.RETENTION
    listed = await temporal.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=temporal.namespace)
    )
    assert "TriedOnce" in listed.custom_attributes


async def test_an_attribute_of_another_type_stops_the_start(temporal: Client) -> None:
    await runtime_temporal.prepare(temporal, [SearchAttributeKey.for_keyword("TriedTwice")])
    with pytest.raises(StartupError, match="TriedTwice has another type"):
        await runtime_temporal.prepare(temporal, [SearchAttributeKey.for_int("TriedTwice")])


async def test_a_missing_namespace_is_told_with_the_way_out(temporal: Client) -> None:
    address = temporal.service_client.config.target_host
    client = await runtime_temporal.connect(
        Settings(temporal_address=address, temporal_namespace="nowhere")
    )
    with pytest.raises(StartupError, match="namespace create"):
        await runtime_temporal.prepare(client)


async def test_no_server_is_told_in_plain_words() -> None:
    with pytest.raises(StartupError, match="does not answer at"):
        await runtime_temporal.connect(Settings(temporal_address="127.0.0.1:1"))
