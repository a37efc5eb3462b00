"""What a report asks its reader to cite: the likelihood, the software, the formulae, published wall times."""

from __future__ import annotations

from fitgui import __version__
from fitgui.pallets.library.citation import bibtex
from fitgui.pallets.published import Entry
from fitgui.runs.published_times import Citation
from fitgui.takeaway.provenance import Provenance

_FORMULAE = """@article{Cowan:2010js,
    author = "Cowan, Glen and Cranmer, Kyle and Gross, Eilam and Vitells, Ofer",
    title = "{Asymptotic formulae for likelihood-based tests of new physics}",
    eprint = "1007.1727",
    archivePrefix = "arXiv",
    doi = "10.1140/epjc/s10052-011-1554-0",
    journal = "Eur. Phys. J. C",
    volume = "71",
    pages = "1554",
    year = "2011"
}"""
_CLS = """@article{Read:2002hq,
    author = "Read, Alexander L.",
    title = "{Presentation of search results: the CLs technique}",
    doi = "10.1088/0954-3899/28/10/313",
    journal = "J. Phys. G",
    volume = "28",
    pages = "2693--2704",
    year = "2002"
}"""
_PYHF = """@software{pyhf,
    author = "Lukas Heinrich and Matthew Feickert and Giordon Stark",
    title = "{pyhf}",
    doi = "10.5281/zenodo.1169739",
    url = "https://doi.org/10.5281/zenodo.1169739"
}

@article{pyhf_joss,
    author = "Lukas Heinrich and Matthew Feickert and Giordon Stark and Kyle Cranmer",
    title = "{pyhf: pure-Python implementation of HistFactory statistical models}",
    doi = "10.21105/joss.02823",
    journal = "Journal of Open Source Software",
    volume = "6",
    number = "58",
    pages = "2823",
    year = "2021"
}"""


def citations(origin: Provenance, times: Citation | None, background: Entry | None = None) -> str:
    """BibTeX of all that the run rests on.

    Args:
        origin: of the pallet.
        times: where the wall times are from that the report compares with, if it does.
        background: the likelihood to whose workspace the user added signals of his own, if he did.
    """
    found = []
    if background is not None:
        found.append(bibtex(background, None))
    elif origin.entry is not None:
        file = next((file for file in origin.entry.files if file.doi and file.doi == origin.doi), None)
        found.append(bibtex(origin.entry, file))
    found += [_PYHF, _fitgui(), _FORMULAE, _CLS]
    if times is not None:
        found.append(_times(times))
    return "\n\n".join(text for text in found if text)


def _fitgui() -> str:
    return f"""@software{{fitgui,
    title = "{{fitgui}}",
    version = "{__version__}",
    note = "Fits of published likelihoods"
}}"""


def _times(times: Citation) -> str:
    authors = " and ".join(f"{last}, {first}" for first, last in times.authors)
    return f"""@article{{arXiv:{times.arxiv},
    author = "{authors}",
    title = "{{{times.title}}}",
    eprint = "{times.arxiv}",
    archivePrefix = "arXiv",
    doi = "{times.doi}",
    journal = "{times.journal}",
    volume = "{times.volume}",
    pages = "{times.pages}",
    year = "{times.year}"
}}"""
