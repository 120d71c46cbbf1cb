"""The connection to Temporal, and what must be true of a namespace before work starts."""

import asyncio
import logging
import time
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError, RPCStatusCode

from runtime.errors import StartupError
from runtime.settings import Settings
from workflows.attributes import SEARCH_ATTRIBUTES

RETENTION = timedelta(days=90)
"""How long closed runs stay readable, and their ids guarded; the dev server's default is a day."""

log = logging.getLogger(__name__)


async def connect(settings: Settings) -> Client:
    """Connect with the data converter that all of Rescind uses. Raises StartupError."""
    if settings.temporal_address is None:
        raise StartupError(
            "TEMPORAL_ADDRESS is not set and no Rescind runs on this data folder. "
            "Start everything with `rescind up`, or set the address of a Temporal server."
        )
    key = settings.temporal_api_key
    try:
        return await Client.connect(
            settings.temporal_address,
            namespace=settings.temporal_namespace,
            api_key=key.get_secret_value() if key else None,
            tls=settings.temporal_tls,
            data_converter=pydantic_data_converter,
        )
    except RuntimeError as error:
        raise StartupError(
            f"Temporal does not answer at {settings.temporal_address}: {error}"
        ) from error


async def connect_patiently(settings: Settings, seconds: float = 30) -> Client:
    """Connect to a server that may still be starting."""
    end = time.monotonic() + seconds
    while True:
        try:
            return await connect(settings)
        except StartupError:
            if settings.temporal_address is None or time.monotonic() > end:
                raise
        await asyncio.sleep(0.05)


async def prepare(
    client: Client, attributes: Collection[SearchAttributeKey[Any]] = SEARCH_ATTRIBUTES
) -> None:
    """Raise the retention and add the search attributes that are missing; a repeat changes nothing.

    A namespace that lets others decide its retention only brings a warning; one that lacks a search
    attribute and won't take it raises StartupError, since no workflow could start there.
    """
    await _raise_retention(client)
    await _ensure_attributes(client, attributes)


async def _raise_retention(client: Client) -> None:
    service = client.workflow_service
    try:
        described = await service.describe_namespace(
            DescribeNamespaceRequest(namespace=client.namespace)
        )
        kept = described.config.workflow_execution_retention_ttl.ToTimedelta()
        if kept >= RETENTION:
            return
        ttl = Duration()
        ttl.FromTimedelta(RETENTION)
        await service.update_namespace(
            UpdateNamespaceRequest(
                namespace=client.namespace,
                config=NamespaceConfig(workflow_execution_retention_ttl=ttl),
            )
        )
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise StartupError(
                f"Temporal has no namespace {client.namespace}. Make it with: "
                f"temporal operator namespace create --retention 90d -n {client.namespace}"
            ) from error
        log.warning("the retention of namespace %s stays as it is: %s", client.namespace, error)


async def _ensure_attributes(client: Client, wanted: Collection[SearchAttributeKey[Any]]) -> None:
    try:
        missing = await _missing(client, wanted)
        if missing:
            await client.operator_service.add_search_attributes(
                AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
            )
    except RPCError as error:
        if error.status is RPCStatusCode.ALREADY_EXISTS:
            return
        names = ", ".join(f"{key.name}={key.indexed_value_type.name}" for key in wanted)
        raise StartupError(
            f"Namespace {client.namespace} takes no search attributes from us ({error}). "
            f"Add these to it: {names}"
        ) from error


async def _missing(
    client: Client, wanted: Collection[SearchAttributeKey[Any]]
) -> dict[str, IndexedValueType.ValueType]:
    listed = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    missing = {}
    for key in wanted:
        kind = IndexedValueType.ValueType(key.indexed_value_type)
        if listed.custom_attributes.get(key.name, kind) != kind:
            raise StartupError(f"Search attribute {key.name} has another type in this namespace.")
        if key.name not in listed.custom_attributes:
            missing[key.name] = kind
    return missing
