import starlight from "@astrojs/starlight";
import { defineConfig, passthroughImageService } from "astro/config";

export default defineConfig({
  site: "https://halyard.example",
  image: { service: passthroughImageService() },
  integrations: [
    starlight({
      title: "Halyard",
      editLink: { baseUrl: "https://git.example/halyard/edit/main/" },
      locales: { root: { label: "English", lang: "en" }, de: { label: "Deutsch", lang: "de" } },
      sidebar: [
        { label: "Guide", autogenerate: { directory: "guide" } },
        { label: "Reference", autogenerate: { directory: "reference" } },
      ],
    }),
  ],
});
