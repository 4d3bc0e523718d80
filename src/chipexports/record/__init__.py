"""The record: figures as published, read and cut at a day."""
