"""The command line: one click group whose commands are imported only when they are called."""

from __future__ import annotations

import difflib
from importlib import import_module

import click

# name: ("module:attribute", the line that --help shows)
COMMANDS = {
    "run": ("chipexports.run.command:run", "Execute the notebooks on a parameter set and print the answer."),
    "init": ("chipexports.run.command:init", "Write a parameter set for a file with a series of your own."),
    "params": ("chipexports.run.command:params", "List every parameter: type, default, unit, meaning."),
    "status": ("chipexports.run.command:status", "Say what of a run is fresh, stale or failed, and why."),
    "verify": ("chipexports.run.command:verify", "Recompute a run's hashes and compare with its manifest."),
    "sweep": ("chipexports.run.command:sweep", "Forecast many parameter sets in parallel processes."),
    "add": ("chipexports.collect.command:add", "Add a page of the customs to the record."),
    "fetch": ("chipexports.collect.command:fetch", "Fetch what was published since (needs the network)."),
    "report": ("chipexports.report.command:report", "Write the report of a run."),
    "archive": ("chipexports.run.command:archive", "Keep a run's forecast, or score those kept."),
    "release": ("chipexports.run.command:release", "Pack a run into one archive, or verify one."),
    "compare": ("chipexports.report.command:compare", "Compare two runs."),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command; None when there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name][0].split(":")
        return getattr(import_module(module), attribute)

    def resolve_command(self, ctx, args):
        """Name the nearest command when the one asked for does not exist."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(COMMANDS)}"
            raise click.UsageError(f"no command {args[0]!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """China's integrated-circuit exports: the full year from the months published so far."""
