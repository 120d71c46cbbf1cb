"""Pages of withdrawing from a contract by law, by a guest and by who is signed in."""

from tests.web.browser.product import Product
from tests.web.browser.purchases import delivered, path_of
from tests.web.browser.way import Way

_TOLD = {"number": "o-none", "name": "Ada Sommer", "email": "ada@example.com"}


async def withdraw(product: Product) -> Way:
    return Way("/withdraw", has='name="part"')


async def withdraw_unfinished(product: Product) -> Way:
    told = _TOLD | {"number": "", "email": "ada"}
    return Way("/withdraw", fill=told, press="/withdraw", status=422, has='role="alert"')


async def confirm(product: Product) -> Way:
    return Way("/withdraw", fill=_TOLD, press="/withdraw", has="/withdraw/confirm")


async def withdraw_gone(product: Product) -> Way:
    """Coming back to what isn't kept any longer."""
    return Way("/withdraw/confirm", status=410, has='role="alert"')


async def withdraw_own(product: Product) -> Way:
    bought = await delivered(product.business)
    return Way(f"{path_of(bought)}/withdraw", bought, has='name="line"')


async def confirm_own(product: Product) -> Way:
    bought = await delivered(product.business)
    path = f"{path_of(bought)}/withdraw"
    return Way(path, bought, press="/withdraw", has="/withdraw/confirm")


async def receipt(product: Product) -> Way:
    """Of a withdrawal that a person has to take on, for there is no such order."""
    return await _receipt(product, await confirm(product))


async def receipt_of_own(product: Product) -> Way:
    return await _receipt(product, await confirm_own(product))


async def _receipt(product: Product, way: Way) -> Way:
    done = await way.by_http(product, then="/withdraw/confirm")
    path = done.url.path.removeprefix("/my")
    return Way(path, way.reader, has=f"{path}/receipt")
