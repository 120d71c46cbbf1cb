"""Messages signed as Standard Webhooks says, checked against the example of its own page."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import WebhookRejected
from providers.standard_webhooks import TOLERANCE, sign, verify

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
AT = datetime.fromtimestamp(1_614_265_330, UTC)
BODY = b'{"test": 2432232314}'
SIGNED = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def test_the_published_example_is_what_we_sign_and_believe() -> None:
    assert sign(SECRET, SIGNED["webhook-id"], AT, BODY) == SIGNED
    assert verify(SECRET, SIGNED, BODY, AT) == SIGNED["webhook-id"]
    several = {**SIGNED, "webhook-signature": f"v1,bm8= {SIGNED['webhook-signature']}"}
    assert verify(SECRET, {name.title(): value for name, value in several.items()}, BODY, AT)


@pytest.mark.parametrize(
    ("change", "body", "late"),
    [
        ({}, BODY + b" ", timedelta()),
        ({"webhook-id": "msg_other"}, BODY, timedelta()),
        ({"webhook-timestamp": "1614265331"}, BODY, timedelta()),
        ({"webhook-timestamp": "soon"}, BODY, timedelta()),
        ({"webhook-signature": ""}, BODY, timedelta()),
        ({}, BODY, TOLERANCE + timedelta(seconds=1)),
        ({}, BODY, -TOLERANCE - timedelta(seconds=1)),
    ],
)
def test_what_was_altered_or_is_too_old_is_not_believed(
    change: dict[str, str], body: bytes, late: timedelta
) -> None:
    with pytest.raises(WebhookRejected):
        verify(SECRET, SIGNED | change, body, AT + late)


def test_without_a_secret_nothing_is_believed() -> None:
    with pytest.raises(WebhookRejected):
        verify("", sign("", "msg", AT, BODY), BODY, AT)
