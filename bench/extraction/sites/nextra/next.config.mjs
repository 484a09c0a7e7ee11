import nextra from "nextra";

export default nextra({ latex: true, search: false })({
  output: "export",
  images: { unoptimized: true },
  eslint: { ignoreDuringBuilds: true },
});
