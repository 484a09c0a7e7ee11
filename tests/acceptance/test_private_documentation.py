"""Private documentation as an operator adds it, and a search for its secrets in all that is left behind."""

import gzip
import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import httpx
import pytest

from bench.product import Product, running_lectern
from core.database import Database
from core.embedded_postgres import embedded_postgres
from tests.commands import QUICK, Ended, add, run
from tests.crawl_site import Answer, Request, Site, serve_site

HEADER, PASSWORD = "Zk9/w+==&very secret", "pa55: w0rd/+?"
LIBRARY = "/acme/inside"
PAGES = 6


def page(number: int) -> Answer:
    portal = f"<p>This portal is for employees, and floor {number} has news about its canteen.</p>" * 10
    links = "".join(f'<a href="/docs/{other}">{other}</a>' for other in range(PAGES))
    feature = f"<h2>Feature {number}</h2><p>Call it once at start.</p><pre>feature_{number}()</pre>"
    return Answer(f"<main><h1>Portal</h1>{portal}{links}</main><div class=prose>{feature}</div>".encode())


def guard(site: Site) -> None:
    """Lets in whoever sends both secrets."""
    basic = f"Basic {b64encode(f'me:{PASSWORD}'.encode()).decode()}"

    async def answer(request: Request) -> Answer:
        is_known = (request.headers.get("authorization"), request.headers.get("x-api-key")) == (basic, HEADER)
        if not is_known:
            return Answer(b"who are you?", 401)
        name = request.target.removeprefix("/docs/")
        return page(int(name or "0")) if name == "" or name.isdecimal() else Answer(b"nothing", 404)

    site.routes.clear()
    site.fallback = answer


def forms_of(secret: str) -> set[bytes]:
    """A secret as it is, in base64 at any offset, and as it stands in an address."""
    shifted = (b64encode(b"x" * shift + secret.encode()).decode()[4 if shift else 0 :] for shift in range(3))
    cut = {text.rstrip("=")[:-1].encode() for text in shifted}
    return cut | {secret.encode(), quote(secret).encode(), quote(secret, safe="").encode(), json.dumps(secret).encode()}


FORMS = forms_of(HEADER) | forms_of(PASSWORD) | forms_of(f"me:{PASSWORD}")


def found_in(content: bytes) -> set[bytes]:
    return {form for form in FORMS if form in content}


def files_with_secrets(folder: Path) -> Iterator[tuple[str, set[bytes]]]:
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            content += gzip.decompress(content) if path.suffix == ".gz" else b""
            if found := found_in(content):
                yield str(path), found


async def all_text_of(url: str) -> str:
    """Every row of every table, as text."""
    database = await Database.connect(url, pool_size=2)
    async with database.connection() as connection:
        tables = await connection.fetch(
            "select format('%I.%I', table_schema, table_name) as name from information_schema.tables "
            "where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')"
        )
        rows: list[str] = []
        for table in tables:
            statement = f"select coalesce(string_agg(t::text, ' '), '') from {table['name']} t"  # noqa: S608 - our tables
            rows.append(await connection.fetchval(cast("Any", statement)))
    await database.close()
    assert any(LIBRARY in row for row in rows)
    return " ".join(rows)


async def api(product: Product, method: str, path: str, body: object = None) -> httpx.Response:
    announced = json.loads((Path(product.environment["LECTERN_DATA_DIR"]) / "server.json").read_text())
    headers = {"authorization": f"Bearer {announced['local_token']}"}
    async with httpx.AsyncClient(base_url=f"{product.url}/api/v1", headers=headers, timeout=30) as client:
        return await client.request(method, path, json=body)


async def add_private(product: Product, site: Site, secrets: Path, *options: str) -> Ended:
    return await add(product, f"{site.url}/docs/", LIBRARY, "--allow-private", "--secret-file", str(secrets), *options)


def write_secrets(folder: Path) -> Path:
    path = folder / "secret.yaml"
    path.write_text(f"user: me\npassword: '{PASSWORD}'\nheaders:\n  X-API-Key: '{HEADER}'\n")
    return path


async def test_nothing_that_is_left_of_a_private_crawl_holds_its_secrets(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    secrets, said = write_secrets(tmp_path), list[str]()
    settings = QUICK | {"LECTERN_LOG_LEVEL": "debug", "LECTERN_LOG_FORMAT": "json"}
    async with serve_site() as site, running_lectern(tmp_path, **settings) as product:
        guard(site)
        refused = await add(product, f"{site.url}/docs/", LIBRARY, "--allow-private")
        assert (refused.status, "401" in refused.text) == (1, True)
        looked = await run(
            product.environment, "crawl", f"{site.url}/docs/", "--dry-run", "--allow-private",
            "--secret-file", str(secrets), "--main", ".prose",
        )  # fmt: skip
        assert "code blocks 1/1" in looked.text
        added = await add_private(product, site, secrets)
        assert added.status == 0, added.text
        shown = await run(product.environment, "secrets", "show", LIBRARY)
        assert f"{site.url} only: headers.X-API-Key, user, password" in shown.text
        said += [refused.text, looked.text, added.text, shown.text]
        said.append((await run(product.environment, "secrets", "rotate")).text)
        assert "1 encrypted with the newest key, 0 that" in said[-1]
        assert (await run(product.environment, "refresh", LIBRARY, "--wait")).status == 0

        path = f"/libraries{LIBRARY}/source/secrets"
        for method, target, body in (
            ("PUT", path, {"token": f"{PASSWORD}\n"}),
            ("PUT", path, {"password": PASSWORD, HEADER: HEADER}),
            ("PUT", path, {"headers": {"Host": HEADER}}),
            ("POST", "/libraries", {"source": site.url, "id": LIBRARY, "secrets": {"token": [PASSWORD]}}),
            ("GET", path, None),
            ("GET", "/libraries", None),
            ("GET", f"/libraries{LIBRARY}/source", None),
        ):
            answer = await api(product, method, target, body)
            assert (answer.status_code == 400) == (body is not None)
            said.append(answer.text)
    said += capfd.readouterr()

    assert found_in("\n".join(said).encode()) == set()
    assert list(files_with_secrets(tmp_path / "data")) == []
    with embedded_postgres(tmp_path / "data" / "postgres") as url:
        assert found_in((await all_text_of(url)).encode()) == set()
    assert found_in(secrets.read_bytes())


async def test_rules_of_a_site_take_hold_on_pages_that_have_not_changed(tmp_path: Path) -> None:
    secrets = write_secrets(tmp_path)
    async with serve_site() as site, running_lectern(tmp_path, **QUICK) as product:
        guard(site)
        assert (await add_private(product, site, secrets)).status == 0

        async def ask() -> str:
            return (await run(product.environment, "query", LIBRARY, "canteen feature_3")).text

        assert "canteen" in await ask()
        changed = await add_private(product, site, secrets, "--main", ".prose", "--code-language", "python")
        assert changed.status == 0, changed.text
        text = await ask()
        assert "canteen" not in text
        assert "```python\nfeature_3()" in text
        missed = await add_private(product, site, secrets, "--main", ".nowhere")
        assert missed.status == 0, missed.text
        assert "canteen" in await ask()


async def test_a_secret_can_be_replaced_and_removed_and_goes_with_its_library(tmp_path: Path) -> None:
    secrets = write_secrets(tmp_path)
    async with serve_site() as site, running_lectern(tmp_path, **QUICK) as product:
        guard(site)
        assert (await add_private(product, site, secrets)).status == 0
        path = f"/libraries{LIBRARY}/source/secrets"

        replaced = await api(product, "PUT", path, {"headers": {"X-API-Key": HEADER}, "user": "me", "password": "new"})
        assert replaced.json()["names"] == ["headers.X-API-Key", "user", "password"]
        failed = await run(product.environment, "refresh", LIBRARY, "--wait")
        assert (failed.status, "401" in failed.text) == (1, True)
        assert (await run(product.environment, "secrets", "set", LIBRARY, "--secret-file", str(secrets))).status == 0
        assert (await run(product.environment, "refresh", LIBRARY, "--wait")).status == 0

        assert (await run(product.environment, "secrets", "remove", LIBRARY)).status == 0
        assert (await api(product, "GET", path)).status_code == 404
        assert (await run(product.environment, "secrets", "set", LIBRARY, "--secret-file", str(secrets))).status == 0
        assert (await run(product.environment, "remove", LIBRARY, "--yes")).status == 0
        assert (await add(product, f"{site.url}/docs/", LIBRARY, "--allow-private")).status == 1
