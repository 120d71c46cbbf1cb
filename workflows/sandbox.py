"""What workflow code may share with the rest of the process, for workers and replays alike."""

from temporalio.worker import WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions


def runner() -> WorkflowRunner:
    """Keep workflows in the SDK's sandbox, but import our pure packages only once.

    Imported anew for each workflow they would cost a megabyte and tens of milliseconds each.
    """
    return SandboxedWorkflowRunner(
        SandboxRestrictions.default.with_passthrough_modules("domain", "activities")
    )
