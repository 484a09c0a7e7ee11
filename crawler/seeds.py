"""Where a website names its pages besides linking to them: sitemaps, inventories, lists, an llms.txt."""

from collections.abc import AsyncGenerator

from crawler.addresses import origin_of
from crawler.ledger import Ledger
from crawler.llms_files import page_address
from crawler.page_lists import page_lists_of, sphinx_root, sphinx_search_list
from crawler.scope import Scope, start_directory
from crawler.site_files import SiteFiles


async def site_seeds(
    files: SiteFiles, ledger: Ledger, scope: Scope, page: str, body: bytes
) -> AsyncGenerator[list[str]]:
    """Yields what the site of a start page lists, file by file; symbols of an inventory are noted in the ledger.

    Besides sitemaps, an inventory and an llms.txt, only the files that the page's generator writes are asked for.
    """
    async for pages in files.sitemap_pages(scope):
        yield pages
    if files.limit:
        ledger.note_limit(files.limit)
    async for pages in _sphinx_pages(files, ledger, scope, page, body):
        yield pages
    async for pages in files.listed_pages(scope, page_lists_of(page, body)):
        yield pages
    if llms := await files.find_llms_list(scope):
        # Beside a site that is crawled anyway, the Markdown it lists is another form of its pages.
        yield [shown for listed in llms.pages if (shown := page_address(listed, listed))]


async def _sphinx_pages(
    files: SiteFiles, ledger: Ledger, scope: Scope, page: str, body: bytes
) -> AsyncGenerator[list[str]]:
    # Plugins of other generators write inventories as well.
    root = sphinx_root(page, body)
    inventory = await files.read_inventory(scope, root or f"{origin_of(page)}{start_directory(page)}")
    if inventory.symbols:
        await ledger.note_symbols(inventory.symbols)
    if inventory.pages or root is None:
        yield list(inventory.pages)
        return
    async for pages in files.listed_pages(scope, [sphinx_search_list(page, root, body)]):
        yield pages
