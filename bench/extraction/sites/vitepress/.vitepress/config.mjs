import footnote from "markdown-it-footnote";

export default {
  title: "Halyard",
  description: "Tasks somewhere else, some other time.",
  ignoreDeadLinks: true,
  lastUpdated: false,
  sitemap: { hostname: "https://halyard.example" },
  locales: { root: { label: "English", lang: "en" }, de: { label: "Deutsch", lang: "de" } },
  markdown: { math: true, config: (md) => md.use(footnote) },
  themeConfig: {
    search: { provider: "local" },
    editLink: { pattern: "https://git.example/halyard/edit/main/:path" },
    nav: [{ text: "Guide", link: "/guide/install" }],
    sidebar: [
      { text: "Guide", items: [{ text: "Install", link: "/guide/install" }, { text: "Quick start", link: "/guide/quickstart" }] },
      { text: "Reference", items: [{ text: "Client", link: "/reference/client" }, { text: "Types", link: "/reference/types" }] },
    ],
  },
};
