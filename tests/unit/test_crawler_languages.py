from crawler.languages import Languages, translations_among
from crawler.locales import is_same_language, markers_of, written_language
from crawler.signs import PageSigns

SITE = "https://docs.example"
ENGLISH = "The server reads the file and that is the reason which you will have with this setting. It is from when. "


def signs(language: str | None = None, **alternates: str) -> PageSigns:
    return PageSigns(language=language, alternates=tuple((tag, SITE + path) for tag, path in alternates.items()))


def begun(start: str, page: PageSigns, wanted: str | None = None) -> Languages:
    languages = Languages(wanted)
    languages.begin(SITE + start, page)
    return languages


def reason(languages: Languages, path: str) -> str | None:
    return languages.exclusion(SITE + path)


def verdict(languages: Languages, path: str, page: PageSigns, text: str = "") -> str | None:
    return languages.verdict(SITE + path, page, lambda: text)


def test_the_language_of_the_start_page_is_that_of_the_crawl() -> None:
    assert begun("/", signs("de-at")).own == "de-at"


def test_a_start_page_that_declares_none_is_judged_by_what_it_says() -> None:
    languages = Languages()
    languages.begin(f"{SITE}/", PageSigns(), ENGLISH * 3)
    assert languages.own == "en"


def test_folders_named_by_hreflang_are_translations() -> None:
    languages = begun("/guide/", signs("en", en="/guide/", de="/de/guide/", **{"pt-br": "/pt-br/guide/"}))
    assert reason(languages, "/de/install") == "a translation (de)"
    assert reason(languages, "/pt-br/install") == "a translation (pt-br)"
    assert reason(languages, "/install") is None


def test_two_letters_alone_are_no_language() -> None:
    languages = begun("/docs/", signs("en", de="/docs/de/"))
    assert [reason(languages, f"/docs/{topic}/intro") for topic in ("go", "is", "it", "js")] == [None] * 4


def test_a_folder_is_a_translation_once_a_page_in_it_says_its_language() -> None:
    languages = begun("/docs/", signs("en"))
    languages.learn(f"{SITE}/docs/it/intro", signs("en"))
    assert reason(languages, "/docs/it/more") is None
    languages.learn(f"{SITE}/docs/it/intro", signs("it"))
    assert reason(languages, "/docs/it/more") == "a translation (it)"


def test_a_language_in_the_place_of_the_start_pages_own_is_a_translation() -> None:
    languages = begun("/en/stable/", signs("en"))
    assert reason(languages, "/fr/stable/intro") == "a translation (fr)"
    assert reason(languages, "/en/stable/fr/intro") is None
    assert reason(languages, "/go/stable/intro") is None


def test_a_page_that_is_there_in_several_languages_shows_which_folders_are_translations() -> None:
    languages = begun("/", signs("en"))
    languages.learn_addresses([SITE + path for path in ("/guide", "/de/guide", "/fr/guide", "/ja/guide", "/it/rooms")])
    assert reason(languages, "/ja/other") == "a translation (ja)"
    assert reason(languages, "/it/rooms") is None


def test_a_topic_beside_two_translations_is_not_taken_for_one() -> None:
    languages = begun("/", signs("en"))
    languages.learn_addresses([SITE + path for path in ("/guide", "/de/guide", "/fr/guide")])
    assert reason(languages, "/de/guide") is None


def test_a_start_page_under_a_two_letter_topic_is_not_left_out() -> None:
    languages = begun("/it/", signs("en"))
    assert reason(languages, "/it/network") is None
    languages.learn(f"{SITE}/it/network", signs("it"))
    assert reason(languages, "/it/backup") is None


def test_endings_of_file_names_name_languages() -> None:
    start = signs("en", fr="/manual/index.html.fr", de="/manual/index.html.de", en="/manual/index.html.en")
    languages = begun("/manual/index.html.en", start)
    assert reason(languages, "/manual/bind.html.fr") == "a translation (fr)"
    assert reason(languages, "/manual/bind.html.ja") == "a translation (ja)"
    assert reason(languages, "/manual/bind.html.en") is None
    assert reason(languages, "/manual/bind.html") is None
    inner = begun("/intro.en.html", signs("en", de="/intro.de.html", en="/intro.en.html"))
    assert reason(inner, "/about.de.html") == "a translation (de)"


def test_an_untranslated_page_in_the_crawls_own_folder_stays() -> None:
    languages = begun("/da/", signs("da", en="/en/", da="/da/"))
    assert verdict(languages, "/da/vhosts/", signs("en", en="/en/vhosts/", fr="/fr/vhosts/")) is None


def test_a_page_whose_translation_into_the_crawls_language_is_named_is_left_out() -> None:
    languages = begun("/", signs("en"))
    german = signs("de", en="/install", de="/installation")
    assert verdict(languages, "/installation", german) == "a translation (de)"
    languages.learn(f"{SITE}/install", signs("en", de="/installation", en="/install"))
    assert reason(languages, "/installation") == "a translation (de)"


def test_with_a_named_language_what_is_not_translated_is_read_in_the_sites_own() -> None:
    languages = begun("/", signs("en", de="/de/", en="/"), wanted="de")
    assert reason(languages, "/de/install") is None
    assert verdict(languages, "/install", signs("en", de="/de/install", en="/install")) == "a translation (en)"
    assert verdict(languages, "/limits", signs("en", en="/limits")) is None
    assert reason(languages, "/fr/install") == "a translation (fr)"


def test_a_declared_language_the_text_does_not_bear_out_drops_nothing() -> None:
    languages = begun("/", signs("en"))
    german = "Der Server liest die Datei und das ist nicht der Grund. Die Datei wird auf einen Server kopiert. " * 2
    assert verdict(languages, "/api", signs("de"), ENGLISH * 3) is None
    assert verdict(languages, "/api", signs("de"), german) == "in another language (de)"


def test_hreflang_that_names_the_same_address_for_every_language_drops_nothing() -> None:
    languages = begun("/", signs("en", en="/", de="/", fr="/"))
    languages.learn(f"{SITE}/a", signs("en", en="/a", de="/a"))
    assert reason(languages, "/a") is None
    assert reason(languages, "/") is None


def test_nothing_is_left_out_while_the_language_is_unknown() -> None:
    languages = begun("/", PageSigns())
    assert reason(languages, "/de/install") is None
    assert verdict(languages, "/x", signs("de"), "") is None


def test_a_sitemap_in_several_languages_is_read_in_english() -> None:
    languages = Languages()
    languages.learn_addresses([f"{SITE}/{tag}/guide" for tag in ("ar", "de", "en", "fr")])
    assert languages.own == "en"
    assert reason(languages, "/ar/guide") == "a translation (ar)"
    assert reason(languages, "/en/guide") is None


def test_regions_of_chinese_and_portuguese_are_languages_of_their_own() -> None:
    assert is_same_language("en-us", "en-gb")
    assert is_same_language("zh", "zh-tw")
    assert not is_same_language("zh-cn", "zh-tw")
    assert not is_same_language("pt-br", "pt-pt")


def test_a_path_is_marked_by_folders_and_by_the_end_of_its_file() -> None:
    found = {(marker.tag, marker.form, marker.twin, marker.plain) for marker in markers_of("/docs/de/guide/x.html.fr")}
    assert ("de", "/docs/{}/", "/docs/{}/guide/x.html.fr", "/docs/guide/x.html.fr") in found
    assert ("fr", "*.html.{}", "/docs/de/guide/x.html.{}", "/docs/de/guide/x.html") in found
    assert [marker.form for marker in markers_of("/de")] == ["/{}/"]


def test_the_language_of_a_text_is_told_only_where_it_is_evident() -> None:
    assert written_language(ENGLISH * 3) == "en"
    assert written_language("これはテストの文章です。設定ファイルを読み込みます。") == "ja"
    assert written_language("Сервер читает файл конфигурации при запуске.") == "ru"
    assert written_language("def main(argv): return 0") is None
    assert written_language("") is None


def test_a_folder_of_translations_keeps_one_of_each() -> None:
    tags = ("de", "en", "fr", "pt-br")
    languages = {f"{tag}/{name}.html": tag for tag in tags for name in ("index", "bind", "dso")}
    # Not translated: the original stands in its place.
    languages["de/dso.html"] = "en"
    own, reasons = translations_among([*languages, "it/rooms.html"], languages.get)
    assert own == "en"
    assert {path for path in languages if path not in reasons} == {
        f"en/{name}.html" for name in ("index", "bind", "dso")
    }
    assert "it/rooms.html" not in reasons


def test_a_folder_read_in_a_named_language_keeps_what_has_no_translation() -> None:
    languages = {"guide.md": "en", "limits.md": "en", "de/guide.md": "de", "fr/guide.md": "fr"}
    own, reasons = translations_among(list(languages), languages.get, "de")
    assert own == "de"
    assert set(reasons) == {"guide.md", "fr/guide.md"}


def test_files_marked_by_their_ending_are_translations_of_the_plain_ones() -> None:
    languages = {"README.md": "en", "README.zh-CN.md": "zh", "usage.md": "en", "usage.ja.md": "ja", "is.md": "en"}
    _, reasons = translations_among(list(languages), languages.get)
    assert reasons == {"README.zh-CN.md": "a translation (zh-cn)", "usage.ja.md": "a translation (ja)"}
