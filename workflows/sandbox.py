"""The SDK's sandbox, in which tests watch workflow code: what it may share with the rest."""

from temporalio.worker import WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions


def runner() -> WorkflowRunner:
    """Keep workflows in the SDK's sandbox, but import our pure packages only once.

    Imported anew for each run they would cost a megabyte and tens of milliseconds each. So are the
    workflows' own modules that only hold values and words; the others are imported anew, and what
    they do is watched.
    """
    return SandboxedWorkflowRunner(
        SandboxRestrictions.default.with_passthrough_modules("domain", "activities", *_VALUES)
    )


_VALUES = (
    "workflows.attributes",
    "workflows.display",
    "workflows.failures",
    "workflows.options",
    "workflows.replies",
)
