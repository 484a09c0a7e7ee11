import { Layout, Navbar } from "nextra-theme-docs";
import { Head } from "nextra/components";
import { getPageMap } from "nextra/page-map";

export const metadata = { title: "Halyard" };

export default async function Root({ children }) {
  return (
    <html lang="en" dir="ltr">
      <Head />
      <body>
        <Layout
          navbar={<Navbar logo={<b>Halyard</b>} />}
          pageMap={await getPageMap()}
          docsRepositoryBase="https://git.example/halyard/edit/main"
          footer={<p>Made up for a benchmark.</p>}
        >
          {children}
        </Layout>
      </body>
    </html>
  );
}
