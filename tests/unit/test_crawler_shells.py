import pytest

from crawler.shells import read_shell

PAGE = "https://api.example/docs/"


def shell_of(markup: str, head: str = "") -> str:
    found = read_shell(f"<html><head><title>API</title>{head}</head><body>{markup}</body></html>".encode(), PAGE)
    assert found is not None
    return found.reason


def specifications(markup: str) -> tuple[str, ...]:
    found = read_shell(f"<html><body>{markup}</body></html>".encode(), PAGE)
    assert found is not None
    return found.specifications


@pytest.mark.parametrize(
    ("program", "markup", "address"),
    [
        ("ReDoc", '<redoc spec-url="../openapi.json"></redoc>', "https://api.example/openapi.json"),
        ("ReDoc", "<div id=r></div><script>Redoc.init('v1/spec.yaml', {}, r)</script>", f"{PAGE}v1/spec.yaml"),
        (
            "Swagger UI",
            '<div id="swagger-ui"></div><script>SwaggerUIBundle({ url: "/v3/api-docs", dom_id: "#s" })</script>',
            "https://api.example/v3/api-docs",
        ),
        (
            "Swagger UI",
            '<div id="swagger-ui"></div><script>SwaggerUIBundle({urls: [{name: "One", "url": "one.yaml"}]})</script>',
            f"{PAGE}one.yaml",
        ),
        (
            "Swagger UI",
            """<div id="swagger-ui"></div><script>SwaggerUIBundle({urls: [{url: '/v3/api-docs/a'}]})</script>""",
            "https://api.example/v3/api-docs/a",
        ),
        ("Scalar", '<script id="api-reference" data-url="/openapi.yaml"></script>', "https://api.example/openapi.yaml"),
        (
            "Scalar",
            """<script id="api-reference" data-configuration='{"spec":{"url":"/s.json"}}'></script>""",
            "https://api.example/s.json",
        ),
        (
            "Scalar",
            "<div id=app></div><script>Scalar.createApiReference('#app', { url: './openapi.json' })</script>",
            f"{PAGE}openapi.json",
        ),
        ("RapiDoc", '<rapi-doc spec-url="/api.json"></rapi-doc>', "https://api.example/api.json"),
    ],
)
def test_pages_that_show_a_specification_name_it(program: str, markup: str, address: str) -> None:
    assert specifications(markup) == (address,)
    assert shell_of(markup) == f"made by {program} with JavaScript and holds no text; its content is in {address}"


def test_swagger_ui_tells_the_files_that_name_what_it_shows() -> None:
    markup = (
        b'<body><div id="swagger-ui"></div><script src="dist/swagger-initializer.js?v=5"></script>'
        b'<script>SwaggerUIBundle({configUrl: "/swagger-config"})</script>'
    )
    shell = read_shell(markup, PAGE)
    assert shell is not None
    assert shell.configurations == (f"{PAGE}dist/swagger-initializer.js?v=5", "https://api.example/swagger-config")
    assert shell.reason.endswith(f"what it shows is named in {PAGE}dist/swagger-initializer.js?v=5")
    told, further = shell.told_by(b'{"url": "/api", "urls": [{"name": "x", "url": "v1"}], "configUrl": "next"}')
    assert (told.specifications, further) == ((f"{PAGE}v1",), (f"{PAGE}next",))
    assert shell.told_by(b"<!doctype html>not found")[0] == shell
    assert shell.told_by(b"urls:[" * 50_000)[0] == shell


def test_a_link_in_a_script_is_no_specification() -> None:
    markup = (
        """<div id="swagger-ui"></div><script>SwaggerUIBundle({url: "/openapi.json", x: {url: "/about"}})</script>"""
    )
    assert specifications(markup) == ("https://api.example/openapi.json",)


def test_docsify_names_its_markdown_and_repository() -> None:
    markup = "<div id=app></div><script>window.$docsify = {repo: 'acme/tool', homepage: 'intro.md'}</script>"
    found = read_shell(markup.encode(), PAGE)
    assert found is not None
    assert (found.program, found.repository) == ("Docsify", "https://github.com/acme/tool")
    assert found.documents == (f"{PAGE}intro.md", f"{PAGE}_sidebar.md")


def test_an_empty_mount_point_is_reported_with_the_repository_it_links_to() -> None:
    markup = '<a href="https://github.com/acme/tool">Code</a><div id="root"></div><script src="/app.js"></script>'
    assert shell_of(markup).endswith("add its sources instead: https://github.com/acme/tool.git")


def test_a_page_that_asks_for_javascript_is_a_shell() -> None:
    markup = "<noscript>You need to enable JavaScript to run this app.</noscript><script src=a.js></script>"
    assert "have it rendered" in shell_of(markup)


def test_text_that_is_there_without_scripts_is_read_whatever_makes_the_page() -> None:
    text = "<p>Every request is signed with the key of the account that it is made for.</p>" * 5
    markup = f'<div id="__next"><main>{text}</main></div><script>SwaggerUIBundle({{}})</script>'
    assert read_shell(markup.encode(), PAGE) is None


def test_a_short_page_without_scripts_is_only_short() -> None:
    assert read_shell(b'<html><body><div id="root"><p>Moved.</p></div></body></html>', PAGE) is None
    assert read_shell(b"", PAGE) is None


def test_addresses_that_are_none_are_dropped() -> None:
    assert specifications('<redoc spec-url="javascript:alert(1)"></redoc>') == ()
    assert specifications(f'<redoc spec-url="/{"x" * 5000}"></redoc>') == ()
