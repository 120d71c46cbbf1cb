"""Every error raised on purpose. The API translates codes, nobody reads messages."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar


class RescindError(Exception):
    """Base of all. `code` is stable; the message names ids for people, `params` for machines."""

    code: ClassVar[str] = "internal_error"

    def __init__(self, message: str = "", **params: Any) -> None:
        super().__init__(message)
        self.params = params


class InvalidRequest(RescindError):
    """The request can't be understood or contradicts itself."""

    code = "invalid_request"


class CurrencyMismatch(InvalidRequest):
    code = "currency_mismatch"

    def __init__(self, expected: str, got: str) -> None:
        super().__init__(f"amounts of {got} and {expected} can't be combined")


class SubjectNotFound(RescindError):
    code = "subject_not_found"


class LineNotFound(InvalidRequest):
    code = "line_not_found"


class QuantityTooHigh(InvalidRequest):
    code = "quantity_too_high"


class LineRepeated(InvalidRequest):
    code = "line_repeated"


class RequestedInFuture(InvalidRequest):
    code = "requested_in_future"


class InvalidCursor(InvalidRequest):
    """A page was asked for that no list ever named."""

    code = "invalid_cursor"


class RefundTooHigh(InvalidRequest):
    """More would go back than the tenders still hold."""

    code = "refund_too_high"


class ReasonUnknown(InvalidRequest):
    code = "reason_unknown"


class ReasonRequired(InvalidRequest):
    code = "reason_required"


class NoteRequired(InvalidRequest):
    code = "note_required"


class NoteTooLong(InvalidRequest):
    code = "note_too_long"


class ResourceNotFound(RescindError):
    code = "resource_not_found"


class CancellationNotFound(RescindError):
    code = "cancellation_not_found"


class CardHoldNotFound(RescindError):
    code = "card_hold_not_found"


class DueNotFound(RescindError):
    code = "due_not_found"


class DueUnderWay(RescindError):
    """A held card is about to give what is due, so nobody may settle it otherwise meanwhile."""

    code = "due_under_way"


class AccountNotFound(RescindError):
    """Nothing was ever booked on this gift card or store credit."""

    code = "account_not_found"


class CreditSpent(RescindError):
    """What is to be taken back from a customer's account was used meanwhile."""

    code = "credit_spent"


class RefundNotFound(RescindError):
    code = "refund_not_found"


class RefundRequestNotFound(RescindError):
    code = "refund_request_not_found"


class AmountRequired(InvalidRequest):
    """Nothing was decided that could be asked for, so the request has to say how much."""

    code = "amount_required"


class AmountFixed(InvalidRequest):
    """What can be asked for was decided with its cancellation: all of it, or nothing."""

    code = "amount_fixed"


class FormNotOffered(InvalidRequest):
    """Money doesn't go back as this here."""

    code = "form_not_offered"


class PayoutDiffers(RescindError):
    """A second person named another reference than the first."""

    code = "payout_differs"


class QuoteNotFound(RescindError):
    code = "quote_not_found"


class PolicyNotFound(RescindError):
    code = "policy_not_found"


class PolicyInvalid(InvalidRequest):
    """A policy document that can't be used.

    `problems` are what is wrong, each with its place in the document; the message tells them all.
    """

    code = "policy_invalid"

    def __init__(self, message: str = "", problems: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class PolicyAmbiguous(InvalidRequest):
    """Several policies apply to a purchase, and nothing says which of them goes first."""

    code = "policy_ambiguous"

    def __init__(self, policies: Sequence[str]) -> None:
        named = " and ".join(policies)
        super().__init__(
            f"{named} apply equally well; give one of them a priority, or name the policy",
            policies=list(policies),
        )


class EffectiveInPast(InvalidRequest):
    """A policy can't have been in force before it was written."""

    code = "effective_in_past"


class PolicyUnreadable(RescindError):
    """A policy that was kept once can no longer be read: only who runs this can mend that."""

    code = "policy_unreadable"

    def __init__(self, policy_id: str, version: int) -> None:
        super().__init__(
            f"version {version} of policy {policy_id} can't be read: nothing can be decided by it",
            policy=policy_id,
            version=version,
        )


class CaseInvalid(InvalidRequest):
    """A policy case that can't be read; the message names the place in it."""

    code = "case_invalid"


class PartOfOrder(RescindError):
    """The appointment is a line of an order and is cancelled there."""

    code = "part_of_order"

    def __init__(self, order: str) -> None:
        super().__init__(f"this appointment is part of order {order}: cancel it there", order=order)
        self.order = order


class SubjectBusy(RescindError):
    """Something else holds the subject; `cancellation_id` names it where it is a cancellation."""

    code = "subject_busy"

    def __init__(self, subject: str, cancellation_id: str | None = None) -> None:
        named = {"cancellation_id": cancellation_id} if cancellation_id else {}
        super().__init__(f"{subject} is being changed by something else right now", **named)
        self.cancellation_id = cancellation_id


class QuoteOutdated(RescindError):
    """The facts moved since the quote was given; `quote_id` names a new one."""

    code = "quote_outdated"

    def __init__(self, quote_id: str, **params: Any) -> None:
        super().__init__(f"the facts have changed; quote {quote_id} tells what holds now", **params)
        self.quote_id = quote_id


class QuoteExpired(RescindError):
    code = "quote_expired"


class QuoteUsed(RescindError):
    code = "quote_used"


class QuoteMismatch(InvalidRequest):
    """The request differs from what the quote was given for."""

    code = "quote_mismatch"


class IdempotencyKeyReused(RescindError):
    """The same key came with another body."""

    code = "idempotency_key_reused"


class NeedsAttention(RescindError):
    """A run ended in disorder and waits for a person."""

    code = "needs_attention"


class AlreadyAnswered(RescindError):
    """The first answer in history wins; this one came later."""

    code = "already_answered"


class NoLongerHeld(RescindError):
    """The tenders hold less than what is to be counted as returned."""

    code = "no_longer_held"


class CreditNoteNotFound(RescindError):
    """There is no note of that number, or the refund has not landed."""

    code = "credit_note_not_found"


class EvidenceNotFound(RescindError):
    """No such file came with it, or it was deleted when its time was over."""

    code = "evidence_not_found"


class EvidenceFull(InvalidRequest):
    """As many files are kept with this order or appointment as there may be."""

    code = "evidence_full"


class ReconciliationNotFound(RescindError):
    code = "reconciliation_not_found"


class DifferenceNotFound(RescindError):
    code = "difference_not_found"


class ChoiceNotAllowed(RescindError):
    """This step does not offer that way out."""

    code = "choice_not_allowed"


class NotAllowed(RescindError):
    """The key or the role lacks the permission."""

    code = "not_allowed"


class Unauthenticated(RescindError):
    """No key came along, or one that isn't known."""

    code = "unauthenticated"


class SecondPersonRequired(NotAllowed):
    """Whoever asked or approved may not also do this."""

    code = "second_person_required"


class TermsHeld(RescindError):
    """Lines, quantities, prices or the start can't change while a cancellation works."""

    code = "subject_busy"


class CancelledLineChanged(RescindError):
    """A report would change a line that is cancelled already."""

    code = "cancelled_line_changed"


class CapturedBelowReturned(RescindError):
    """A report would put captured money below what went back."""

    code = "captured_below_returned"


class SlotTaken(RescindError):
    """Another reservation has that time."""

    code = "slot_taken"


class IllegalMove(RescindError):
    """Storage refuses a move that the tables in `domain/lifecycle.py` don't have."""

    code = "illegal_move"


class ServiceUnavailable(RescindError):
    """It was not and will not be done; ask again later."""

    code = "service_unavailable"


class Maintenance(RescindError):
    """Nothing new is started for now; `until` is when that is expected to be over, if it is known,
    and `wait` the seconds until it is worth asking again."""

    code = "maintenance"

    def __init__(self, until: datetime | None, wait: int | None) -> None:
        known = f", expected until {until.isoformat()}" if until else ""
        told = {"until": until.isoformat()} if until else {}
        super().__init__(f"nothing new is started during maintenance{known}", **told)
        self.until = until
        self.wait = wait or 300


class TooManyStreams(RescindError):
    """A caller has as many live streams open as it may."""

    code = "too_many_streams"

    def __init__(self, most: int) -> None:
        super().__init__(f"this key has {most} streams open already", most=most)


class PaymentRejected(RescindError):
    """A provider's definite no: nothing was done and nothing will be.

    `failure` is a stable code, open-ended as providers add to theirs; `retryable` says whether
    the same tender may be tried again, with a new key.
    """

    code = "payment_rejected"

    def __init__(
        self, message: str = "", *, failure: str = "declined", retryable: bool = False
    ) -> None:
        super().__init__(message or f"the provider refused: {failure}")
        self.failure = failure
        self.retryable = retryable


class RefundRejected(PaymentRejected):
    """The provider's definite no to a refund."""

    code = "refund_rejected"


class ProviderUnavailable(RescindError):
    """No definite answer from a provider; it may work later."""

    code = "provider_unavailable"


class WarehouseUnavailable(RescindError):
    """No readable answer from a warehouse; it may work later."""

    code = "warehouse_unavailable"


class ProviderUnknown(RescindError):
    """A tender names a provider that isn't set up here."""

    code = "provider_unknown"


class WebhookRejected(RescindError):
    """A webhook that isn't the provider's, was altered or is too old."""

    code = "webhook_rejected"


class IdentityRefused(RescindError):
    """Somebody came back from the identity provider with what can't be believed.

    `cause` is one word that says why, for the log: nothing of the token is in it.
    """

    code = "identity_refused"

    def __init__(self, cause: str) -> None:
        super().__init__(f"the sign-in was refused: {cause}", cause=cause)
        self.cause = cause


class MailRefused(RescindError):
    """The receiving server will never take this mail. Told by its codes, not its words."""

    code = "mail_refused"


class MailUnsent(RescindError):
    """A mail could not be sent this time."""

    code = "mail_unsent"


FINAL = [
    error.__name__
    for error in (
        SubjectNotFound,
        CancellationNotFound,
        CardHoldNotFound,
        PolicyInvalid,
        PolicyNotFound,
        PolicyUnreadable,
        PaymentRejected,
        RefundRejected,
        ProviderUnknown,
        IllegalMove,
        CapturedBelowReturned,
        CurrencyMismatch,
    )
]
"""Errors that can never work however often they are tried."""
