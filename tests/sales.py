"""Orders at a running product, bought, looked at and spent."""

from served import Api, Json, Product


def bought(product: Product, api: Api, wallet_id: str, **body: object) -> Json:
    """An order that was paid."""
    whole = {"pack_id": "pro", "payment_method": "upi", "simulate": {"outcome": "success"}, **body}
    whole = {name: value for name, value in whole.items() if value is not None}
    placed = api.post(f"/v1/wallets/{wallet_id}/orders", whole)
    product.settle()
    return order(api, placed)


def order(api: Api, placed: Json) -> Json:
    """The order as it stands."""
    return api.get(path_of(placed))


def path_of(placed: Json) -> str:
    return f"/v1/wallets/{placed['wallet_id']}/orders/{placed['id']}"


def spend(api: Api, wallet_id: str, credits: int) -> None:
    """Credits used, by requests of 5 each."""
    api.consume(wallet_id, "API_HEAVY_QUERY", quantity=credits // 5)


def credits_of(api: Api, wallet_id: str) -> tuple[int, int]:
    """Available and locked."""
    wallet = api.get(f"/v1/wallets/{wallet_id}")
    return wallet["available_credits"], wallet["locked_credits"]
