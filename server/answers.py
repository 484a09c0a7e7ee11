"""What the edge asks of the index: one interface for the MCP tools, the HTTP API and the Context7-compatible API."""

from typing import Protocol
from uuid import UUID

from indexer.answers import DocsAnswer, Resolution


class Answers(Protocol):
    """The index, seen from the edge."""

    async def resolve(self, query: str, library_name: str, *, viewer: UUID | None = None) -> Resolution:
        """Gives the libraries a name may mean, best first.

        Args:
            query: What the caller wants to do; decides between libraries of similar names.
            library_name: The name of a library or package.
            viewer: The user who asks; private libraries are there for their owner alone.
        """
        ...

    async def query_docs(
        self, library_id: str, query: str, tokens: int | None, page: int = 1, *, viewer: UUID | None = None
    ) -> DocsAnswer:
        """Gives the passages of a library that answer a question.

        Args:
            library_id: `/org/project`, `/org/project/version` or `/org/project@version`.
            query: The question.
            tokens: The most tokens to return; None for the default. More than is allowed is cut to what is.
            page: Which page of the answer, from 1; each goes on where the one before ended.
            viewer: The user who asks; private libraries are there for their owner alone.

        Raises:
            InvalidLibraryId: The text has another form.
            LibraryNotFound: No library has this id.
            VersionNotFound: The library has no such version.
            NotFound: There is nothing on the question, or no such page.
        """
        ...
