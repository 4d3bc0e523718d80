"""The sections of the report, one module each: tables of a run in, blocks out."""
