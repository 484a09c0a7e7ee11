"""The schemas of both planes as numbered SQL files, and the runner that applies them."""
