"""What workflows may call. The real steps and the tests' fakes both subclass these."""

from uuid import UUID

from temporalio import activity

from domain.contracts import (
    AnswerCardHold,
    AssumeStop,
    Attention,
    Batch,
    BatchResult,
    CardHoldResult,
    CardHoldStep,
    ClimbRefund,
    ConfirmHold,
    Mailing,
    Pivot,
    PivotResult,
    Progress,
    Reconciled,
    ReconcileStep,
    RefundResult,
    RefundStep,
    Restore,
    SettleRefund,
    Step,
    Validate,
    Verdict,
)
from domain.warehouses import StopAnswer


class ValidationSteps:
    @activity.defn
    async def validate(self, step: Validate) -> Verdict:
        """Decide, and hold the subject if allowed; a repeat gives the same."""
        raise NotImplementedError

    @activity.defn
    async def confirm_hold(self, step: ConfirmHold) -> Verdict:
        """Check the rules of state on fresh facts after a wait and make the hold exclusive.

        A no is a declined verdict with the cause `overtaken`. A repeat gives the same.
        """
        raise NotImplementedError


class WarehouseSteps:
    @activity.defn
    async def ask_to_stop(self, step: Step) -> StopAnswer:
        """Ask a warehouse to stop; pending where its answer comes later. A repeat gives the answer
        that counts; after a withdrawal that is a no."""
        raise NotImplementedError

    @activity.defn
    async def assume_stop(self, step: AssumeStop) -> StopAnswer:
        """Take silence as the policy says, unless an answer came in time, and say what counts."""
        raise NotImplementedError

    @activity.defn
    async def withdraw_stop(self, step: Step) -> None:
        """Let the warehouse go on, also where it was never asked."""
        raise NotImplementedError


class SlotSteps:
    @activity.defn
    async def release_slots(self, step: Step) -> None:
        """Release the reservations tentatively: they keep others out until the pivot."""
        raise NotImplementedError

    @activity.defn
    async def reserve_slots(self, step: Step) -> None:
        """Take a release back, also one that never happened."""
        raise NotImplementedError


class StockSteps:
    @activity.defn
    async def restock(self, step: Step) -> None:
        """Note the goods that go back; they count from the pivot on."""
        raise NotImplementedError

    @activity.defn
    async def unrestock(self, step: Step) -> None:
        """Take a restock back, also one that never happened."""
        raise NotImplementedError


class RefundSteps:
    @activity.defn
    async def trigger_refund(self, step: RefundStep) -> RefundResult:
        """Ask a provider for one refund. Raises RefundRejected at its definite no.

        A repeat looks the refund up by our key before it asks again.
        """
        raise NotImplementedError

    @activity.defn
    async def look_up_refund(self, step: RefundStep) -> RefundResult:
        """Look for a refund by our key after silence. Not found is still unknown: requested."""
        raise NotImplementedError

    @activity.defn
    async def drop_refunds(self, step: Step) -> None:
        """Fail the refunds that were begun and give their pending amounts back."""
        raise NotImplementedError

    @activity.defn
    async def follow_refund(self, step: RefundStep) -> RefundResult:
        """Read a refund again, also one that had succeeded, and make a new attempt where one is
        due. Safe at any moment.

        `retryable` in the answer says that the next look makes another attempt.
        """
        raise NotImplementedError

    @activity.defn
    async def read_refund(self, step: RefundStep) -> RefundResult:
        """Read a refund's row, where its provider doesn't answer."""
        raise NotImplementedError

    @activity.defn
    async def climb_refund(self, step: ClimbRefund) -> RefundResult:
        """Take a rung of the ladder: store credit, the customer's choice, a payment by hand."""
        raise NotImplementedError

    @activity.defn
    async def warn_refund(self, step: RefundStep) -> RefundResult:
        """Tell the business once that a refund's deadline nears."""
        raise NotImplementedError

    @activity.defn
    async def settle_refund(self, step: SettleRefund) -> RefundResult:
        """Do as a person said, once: what no longer waits stays as it is."""
        raise NotImplementedError

    @activity.defn
    async def escalate_refund(self, step: RefundStep) -> UUID | None:
        """Put a refund before a person; its cancellation or request then has a mail to send."""
        raise NotImplementedError


class CardHoldSteps:
    @activity.defn
    async def settle_card_hold(self, step: CardHoldStep) -> CardHoldResult:
        """Ask the provider to let go of a held card, or to capture a part. Safe at any moment.

        After silence the payment is read before anything is asked again. A definite no is an
        answer, in the state failed.
        """
        raise NotImplementedError

    @activity.defn
    async def escalate_card_hold(self, step: CardHoldStep) -> UUID | None:
        """Put a held card before a person; its cancellation then has a mail to send."""
        raise NotImplementedError

    @activity.defn
    async def answer_card_hold(self, step: AnswerCardHold) -> CardHoldResult:
        """Do as a person said: allow a new attempt, leave it, or take it as done by hand."""
        raise NotImplementedError


class StatusSteps:
    @activity.defn
    async def update_status(self, step: Pivot) -> PivotResult:
        """The pivot: cancelled, slots and stock free for all, ledgers booked, debts written."""
        raise NotImplementedError

    @activity.defn
    async def restore_status(self, step: Restore) -> None:
        """Put the status back, let go of the hold and end the cancellation in that way."""
        raise NotImplementedError

    @activity.defn
    async def flag_attention(self, step: Attention) -> None:
        """Say on the record that a step waits for a person, or no longer does."""
        raise NotImplementedError

    @activity.defn
    async def read_progress(self, step: Step) -> Progress:
        """Read from the effect rows how far a closed run had come."""
        raise NotImplementedError


class NotificationSteps:
    @activity.defn
    async def send_notifications(self, step: Mailing) -> None:
        """Send what is due. A crash between sending and noting sends a mail twice."""
        raise NotImplementedError

    @activity.defn
    async def park_notifications(self, step: Mailing) -> None:
        """Leave what can't be sent to a person."""
        raise NotImplementedError


class WindowSteps:
    @activity.defn
    async def close_windows(self, batch: Batch) -> BatchResult:
        """Close cancellation windows that have run out, passing over held subjects."""
        raise NotImplementedError


class SweepSteps:
    @activity.defn
    async def start_forgotten_requests(self, batch: Batch) -> BatchResult:
        """Start open requests that have had no run for a minute."""
        raise NotImplementedError

    @activity.defn
    async def flag_stranded(self, batch: Batch) -> BatchResult:
        """Flag cancellations, holds and owed refunds whose run is closed."""
        raise NotImplementedError


class InvariantSteps:
    @activity.defn
    async def check_invariants(self, batch: Batch) -> BatchResult:
        """Note what breaks a promise, once, in the history of the subject concerned."""
        raise NotImplementedError


class WithdrawalSteps:
    @activity.defn
    async def send_withdrawal_letters(self, batch: Batch) -> BatchResult:
        """Send letters about withdrawals that are due; what can't be sent now stays due."""
        raise NotImplementedError


class EvidenceSteps:
    @activity.defn
    async def forget_evidence(self, batch: Batch) -> BatchResult:
        """Delete files that customers sent and nobody needs any more, and words they never sent."""
        raise NotImplementedError


class ReconciliationSteps:
    @activity.defn
    async def reconcile_refunds(self, step: ReconcileStep) -> Reconciled:
        """Compare with what each provider lists, note each difference once, and have the refunds
        concerned looked at. A repeat finds the same."""
        raise NotImplementedError
