import { useMDXComponents as fromTheme } from "nextra-theme-docs";

export const useMDXComponents = (components) => ({ ...fromTheme(), ...components });
