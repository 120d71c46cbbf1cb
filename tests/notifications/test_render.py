"""What the words of a mail come to."""

from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from domain.decisions import (
    REFUND_SET,
    Adjustment,
    Change,
    Decision,
    Finding,
    Outcome,
    RefundRule,
    TraceStep,
)
from domain.lifecycle import RefundState
from domain.requests import Initiator
from domain.subjects import Handling, Kind
from notifications.examples import example, examples
from notifications.news import Audience, Held, Item, News, Payback, Template
from notifications.render import WIDTH, is_written, render

_ALL = list(examples())
_NAMES = [f"{news.template}-{news.audience}-{news.subject.kind}-{news.language}" for news in _ALL]


def _mail(template: Template = Template.CANCELLED, **known: object) -> News:
    news = example(template, Audience.CUSTOMER, "en", Kind.ORDER)
    return news.model_copy(update=known)


class _Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("news", _ALL, ids=_NAMES)
def test_every_mail_is_complete_in_both_parts(news: News) -> None:
    rendered = render(news)
    for part in (rendered.header, rendered.text, rendered.html):
        assert news.subject.id in part
        assert "{" not in part.split("</style>")[-1]
        assert "None" not in part
    assert str(news.about) in rendered.text
    lines = [line for line in rendered.text.splitlines() if not line.startswith("  rescind ")]
    assert all(len(line) <= WIDTH for line in lines if " " in line.strip())
    assert "\n\n\n" not in rendered.text


@pytest.mark.parametrize("news", _ALL, ids=_NAMES)
def test_html_names_its_language_and_fetches_nothing(news: News) -> None:
    rendered = render(news)
    tags = _Tags(rendered.html).tags
    direction = "rtl" if news.language == "ar" else "ltr"
    assert ("html", {"lang": news.language, "dir": direction}) in tags
    assert [attrs for tag, attrs in tags if tag in ("img", "link", "script", "iframe")] == []
    assert all("src" not in attrs for _, attrs in tags)
    assert "url(" not in rendered.html
    assert "@import" not in rendered.html


def test_a_cancelled_order_tells_lines_fee_tenders_and_when_money_arrives() -> None:
    text = render(_mail()).text
    assert "2 × Espresso cup, hand-glazed <blue>: Back €24.00\n  Price €32.00 · Fee €8.00" in text
    assert "Cancellation fee: €12.50" in text
    assert "Gift card: €10.00, at once" in text
    assert "Credit card: €27.50, within 5 to 7 business days" in text
    assert "a fee of €12.50 applies." in text.replace("\n  ", " ")


def test_german_is_german_to_the_amounts() -> None:
    rendered = render(_mail(language="de-AT"))
    assert rendered.language == "de"
    assert rendered.header == "Ein Teil Ihrer Bestellung 1042 ist storniert"
    assert "Kreditkarte: €\xa027,50, innerhalb von 5 bis 7 Werktagen" in rendered.text


def test_yen_have_no_decimals() -> None:
    assert "Cancellation fee: ¥1,250" in render(_mail(currency="JPY")).text


def test_what_is_due_on_top_is_told() -> None:
    text = render(_mail(due_minor=700)).text
    assert "Still to be paid: €7.00" in text
    assert "On top, €7.00 is still to be paid." in text


def test_what_a_held_card_gives_is_told_and_only_the_rest_is_still_to_be_paid() -> None:
    known: dict[str, Any] = {"refund_minor": 0, "fee_minor": 3_000}
    known |= {"due_minor": 3_000, "from_hold_minor": 3_000}
    taken = render(_mail(**known, holds=(Held(take_minor=3_000, is_done=True),))).text
    said = " ".join(taken.split())
    assert "€30.00 of the amount held on your card was taken as the fee." in said
    assert "From the held amount: €30.00" in taken
    assert "still to be paid" not in taken.lower()
    part = {**known, "from_hold_minor": 1_000}
    short = render(_mail(**part, holds=(Held(take_minor=1_000, is_done=False),))).text
    assert "€10.00 of the amount held on your card is being taken" in " ".join(short.split())
    assert "On top, €20.00 is still to be paid." in short
    freed = _mail(due_minor=0, holds=(Held(take_minor=0, is_done=False),), language="de")
    assert "wird freigegeben. Eingezogen wird nichts." in " ".join(render(freed).text.split())
    assert "stays held for the rest" in render(_mail(**known)).text


def test_no_money_back_is_said_and_no_tender_is_listed() -> None:
    text = render(_mail(refund_minor=0, paybacks=())).text
    assert "No money goes back." in text
    assert "How the money goes back" not in text


def test_money_on_request_is_not_announced_as_on_its_way() -> None:
    text = render(_mail(refund=RefundRule.ON_REQUEST)).text
    assert "when you ask for it" in text
    assert "within 5 to 7 business days" not in text


def test_store_credit_is_named_first_and_comes_at_once_whatever_it_replaces() -> None:
    credit = Payback(
        method="credit_card",
        handling=Handling.LEDGER,
        form="store_credit",
        timing="business_days_5_7",
        amount_minor=3_750,
        state=RefundState.SUCCEEDED,
    )
    text = render(_mail(paybacks=(credit,))).text
    assert "Store credit (instead of: Credit card): €37.50, at once" in text


def test_a_refund_that_failed_is_not_promised_for_a_date() -> None:
    failed = Payback(
        method="card",
        handling=Handling.PROVIDER,
        form="original",
        timing="business_days_5_7",
        amount_minor=3_750,
        state=RefundState.FAILED,
    )
    text = render(_mail(paybacks=(failed,))).text
    assert "Card: €37.50, could not be sent yet; we are seeing to it" in text


@pytest.mark.parametrize(
    ("timing", "told"),
    [
        ("immediate", "at once"),
        ("days_14", "within 14 days"),
        ("business_days_5_7", "within 5 to 7 business days"),
        (None, "as soon as the bank or payment provider has booked it"),
        ("when_pigs_fly", "as soon as the bank or payment provider has booked it"),
        ("business_days", "as soon as the bank or payment provider has booked it"),
    ],
)
def test_timing_is_told_by_its_code_or_by_who_pays(timing: str | None, told: str) -> None:
    payback = Payback(
        method="card",
        handling=Handling.PROVIDER,
        form="original",
        timing=timing,
        amount_minor=3_750,
    )
    assert f"Card: €37.50, {told}" in render(_mail(paybacks=(payback,))).text


def test_codes_nobody_wrote_words_for_become_a_general_sentence() -> None:
    news = _mail(
        Template.DECLINED,
        cause="rules",
        findings=(Finding(code="moon_in_wrong_phase"),),
    )
    text = render(news).text
    assert "- The terms agreed for this order don't allow it." in text
    assert "moon" not in text


def test_a_code_without_its_parameters_becomes_a_sentence_that_does_without() -> None:
    for params in ({}, {"until": "soon"}):
        news = _mail(Template.DECLINED, findings=(Finding(code="too_late", params=params),))
        assert "- The request came too late.\n" in render(news).text


def test_a_code_that_nobody_knows_becomes_a_general_sentence() -> None:
    news = _mail(Template.DECLINED, findings=(Finding(code="moon_is_full"),))
    assert "- The terms agreed for this order don't allow it." in render(news).text


@pytest.mark.parametrize(
    ("language", "told"), [("en", "Sorry: closed since"), ("de-AT", "Leider zu"), ("fr", "Sorry")]
)
def test_a_policy_tells_a_code_in_its_own_words(language: str, told: str) -> None:
    own = {"too_late": {"en": "Sorry: closed since {until}.", "de": "Leider zu seit {until}."}}
    params = {"until": "2026-03-03T09:00:00+00:00"}
    findings = (Finding(code="too_late", params=params),)
    news = _mail(Template.DECLINED, findings=findings, language=language, sentences=own)
    text = " ".join(render(news).text.split())
    assert told in text
    assert "2026" in text


def test_own_words_that_need_what_is_not_known_give_way_to_ours() -> None:
    own = {"too_late": {"en": "Closed since {until}."}}
    news = _mail(Template.DECLINED, findings=(Finding(code="too_late"),), sentences=own)
    assert "- The request came too late.\n" in render(news).text


def test_what_was_not_paid_is_told_so_that_amounts_add_up() -> None:
    text = render(_mail(refund_minor=0, fee_minor=1_250, due_minor=250)).text
    assert "Price: €50.00\nPaid and not yet given back: €10.00\nCancellation fee: €12.50" in text
    assert "Paid and not yet" not in render(_mail()).text


def test_a_request_for_money_that_was_lowered_tells_both_amounts() -> None:
    asked = _mail(Template.REFUND_APPROVED)
    lowered = render(asked.model_copy(update={"asked_minor": 5_000})).text
    told = "You asked for €50.00. Our staff decided that €37.50 goes back."
    assert told in " ".join(lowered.split())
    assert "You asked for" not in render(asked.model_copy(update={"asked_minor": 3_750})).text


@pytest.mark.parametrize("template", [Template.APPROVED, Template.CANCELLED])
def test_what_staff_keep_is_called_a_fee_in_no_mail(template: Template) -> None:
    decision = Decision(
        outcome=Outcome.NEEDS_APPROVAL,
        rule="approval",
        currency="EUR",
        trace=(TraceStep(rule="approval.amount", result=REFUND_SET),),
    )
    told = render(_mail(template, decision=decision))
    for text in (told.text, told.html):
        assert "ancellation fee" not in text
        assert "Kept by decision of our staff" in text
        assert "set by a member of staff" in text


def test_a_discount_that_is_lost_is_told_at_its_line_and_in_the_sums() -> None:
    params = {"promotion": "20 % off", "threshold_minor": 10_000, "remaining_minor": 8_000}
    lost = Adjustment(code="discount_lost", amount_minor=-1_600, params=params)
    shoes = example(Template.CANCELLED, Audience.CUSTOMER, "en", Kind.ORDER).items[0]
    item = shoes.model_copy(update={"adjustments": (lost,), "refund_minor": 800})
    mail = render(_mail(items=(item,), refund_minor=800, fee_minor=800))
    sentence = "What stays comes to €80.00, so €16.00 of it is taken off."
    assert sentence in " ".join(mail.text.split())
    assert sentence in mail.html.replace("<bdi>", "").replace("</bdi>", "")
    assert "Discounts, shipping and earlier parts: -€16.00" in mail.text
    assert "Paid and not yet" not in mail.text


def test_a_mail_that_leaves_things_as_they_were_tells_what_comes_later() -> None:
    decided = Decision(
        outcome=Outcome.ALLOWED, rule="rules[0]", currency="EUR", refund_minor=5_000,
        decided_at=datetime(2026, 3, 1, tzinfo=UTC),
        next_changes=(
            Change(at=datetime(2026, 3, 4, 9, tzinfo=UTC), outcome=Outcome.ALLOWED,
                   refund_minor=2_500, fee_minor=2_500),
            Change(at=datetime(2026, 3, 5, 9, tzinfo=UTC), outcome=Outcome.DECLINED),
        ),
    )  # fmt: skip
    told_at = datetime(2026, 3, 3, 14, tzinfo=UTC)
    for template, known in ((Template.UNDONE, {}), (Template.RESTORED, {"keeps_terms": False})):
        text = " ".join(
            render(_mail(template, decision=decided, told_at=told_at, **known)).text.split()
        )
        assert "free of charge until Wednesday, March 4, 2026, 10:00" in text.replace("\u202f", " ")
        assert "after that it can't be cancelled any more" in text
        assert "where you are" in text
    kept = render(_mail(Template.RESTORED, decision=decided, told_at=told_at)).text
    assert "any more" not in kept


def test_words_of_tenders_forms_steps_and_causes_never_show_a_bare_code() -> None:
    payback = Payback(
        method="sea_shells",
        handling=Handling.MANUAL,
        form="in_a_bag",
        timing=None,
        amount_minor=5,
    )
    text = render(_mail(paybacks=(payback,))).text
    assert "sea_shells" not in text
    assert "in_a_bag" not in text
    declined = render(_mail(Template.DECLINED, cause="whim")).text
    assert "The reason can't be put more precisely here." in declined
    stuck = example(Template.ATTENTION, Audience.BUSINESS, "en", Kind.ORDER)
    assert "a step that has no name" in render(stuck.model_copy(update={"step": "dance"})).text


def test_a_staff_no_is_told_as_such_and_not_by_the_rules() -> None:
    findings = (Finding(code="approval_always"),)
    text = render(_mail(Template.DECLINED, cause="staff", findings=findings)).text
    assert "A member of staff looked at the request and said no." in text
    assert "every request" not in text


def test_times_are_told_at_the_place_and_where_the_customer_is() -> None:
    start = datetime(2026, 3, 5, 3, 0, tzinfo=UTC)
    news = example(Template.UNDONE, Audience.CUSTOMER, "en", Kind.APPOINTMENT)
    text = " ".join(render(news.model_copy(update={"starts_at": start})).text.split())
    assert "Thursday, March 5, 2026, 4:00 AM (Central European Standard Time;" in text
    assert "where you are Wednesday, March 4, 2026, 10:00 PM Eastern Standard Time)" in text


def test_one_clock_is_told_once_and_an_unknown_zone_as_universal_time() -> None:
    text = render(_mail(customer_zone="Europe/Paris")).text
    assert "where you are" not in text
    news = example(Template.UNDONE, Audience.CUSTOMER, "en", Kind.APPOINTMENT)
    text = render(news.model_copy(update={"zone": "Mars/Olympus", "customer_zone": None})).text
    assert "Planned start: Thursday, March 5, 2026, 9:00 AM (Coordinated" in text.replace(
        "\u202f", " "
    )


def test_a_civil_date_stays_a_date() -> None:
    text = render(_mail(Template.UNDONE, starts_at=date(2026, 3, 5))).text
    assert "Planned start: Thursday, March 5, 2026\n" in text


def test_the_deadline_and_its_default_are_told_to_who_has_to_decide() -> None:
    news = example(Template.NEEDS_YOU, Audience.BUSINESS, "en", Kind.ORDER)
    text = " ".join(render(news).text.split())
    assert "Please answer by Wednesday, March 4, 2026, 2:30 PM" in text
    assert "Without an answer it counts as declined." in text
    assert f"Approve: rescind approve {news.cancellation_id}" in text
    assert f"Decline: rescind decline {news.cancellation_id}" in text
    text = render(news.model_copy(update={"approve_by_default": True})).text
    assert "Without an answer it counts as approved." in text


def test_who_has_to_decide_is_told_how_to_save_files_that_were_sent() -> None:
    news = example(Template.NEEDS_YOU, Audience.BUSINESS, "en", Kind.ORDER)
    command = f"rescind evidence {news.cancellation_id} --to evidence"
    text = render(news).text
    assert "Files that came with the request: 2\n" in text
    assert f"Save the files: {command}" in " ".join(text.split())
    assert command not in render(news.model_copy(update={"files": 0})).text


def test_amounts_a_person_has_to_set_are_not_shown_as_zero() -> None:
    news = example(Template.NEEDS_YOU, Audience.BUSINESS, "en", Kind.ORDER)
    nothing = {"refund_minor": 0, "fee_minor": 0, "due_minor": 0, "outcome": Outcome.HAND_OVER}
    text = render(news.model_copy(update=nothing)).text
    assert "--refund AMOUNT" in text
    assert "Cancellation fee" not in text


def test_a_wait_without_a_person_is_an_undo_window() -> None:
    text = " ".join(render(_mail(Template.RECEIVED, outcome=Outcome.ALLOWED)).text.split())
    assert "takes effect on Tuesday, March 3, 2026, 3:00 PM" in text
    assert "A person looks at it" not in text


def test_a_cancellation_by_the_business_says_so() -> None:
    assert "sorry" in render(_mail(initiator=Initiator.BUSINESS)).text
    assert "sorry" not in render(_mail(initiator=Initiator.STAFF)).text


def test_asking_again_on_the_first_terms_is_offered_only_where_it_holds() -> None:
    assert "within 7 days" in render(_mail(Template.RESTORED)).text
    assert "at any time" in render(_mail(Template.RESTORED, keeps_terms=False)).text


def test_titles_notes_and_names_are_escaped_in_html() -> None:
    evil = "<script>alert('x')</script>&"
    item = Item(title=evil, quantity=1, price_minor=1, fee_minor=0, refund_minor=1)
    for audience in Audience:
        news = example(Template.CANCELLED, audience, "en", Kind.ORDER).model_copy(
            update={"items": (item,), "note": evil, "customer_name": evil, "reason": evil}
        )
        html = render(news).html
        assert "<script" not in html
        assert "&lt;script&gt;" in html


def test_braces_in_what_people_wrote_are_only_braces() -> None:
    odd = "{0.__class__} {ref} {{ 7 * 7 }}"
    item = Item(title=odd, quantity=2, price_minor=1, fee_minor=0, refund_minor=1)
    rendered = render(_mail(items=(item,), customer_name=odd))
    assert f"2 × {odd}" in rendered.text
    assert "Hello {0.__class__} {ref} {{ 7 * 7 }}," in rendered.text


def test_the_customer_never_reads_the_note_or_what_failed() -> None:
    for template in Template:
        if is_written(template, Audience.CUSTOMER):
            rendered = render(_mail(template, note="my secret", failure="disk on fire"))
            assert "my secret" not in rendered.text + rendered.html
            assert "disk on fire" not in rendered.text + rendered.html


def test_mails_of_the_business_are_not_written_for_customers() -> None:
    assert not is_written("needs_you", "customer")
    assert not is_written("attention", "customer")
    assert not is_written("birthday", "customer")
    assert is_written("cancelled", "business")


def test_an_arabic_mail_keeps_words_of_other_languages_in_their_own_direction() -> None:
    html = render(_mail(language="ar")).html
    assert "<bdi>2 × Espresso cup, hand-glazed &lt;blue&gt;</bdi>" in html
    assert "padding-right:16px;white-space:nowrap;text-align:left" in html
    assert "padding-left:16px" not in html


@pytest.mark.parametrize(
    ("language", "told"),
    [("pt-BR", "pelo cliente"), ("fr", "par le client"), ("ar", "من قِبل العميل")],
)
def test_who_asked_reads_well_in_the_sentence(language: str, told: str) -> None:
    mail = _mail(language=language, audience=Audience.BUSINESS)
    assert told in " ".join(render(mail).text.split())
