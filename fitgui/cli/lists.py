"""Options that take several values (``--points A B``), or perhaps one (``--check``, ``--check 5``)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import click

from fitgui.cli.asked import CHECKED_POINTS


class ListCommand(click.Command):
    """A command whose ``--points`` goes on until the next option, and whose ``--check`` may stand alone."""

    lists: Collection[str] = ("--points",)
    numbers: Mapping[str, str] = {"--check": str(CHECKED_POINTS)}
    """Options whose number may be left out, and what it is then."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Write each further value with its option in front, then parse as usual."""
        taking = {
            name
            for parameter in self.params
            if isinstance(parameter, click.Option) and not parameter.is_flag
            for name in parameter.opts
        }
        return super().parse_args(ctx, spread(complete(args, self.numbers), self.lists, taking))


def complete(arguments: Sequence[str], numbers: Mapping[str, str]) -> list[str]:
    """``--check PALLET`` becomes ``--check 3 PALLET``: what is no number is not meant as one."""
    out: list[str] = []
    words = list(arguments)
    for place, word in enumerate(words):
        if word == "--":
            return out + words[place:]
        out.append(word)
        if word in numbers and not (words[place + 1 : place + 2] and words[place + 1].lstrip("+-").isdigit()):
            out.append(numbers[word])
    return out


def spread(arguments: Sequence[str], lists: Collection[str], taking: Collection[str]) -> list[str]:
    """``--points A B`` becomes ``--points A --points B``.

    A command has one argument that is no option, and it may stand behind the list
    (``--points A PALLET``): where it stands nowhere else, it is the last word of the last list.

    Args:
        arguments: as typed.
        lists: options that take all words up to the next option.
        taking: all options that take a value.
    """
    out: list[str] = []
    further: list[int] = []
    has_argument = False
    words = list(arguments)
    while words:
        word = words.pop(0)
        out.append(word)
        if word == "--":
            has_argument = has_argument or bool(words)
            out += words
            break
        if word in taking:
            out += words[:1]
            del words[:1]
            while word in lists and words and not words[0].startswith("-"):
                further.append(len(out))
                out += [word, words.pop(0)]
        elif not word.startswith("-") or word == "-":
            has_argument = True
    if further and not has_argument:
        del out[further[-1]]
    return out
