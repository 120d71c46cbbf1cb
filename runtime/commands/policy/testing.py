"""The command that proves a policy by its cases."""

from pathlib import Path

import click
from click.exceptions import Exit

from runtime.commands.policy.reading import FILE, cases_in, policy_in
from runtime.policies.case_files import choose
from runtime.policies.trials import exit_code, try_cases
from runtime.telling import trials as telling


@click.command()
@click.argument("policy", metavar="POLICY.yaml", type=FILE)
@click.argument("cases", metavar="CASES.jsonl", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--all", "every", is_flag=True, help="Cases of other policies as well.")
def test(policy: Path, cases: Path, as_json: bool, every: bool) -> None:
    """Compare what a policy answers with what its cases say is right.

    A case is a JSON object a line. If the file has cases of several policies, only those of this
    one count. Answers that a case leaves open aren't scored; inferred ones are told apart.

    Ends with 0 if every scored case passes, 1 if one fails, 2 if a file or a case can't be read.
    """
    document = policy_in(policy, as_json=as_json)
    entries = cases_in(cases, as_json=as_json)
    chosen = entries if every else choose(entries, document.id)
    if not chosen:
        raise click.UsageError(f"{cases} has no case of policy {document.id}; --all takes any.")
    trials = try_cases(document, chosen)
    told = telling.as_json(document.id, trials) if as_json else "\n".join(telling.lines(trials))
    click.echo(told)
    raise Exit(exit_code(trials))
