"""Search attributes by which ops find runs. No personal text: they are never encrypted."""

from typing import Any

from temporalio.common import SearchAttributeKey

KIND = SearchAttributeKey.for_keyword("RescindKind")
SUBJECT = SearchAttributeKey.for_keyword("RescindSubject")
STEP = SearchAttributeKey.for_keyword("RescindStep")
OUTCOME = SearchAttributeKey.for_keyword("RescindOutcome")
REASON = SearchAttributeKey.for_keyword("RescindReason")
POLICY = SearchAttributeKey.for_keyword("RescindPolicy")
CANCELLATION = SearchAttributeKey.for_keyword("RescindCancellation")
REFUND_MINOR = SearchAttributeKey.for_int("RescindRefundMinor")
NEEDS_ATTENTION = SearchAttributeKey.for_bool("RescindNeedsAttention")

SEARCH_ATTRIBUTES: tuple[SearchAttributeKey[Any], ...] = (
    KIND,
    SUBJECT,
    STEP,
    OUTCOME,
    REASON,
    POLICY,
    CANCELLATION,
    REFUND_MINOR,
    NEEDS_ATTENTION,
)
