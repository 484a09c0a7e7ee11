"""What is known about each documentation generator, as data: how to recognise it, where its content is, what to strip.

Source: generator pages and the scrapers of devdocs, Read the Docs and DocSearch, studied 2026-11-20.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """One generator or theme.

    A page is of this generator if its <meta name="generator"> contains `meta`, or if one of `markers` stands in
    its HTML; `hints` are markers of a page that does not say what made it, since other generators have them too.
    `containers` are tried in order. `strips` is one CSS selector. `code_language` is that of code without a language
    of its own. `title` finds a page title outside the container, `lead` content before it. `themes` are the profiles
    that a page which declares this one may be instead, as their markers tell. `members` finds the elements that
    describe a member of the API where no class names them all; how they are read is the rule of `member_class`.
    """

    name: str
    meta: str = ""
    markers: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()
    strips: str = ""
    code_language: str | None = None
    title: str | None = None
    lead: str | None = None
    themes: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    members: str = ""

    @property
    def member_class(self) -> str:
        """The class that elements found by `members` are given."""
        return f"{self.name}-member"


_DOCBOOK_PARTS = "refentry sect1 chapter appendix preface article part reference glossary bibliography index set book"
_DOCBOOK = ",".join(f"div.{part}" for part in (*_DOCBOOK_PARTS.split(), *_DOCBOOK_PARTS.upper().split()))
"""One selector, so that the outermost is found: a page can hold a section, or a whole book.

The style sheets in DSSSL, older than those in XSL, write some of the names in upper case.
"""

PROFILES: tuple[Profile, ...] = (
    Profile(
        "furo",
        "",
        ('id="furo-main-content"', "styles/furo.css"),
        ("article[role=main]",),
        ".related-pages,.back-to-top",
    ),
    Profile(
        "pydata",
        "",
        ('class="bd-article', "pydata-sphinx-theme"),
        ("article.bd-article", "main#main-content"),
        ".prev-next-area,.header-article,.bd-header-article,.sd-d-none",
    ),
    Profile(
        "mkdocs-material",
        "mkdocs-material",
        ("data-md-component=",),
        ("article.md-content__inner",),
        ".md-content__button,.md-source-file,.md-feedback,.md-tags,.md-nav",
    ),
    Profile("mkdocs-material", "zensical", (), ("article.md-content__inner",), ".md-content__button,.md-source-file"),
    Profile(
        "mkdocs",
        "mkdocs",
        ("mkdocs_search_modal", "css/theme_extra.css"),
        ("[role=main] [itemprop=articleBody]", "[role=main]"),
        themes=("mkdocs-material",),
    ),
    Profile(
        "sphinx-rtd",
        "",
        ("wy-body-for-nav",),
        ("[itemprop=articleBody]", ".rst-content [role=main]", ".rst-content"),
        ".rst-footer-buttons,.wy-breadcrumbs",
    ),
    Profile(
        "docusaurus",
        "docusaurus",
        ('class="theme-doc-markdown', "plugin-docs"),
        (".theme-doc-markdown", "[class*=generatedIndexPage]", "article .markdown", ".post"),
        ".theme-doc-breadcrumbs,.theme-doc-toc-mobile,.theme-edit-this-page,.theme-doc-version-badge,"
        ".theme-doc-version-banner",
    ),
    Profile(
        "vitepress",
        "vitepress",
        ('id="VPContent"',),
        (".VPHome", "main .vp-doc", ".vp-doc", ".VPPage"),
        "div[class*=language-] > span.lang,.VPBadge:empty,.VPHero .actions",
    ),
    Profile(
        "vuepress",
        "vuepress",
        ("theme-default-content",),
        (".theme-default-content", ".content__default", "[vp-content]"),
        ".page-edit,.page-nav,.vp-page-meta",
    ),
    Profile(
        "starlight",
        "starlight",
        ("sl-markdown-content", "<starlight-toc"),
        ("main:has(.hero)", ".sl-markdown-content"),
        ".pagination-links,.expressive-code .copy,.hero .actions,main > .content-panel footer",
        title="h1#_top,.content-panel h1",
    ),
    Profile(
        "nextra",
        "",
        ("nextra-sidebar", "nextra-toc"),
        ("main[data-pagefind-body=true]", "article"),
        ".nextra-toc,.nextra-breadcrumb,.nextra-callout > [class*=select-none],"
        "main > div:last-child:not([class*=cards]):has(> a[title])",
    ),
    Profile("mintlify", "mintlify", ("mintcdn.com",), (".mdx-content", "#content-area"), "#pagination,#feedback"),
    Profile("fumadocs", "", ('id="nd-page"',), ("article#nd-page", "#nd-page article", "#nd-page"), "footer"),
    Profile("fern", "", ('id="fern-docs"', 'class="fern-prose'), (".fern-prose",), title="h1"),
    Profile(
        "gitbook",
        "gitbook",
        (),
        ("main div.contents", "section.markdown-section", "main"),
        "p:has(> time[datetime]),[role=radiogroup],main > header nav",
    ),
    Profile("readme", "", ('name="readme-deploy"',), ("[data-testid=RDMD]", ".rm-Markdown", "article.rm-Article")),
    Profile(
        "rustdoc",
        "rustdoc",
        ('id="rustdoc-vars"',),
        ("#main-content",),
        ".sidebar,.src,.rightside,summary.hideme,.top-doc > summary,.test-arrow,#copy-path,.out-of-band,"
        ".notable-traits-tooltip,.since,.item-info-icon,.rustdoc-breadcrumbs,.example-wrap > .tooltip",
        "rust",
    ),
    Profile(
        "mdbook",
        "mdbook",
        ("<!-- Book generated using mdBook -->", 'id="mdbook-content"'),
        ("#mdbook-content main", "#content main", "main"),
        ".buttons,.nav-wrapper,.nav-wide-wrapper",
    ),
    Profile(
        "javadoc",
        "javadoc/",
        ("<!-- Generated by javadoc", "<!-- Generated by groovydoc", "<!-- NewPage -->"),
        ("main[role=main]", "main", ".contentContainer"),
        ".topNav,.bottomNav,.sub-nav,.subNav,.sub-title,.subTitle,.table-tabs,.toc,#search-input-container,.external-link-icon",
        "java",
        "h1.title,h2.title",
        "body > div.header",
    ),
    Profile(
        "doxygen",
        "doxygen",
        ("<!-- Generated by Doxygen",),
        ("div.contents",),
        ".dyncontent,.dynheader,.ttc,.ingroups,.directory .levels,.directory .icona,.fold,.memtitle",
        title=".header .title,.headertitle .title",
    ),
    Profile(
        "pkg.go.dev",
        "",
        ('class="Documentation-content',),
        (".Documentation-content",),
        "a.Documentation-source,.Documentation-exampleDetailsHeader > a",
        "go",
    ),
    Profile(
        "godoc",
        "",
        ("/lib/godoc/",),
        ("#page > .container", "#page"),
        ".collapsed,#nav,#short-nav dd:has(> a),#manual-nav,#footer",
        "go",
    ),
    Profile(
        "typedoc",
        "",
        ('class="tsd-page-',),
        (".col-content",),
        ".tsd-breadcrumb,.tsd-index-panel,.tsd-anchor-icon,.tsd-sources,.tsd-flag-group",
        "typescript",
        members="section:has(> .tsd-signature),li:has(> .tsd-signature)",
    ),
    Profile(
        "pdoc",
        "",
        ('<main class="pdoc"', 'content="pdoc '),
        ("main.pdoc", "article#content"),
        ".view-source-button,section > .pdoc-code,.classattr > .pdoc-code,details.source",
        "python",
        members="section:has(> .attr),.classattr:has(> .attr)",
    ),
    Profile("pdoc3", "pdoc3", (), ("article#content",), "details.source,.git-link-div", "python"),
    Profile(
        "pydoctor",
        "pydoctor",
        (),
        ("main",),
        "#show-private,#showPrivate,.sourceLink",
        "python",
        members="div:has(> .functionHeader)",
    ),
    Profile("jsdoc", "", ("styles/jsdoc", "<title>JSDoc: ", "clean-jsdoc-theme"), ("#main", "main"), "", "javascript"),
    Profile(
        "compodoc",
        "",
        ("data-compodoc=", "js/compodoc.js"),
        (".content",),
        "ol.breadcrumb",
        "typescript",
        title="ol.breadcrumb li:last-child",
    ),
    Profile(
        "mdn",
        "",
        ('class="main-page-content"', "<mdn-"),
        ("main article", "article.main-page-content", "main"),
        "aside.metadata,.example-header,.article-footer,.Quick_links,#Quick_Links,.baseline-indicator",
    ),
    Profile("antora", "antora", (), ("article.doc",), "nav.pagination,.toolbar,aside.toc", title="article.doc h1.page"),
    Profile("asciidoctor", "asciidoc", (), ("#content",), "#toc", lead="#header"),
    Profile("gtk-doc", "gtk-doc", ("GTK-Doc V",), (_DOCBOOK,), "table.navigation,.navigation,.footer", "c"),
    Profile(
        "docbook",
        "docbook",
        ("DocBook XSL",),
        (_DOCBOOK,),
        ".navheader,.navfooter,table.navigation,.titlepage hr,.spirit-nav,.copyright-footer,.NAVHEADER,.NAVFOOTER,.TOC",
    ),
    Profile(
        "texinfo",
        "makeinfo",
        ("<!-- Created by GNU Texinfo",),
        ("body",),
        ".header,.nav-panel,div.node > p,table.menu,ul.mini-toc,.Contents_element,.shortcontents,.copiable-link,"
        ".copiable-anchor,[class$=-printindex],[class*=-letters-header]",
        title="h1,h2,h3,h4",
    ),
    Profile(
        "scaladoc",
        "",
        ('id="mbrsel"', 'class="fullcommenttop"'),
        ("#content-scroll-container", "body"),
        "#mbrsel,.morelinks,.shortcomment:has(+ .fullcomment),#footer",
        "scala",
        "#definition h1",
        members="li:has(> h4.signature)",
    ),
    Profile(
        "mediawiki",
        "mediawiki",
        (),
        ("#mw-content-text", "#bodyContent"),
        "#siteSub,#contentSub,#jump-to-nav,#toc,.editsection,.mw-editsection,.catlinks,.printfooter,.navbox,.t-navbar",
        title="#firstHeading",
    ),
    Profile(
        "crystal",
        "crystal docs",
        (),
        (".main-content",),
        ".method-permalink",
        "crystal",
        members=".entry-detail",
    ),
    Profile("valadoc", "", ('class="main_code_definition"',), (".site_body",), "", "vala", members=".site_content"),
    Profile(
        "gapdoc",
        "gapdoc2html",
        (),
        ("body",),
        "[class^=chlink],.ChapSects,#mathjaxlink",
        "gap",
        members="div.func",
    ),
    Profile("odoc", "odoc", (), ("body.odoc", "body"), ".odoc-nav,.odoc-toc", "ocaml", members=".odoc-spec"),
    Profile("naturaldocs", "", ("Generated by Natural Docs",), ("#Content",), ".CToolTip", members=".CBody"),
    Profile("ldoc", "", ("ldoc.css", "luadoc.css"), ("#content",), "", "lua"),
    Profile(
        "yard",
        "",
        ('class="nav_wrap"', 'id="method_missing_details"'),
        ("#content",),
        ".showSource,.source_code,#footer,.toggleSource,.summary_toggle",
        "ruby",
    ),
    Profile(
        "rdoc",
        "",
        ("RDoc Documentation", "rdoc.css"),
        ("main",),
        ".method-controls,.method-source-code,.method-click-advice",
        "ruby",
    ),
    Profile(
        "node",
        "",
        ('id="api-section-', 'id="apicontent"'),
        ("#apicontent",),
        ".mark,#toc,.js-flavor-toggle",
        "javascript",
    ),
    Profile("scribble", "", ("scribble-common.js",), ("div.main",), ".navsettop,.navsetbottom,.versionbox"),
    Profile("gi-docgen", "", ("gi-docgen",), ("section#main", "section.content"), ".section-toggle", "c"),
    Profile(
        "haddock",
        "",
        ("haddock-bundle", 'id="module-header"'),
        ("#content",),
        "#table-of-contents,#contents-list,#synopsis",
        "haskell",
        "#module-header > .caption",
    ),
    Profile(
        "apache-httpd",
        "",
        ("manual-loose-100pc.css",),
        ("#page-content",),
        ".top,.toplang,.bottomlang,.lang-toggle,#quickview,#comments_section",
    ),
    Profile("just-the-docs", "", ("just-the-docs",), ("#main-content",), ".anchor-heading,.breadcrumb-nav"),
    Profile(
        "docsy",
        "",
        ('class="td-content',),
        ("div.td-content",),
        ".td-page-meta,.td-heading-self-link,[class*=feedback--],.td-page-meta__lastmod,.text-muted.border-top",
    ),
    Profile("hugo-book", "", ('book-article"',), ("article.book-article",), ".book-footer"),
    Profile(
        "geekdoc",
        "",
        ('class="gdoc-markdown',),
        ("article.gdoc-markdown",),
        ".gdoc-page__anchor,.gdoc-page__footer,.gdoc-props",
    ),
    Profile(
        "qdoc",
        "",
        ('id="qtdocheader"', 'class="content mainContent"'),
        (".mainContent",),
        ".sidebar,.navigationbar",
        "cpp",
    ),
    Profile(
        "sphinx",
        "docutils",
        ("documentation_options.js", "DOCUMENTATION_OPTIONS", "_static/pygments.css"),
        ("div.body[role=main]", "[role=main]", "div.body", "#docs-body"),
        themes=("furo", "pydata", "sphinx-rtd"),
        hints=('class="headerlink"',),
    ),
)
"""The most specific first: themes of Sphinx and MkDocs before those themselves."""

_START_CHARS = 40_000
_LATE = tuple(
    (profile, marker)
    for profile in PROFILES
    if not profile.meta and all(marker.startswith(("id=", "class=")) for marker in profile.markers)
    for marker in profile.markers
)
"""Markers of generators that nothing but the parts of their pages tell, and navigation may push those far down."""

_META = re.compile(r"<meta\b[^>]{0,300}>", re.IGNORECASE)
_META_NAME = re.compile(r"""\bname\s*=\s*["']?generator\b""", re.IGNORECASE)
_META_CONTENT = re.compile(r"""\bcontent\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)


def find_profile(html: str) -> Profile | None:
    """Gives the profile of the generator that made a page, None if it is not known."""
    made_by = declared_generator(html).lower()
    start = html[:_START_CHARS]
    declared = (profile for profile in PROFILES if profile.meta and profile.meta in made_by)
    themed = (profile for profile in PROFILES if profile.themes for marker in profile.markers if marker in start)
    # What a page says of itself is enough, unless there are themes, which only their markers tell.
    named = next(declared, None) or next(themed, None)
    tried = PROFILES if named is None else [profile for profile in PROFILES if profile.name in named.themes]
    marked = (profile for profile in tried for marker in profile.markers if marker in start)
    hinted = (profile for profile in tried if not made_by for hint in profile.hints if hint in start)
    return next(marked, None) or next(hinted, named) or (_find_late(html) if len(html) > _START_CHARS else None)


def _find_late(html: str) -> Profile | None:
    """Gives the profile whose part of the page is beyond its start, so that pages of one site are read alike."""
    return next((profile for profile, marker in _LATE if html.find(marker, _START_CHARS) >= 0), None)


def declared_generator(html: str) -> str:
    """Gives the contents of <meta name="generator">, an empty text if there is none."""
    head = html[: html.find("<body") if "<body" in html else _START_CHARS]
    contents = [_META_CONTENT.search(meta[0]) for meta in _META.finditer(head) if _META_NAME.search(meta[0])]
    return "; ".join(next(filter(None, content.groups()), "") for content in contents if content)
