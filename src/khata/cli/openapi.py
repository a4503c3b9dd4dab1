"""`khata openapi`: the API's document."""


def openapi() -> None:
    """Print the OpenAPI 3.1 document of this version, as the server has it at /openapi.json."""
    from khata.cli.output import print_json
    from khata.http.app import document

    print_json(document())
