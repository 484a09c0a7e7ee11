from crawler.soft_missing import missing_page, probe_address, probed_folder

ASKED = "https://docs.example/guide/0f3a"
WORDS = "Sorry, the page you are looking for could not be found. Try the search or go back to the start of our manual."


def page(text: str, title: str = "Not found") -> bytes:
    return f"<html><head><title>{title}</title></head><body><p>{text}</p></body></html>".encode()


def test_the_sites_way_to_say_not_found_is_recognised() -> None:
    missing = missing_page(ASKED, ASKED, page(WORDS))
    assert missing.is_like("https://docs.example/guide/gone", page(WORDS))
    assert not missing.is_like(
        "https://docs.example/guide/install", page("Install the program, then run it.", "Install")
    )
    assert not missing.is_like("https://docs.example/guide/faq", page(f"{WORDS} It moved last year.", "Questions"))


def test_the_address_in_the_text_makes_no_difference() -> None:
    missing = missing_page(ASKED, ASKED, page(f"/guide/0f3a: {WORDS}"))
    assert missing.is_like("https://docs.example/guide/gone", page(f"/guide/gone: {WORDS}"))


def test_a_page_that_leads_where_nothing_leads_is_missing() -> None:
    missing = missing_page(ASKED, "https://docs.example/", page("Welcome", "Home"))
    assert missing.address == "https://docs.example/"
    assert missing.is_like("https://docs.example/", page("Welcome back", "Home again"))
    assert not missing.is_like("https://docs.example/guide/a", page("Install", "A"))


def test_a_probe_can_not_hit_a_page() -> None:
    assert probe_address("https://docs.example", "/guide/") != probe_address("https://docs.example", "/guide/")


def test_each_first_level_below_the_start_is_probed_by_itself() -> None:
    assert probed_folder("/docs/api/v1/x", "/docs/") == "/docs/api/"
    assert probed_folder("/docs/intro", "/docs/") == "/docs/"
    assert probed_folder("/other/x", "/docs/") == "/docs/"
