"""Options that take several values: ``--points A B`` as well as ``--points A --points B``."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import click


class ListCommand(click.Command):
    """A command whose ``--points`` goes on until the next option."""

    lists: Collection[str] = ("--points",)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Write each further value with its option in front, then parse as usual."""
        taking = {
            name
            for parameter in self.params
            if isinstance(parameter, click.Option) and not parameter.is_flag
            for name in parameter.opts
        }
        return super().parse_args(ctx, spread(args, self.lists, taking))


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
