"""OpenAPI and Swagger documents to blocks: an overview, a signature per operation, one per named schema."""

from indexer.extract.openapi.pages import extract_openapi

__all__ = ["extract_openapi"]
