"""``fitgui gui``: the window."""

from __future__ import annotations

import click

from fitgui.cli.main import PALLET_HELP, open_window


@click.command(
    help=f"""Open the window, with PALLET if one is given.

    {PALLET_HELP}"""
)
@click.argument("pallet", required=False)
@click.option("--run", is_flag=True, help="Start fitting at once.")
@click.option("--self-test", is_flag=True, help="Open the window off screen, draw it once and close it.")
@click.pass_context
def command(context: click.Context, pallet: str | None, run: bool, self_test: bool) -> None:
    """Open the window."""
    context.exit(open_window(context, pallet, run=run, self_test=self_test))
