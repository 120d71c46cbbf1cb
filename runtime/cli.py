"""The command `rescind`: its groups of commands, and how it ends."""

import logging
import os
import sys
from typing import NoReturn

import click
from pydantic import ValidationError

from runtime.commands import (
    answering,
    cancelling,
    credit,
    data,
    doctor,
    evidence,
    maintenance,
    portal,
    records,
    service,
)
from runtime.commands.policy import group
from runtime.commands.refunds.group import refunds
from runtime.errors import StartupError
from runtime.settings import faults


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def rescind() -> None:
    """Cancel orders and appointments durably.

    Every command reads the environment (DATABASE_URL, TEMPORAL_ADDRESS, SMTP_URL, RESCIND_DATA
    and others) and else talks to what `rescind up` runs on the same data folder.
    """


for command in (
    *(service.up, service.api, service.worker, service.mail_catcher),
    *(records.import_records, cancelling.quote, cancelling.cancel, records.show, portal.link),
    *(answering.approve, answering.decline, answering.undo, evidence.evidence),
    *(refunds, credit.credit, group.policy, doctor.doctor),
    *(maintenance.maintenance, data.migrate, data.seed, data.reset, data.version),
):
    rescind.add_command(command)


def main() -> NoReturn:
    """Run a command and end the process. Files it makes are for their owner only.

    The Temporal SDK may abort the interpreter while it shuts down, after all work is done, so the
    process ends without that (temporalio/sdk-python issue 300).
    """
    os.umask(0o077)
    code = _run()
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _run() -> int:
    try:
        result = rescind(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        return 130
    except StartupError as error:
        click.echo(str(error), err=True)
        return 1
    except ValidationError as error:
        for fault in faults(error):
            click.echo(fault, err=True)
        return 2
    except Exception:
        logging.getLogger(__name__).exception("this should not have happened")
        return 70
    return result if isinstance(result, int) else 0


if __name__ == "__main__":
    main()
