"""The text of a script that reproduces a point with pyhf; what differs from point to point is filled in."""

from __future__ import annotations

HEAD = '''\
#!/usr/bin/env python3
"""$title

$about

Needs: pip install "pyhf$minuit_extra==$pyhf" jsonpatch
Use:   python $file_name [PALLET]
"""

import bz2
import gzip
import hashlib
import io
import json
import lzma
import sys
import tarfile
import urllib.request
import zipfile
from pathlib import Path

import jsonpatch
import pyhf

# Where the likelihood is: a folder, an archive or a JSON file. The command line may name another place.
PALLET = $pallet
PALLET_DOI = $doi  # fetched where nothing lies at PALLET; empty where it is not known
PALLET_SHA256 = $pallet_sha256  # of the file; empty for a folder

# What is taken from it. Digests are those of pyhf.utils.digest: names of files do not matter.
WORKSPACE_SHA256 = $workspace_sha256
PATCH_NAME = $patch_name
PATCH_SHA256 = $patch_sha256

# How it was fitted.
MEASUREMENT = $measurement
MODIFIER_SETTINGS = {
    "normsys": {"interpcode": $normsys},
    "histosys": {"interpcode": $histosys},
}
MU = $mu  # the signal strength that is tested
TEST_STATISTIC = $test_statistic
TENSORS, OPTIMIZER = $tensors, $optimizer

# $result_words
OBSERVED = $observed
EXPECTED = $expected  # at -2, -1, 0, +1, +2 sigma
'''

STARTS = """
# pyhf's minimiser may stop above the minimum, without a word, when it starts from the nominal values. So each
# fit starts from the lowest of these minima, found by fitgui's engine newton with exact derivatives: the fit
# with mu = 0, with mu = MU, with mu free, and with mu = MU to the Asimov data. pyhf evaluates the likelihood
# and minimises on from there. With USE_STARTS = False you see what pyhf finds by itself.
USE_STARTS = True
STARTS = {
$starts
}
"""

UNPACK = '''

def unpacked(text):
    """A document that is written down in this script."""
    import base64
    import zlib

    return json.loads(zlib.decompress(base64.b85decode(text)))
'''

EMBEDDED = """
# This document does not stand in the pallet as it is, so fitgui wrote it down here (zlib, base85).
$name = $text
"""

BODY = '''

def documents(name, data):
    """Every JSON document in a file, also of archives inside archives."""
    stream = io.BytesIO(data)
    for head, packed in ((b"\\x1f\\x8b", gzip), (b"BZh", bz2), (b"\\xfd7zXZ", lzma)):
        if data.startswith(head):
            yield from documents(name, packed.decompress(data))
            return
    if data.startswith(b"PK"):
        with zipfile.ZipFile(stream) as archive:
            for member in archive.namelist():
                yield from documents(member, archive.read(member))
    elif data.lstrip()[:1] in (b"{", b"["):
        try:
            yield json.loads(data)
        except ValueError:
            print(f"left out {name}: it is not JSON")
    else:
        try:
            with tarfile.open(fileobj=stream, mode="r:") as archive:
                for member in archive:
                    if member.isfile():
                        yield from documents(member.name, archive.extractfile(member).read())
        except tarfile.ReadError:
            pass  # a README, or another file that is no archive


def read_pallet():
    """The documents of the pallet, from this machine or from HEPData."""
    named = sys.argv[1] if len(sys.argv) > 1 else PALLET
    place = Path(named or "(no path is known)")
    if place.is_dir():
        for path in sorted(path for path in place.rglob("*") if path.is_file()):
            yield from documents(path.name, path.read_bytes())
        return
    if place.is_file():
        data = place.read_bytes()
    elif PALLET_DOI:
        print(f"nothing lies at {place}: fetching https://doi.org/{PALLET_DOI}")
        wanted = {"Accept": "application/x-tar, application/zip"}  # else HEPData answers with a web page
        request = urllib.request.Request(f"https://doi.org/{PALLET_DOI}", headers=wanted)
        with urllib.request.urlopen(request, timeout=60) as answer:
            data = answer.read()
    else:
        sys.exit(f"There is nothing at {place}: name the pallet on the command line.")
    if PALLET_SHA256 and hashlib.sha256(data).hexdigest() != PALLET_SHA256:
        print("this is not the very file that was fitted; its documents are compared below")
    yield from documents(place.name, data)


def parts(document):
    """The workspaces and patches in a document, each with its name."""
    if isinstance(document, dict) and "channels" in document and "observations" in document:
        yield "workspace", "", document
    elif isinstance(document, dict) and "patches" in document:
        for patch in document["patches"]:
            yield "patch", (patch.get("metadata") or {}).get("name"), patch["patch"]
    elif isinstance(document, dict) and "patch" in document:
        yield "patch", (document.get("metadata") or {}).get("name"), document["patch"]
    elif isinstance(document, list) and document and all(isinstance(i, dict) and "op" in i for i in document):
        yield "patch", None, document
    elif isinstance(document, (dict, list)):
        for part in document.values() if isinstance(document, dict) else document:
            yield from parts(part)


def find():
    """The background-only workspace and the patch that adds the signal, by their digests."""
    workspace, patch = $embedded
    others = []  # patches of another name, looked at only if none of this name is the right one
    for document in read_pallet():
        for kind, name, part in parts(document):
            if kind == "workspace" and workspace is None and pyhf.utils.digest(part) == WORKSPACE_SHA256:
                workspace = part
            elif kind == "patch" and patch is None:
                if name not in (PATCH_NAME, None):
                    others.append(part)
                elif pyhf.utils.digest(part) == PATCH_SHA256:
                    patch = part
    if patch is None:
        patch = next((part for part in others if pyhf.utils.digest(part) == PATCH_SHA256), None)
    if workspace is None or patch is None:
        missing = "workspace" if workspace is None else "patch"
        sys.exit(f"The pallet does not hold the {missing} of this point.")
    return workspace, patch

'''

OPTIMISER = '''
def starting_optimizer():
    """pyhf's own minimiser, which begins each fit at the lowest of the known minima."""

    class StartingOptimizer(getattr(pyhf.optimize, f"{OPTIMIZER}_optimizer")):
        def minimize(self, objective, data, pdf, init_pars, par_bounds, fixed_vals=None, **options):
            starts = [list(init_pars)]
            for number in range(4):
                start = [STARTS[name][number] for name in pdf.config.par_names]
                for index, value in fixed_vals or []:
                    start[index] = value
                starts.append([min(max(x, low), high) for x, (low, high) in zip(start, par_bounds)])
            tensor = pyhf.tensorlib.astensor
            heights = [float(objective(tensor(start), tensor(data), pdf)[0]) for start in starts]
            lowest = heights.index(min(heights))
            print(f"  a fit starts at 2NLL = {heights[lowest]:.4f}, rather than at {heights[0]:.4f}")
            return super().minimize(objective, data, pdf, starts[lowest], par_bounds, fixed_vals, **options)

    return StartingOptimizer()

'''

MAIN = """
workspace, patch = find()
workspace = pyhf.Workspace(jsonpatch.apply_patch(workspace, patch))
model = workspace.model(measurement_name=MEASUREMENT, modifier_settings=MODIFIER_SETTINGS)
data = workspace.data(model)
print(f"{PATCH_NAME}: {len(model.config.channels)} channels, {model.config.npars} parameters")

pyhf.set_backend(TENSORS, custom_optimizer=$custom_optimizer)
observed, expected = pyhf.infer.hypotest(
    MU, pyhf.tensorlib.astensor(data), model, test_stat=TEST_STATISTIC, return_expected_set=True
)

print(f"CLs at mu = {MU:<9g}         pyhf       fitgui    difference")
rows = ["observed", *(f"expected at {sigmas:+d} sigma" for sigmas in range(-2, 3))]
for row, ours, theirs in zip(rows, [observed, *expected], [OBSERVED, *EXPECTED]):
    print(f"{row:20}  {float(ours):11.6g}  {theirs:11.6g}  {float(ours) - theirs:+12.2e}")
"""
