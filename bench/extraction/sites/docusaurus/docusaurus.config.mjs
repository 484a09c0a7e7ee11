import npm2yarn from "@docusaurus/remark-plugin-npm2yarn";
import rehypeKatex from "rehype-katex";
import remarkMath from "remark-math";

export default {
  title: "Halyard",
  url: "https://halyard.example",
  baseUrl: "/",
  onBrokenLinks: "warn",
  i18n: { defaultLocale: "en", locales: ["en", "de"] },
  markdown: { mermaid: true },
  themes: ["@docusaurus/theme-mermaid"],
  presets: [
    [
      "classic",
      {
        docs: {
          routeBasePath: "/",
          sidebarPath: "./sidebars.mjs",
          editUrl: "https://git.example/halyard/edit/main/",
          showLastUpdateTime: false,
          remarkPlugins: [remarkMath, [npm2yarn, { sync: true }]],
          rehypePlugins: [rehypeKatex],
        },
        blog: false,
      },
    ],
  ],
  themeConfig: {
    navbar: { title: "Halyard", items: [{ type: "docsVersionDropdown" }, { type: "localeDropdown" }] },
    footer: { copyright: "Made up for a benchmark." },
    prism: { additionalLanguages: ["bash", "toml", "powershell", "ini", "http", "php", "java", "csharp", "ruby", "lua", "elixir", "docker", "diff"] },
  },
};
