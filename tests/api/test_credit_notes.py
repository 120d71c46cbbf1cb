"""Credit notes by the API: as data, on paper, and as a table for bookkeeping."""

import csv
from uuid import uuid4

from tests.api.conftest import Shop
from tests.api.test_cancellations import a_body, ask, until
from use_cases.actors import Scope


async def test_the_note_of_a_refund_is_read_as_data_on_paper_and_in_a_table(live: Shop) -> None:
    staff = await live.as_key(Scope.ADMIN)
    order = await live.order()
    asked = (await ask(staff, a_body(order))).json()
    done = await until(staff, f"/v1/cancellations/{asked['id']}", "cancelled")
    refund = done["refunds"][0]["id"]

    note = (await staff.get(f"/v1/refunds/{refund}/credit-note")).json()
    assert note["gross_minor"] == 5_400
    assert [line["gross_minor"] for line in note["lines"]] == [3_000, 2_400]
    listed = (await staff.get("/v1/credit-notes")).json()["items"]
    assert listed == [note]
    assert (await staff.get(f"/v1/credit-notes/{note['number']}")).json() == note

    paper = await staff.get(f"/v1/refunds/{refund}/credit-note.pdf")
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF-")
    assert paper.content == (await staff.get(f"/v1/credit-notes/{note['number']}.pdf")).content

    day = {"since": note["issued_on"], "until": note["issued_on"]}
    table = (await staff.get("/v1/credit-notes.csv", params=day)).text
    (row,) = csv.DictReader(table.splitlines())
    assert (row["number"], row["gross"], row["subject"]) == (note["number"], "54.00", order.id)
    nobody = await staff.get(f"/v1/refunds/{uuid4()}/credit-note")
    assert (nobody.status_code, nobody.json()["code"]) == (404, "credit_note_not_found")
