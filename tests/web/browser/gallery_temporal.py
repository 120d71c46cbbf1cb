"""Both kinds of run in Temporal's own pages, as operators see them."""

from urllib.parse import quote

from tests.web.browser.gallery_camera import Camera
from tests.web.browser.gallery_house import House
from tests.web.browser.visitor import Look

_SHOWN = {
    "temporal-order": "on-its-way",
    "temporal-appointment": "paid",
    "temporal-restored": "restored",
}
"""Pictures of cancellations, by the scenes that brought them about."""

CAPTIONS = {
    "temporal-order": "A part of an order, cancelled",
    "temporal-appointment": "An appointment, cancelled",
    "temporal-restored": "An order, put back after the card said no",
    "temporal-refund": "A refund, followed until the money lands",
}


async def take(house: House, camera: Camera) -> None:
    for name, scene in _SHOWN.items():
        seen = await house.call(
            "admin", "GET", f"/cancellations/{house.kept[scene].rpartition('/')[2]}"
        )
        await _take_run(house, camera, name, seen["workflow_id"])
    on_its_way = house.kept["on-its-way"].rpartition("/")[2]
    seen = await house.call("admin", "GET", f"/cancellations/{on_its_way}")
    refund = next(one for one in seen["refunds"] if one["method"] == "card")
    await _take_run(house, camera, "temporal-refund", f"refund/{refund['id']}")


async def _take_run(house: House, camera: Camera, name: str, workflow_id: str) -> None:
    look = Look(height=1150)
    async with camera.page(look) as page:
        address = f"{house.temporal}/namespaces/default/workflows/{quote(workflow_id, safe='')}"
        await page.goto(address)
        await page.wait_for_timeout(6000)
        await camera.take(page, name, look)
