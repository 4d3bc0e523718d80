"""The article's ten claims, each compared with the record."""

from chipexports.article.claims import check_claims

__all__ = ["check_claims"]
