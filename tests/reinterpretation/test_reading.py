"""Files are recognised by their content, folders are scans, and what cannot be read is said in a sentence."""

from __future__ import annotations

import io
import json
import os
import random
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from fitgui.pallets import Analysis
from fitgui.reinterpretation import reading
from fitgui.reinterpretation.formats.tools import pyhf_patch
from fitgui.reinterpretation.looking_over.sanity import check_file
from fitgui.reinterpretation.model import Quantity, SignalError
from fitgui.reinterpretation.reading import TOOLS, read_signals, recognise
from fitgui.reinterpretation.target.published import signal_of_point
from tests.reinterpretation import tool_writers
from tests.reinterpretation.targets import STAU, THREE_LEPTONS, example_target, real_target
from tests.reinterpretation.test_formats_tools import EVENTS, NAMES, NORM, SIGNAL


def outputs() -> dict[str, str]:
    """A file of each tool."""
    return {
        "simpleanalysis": tool_writers.simpleanalysis(SIGNAL, NAMES, NORM),
        "checkmate": tool_writers.checkmate({"atlas_1908_08215": (SIGNAL, NAMES)}),
        "madanalysis": tool_writers.madanalysis([SIGNAL], NAMES, NORM),
        "smodels": tool_writers.smodels_output(SIGNAL, NAMES, NORM),
        "pyhf": tool_writers.patch_set(example_target().analysis.points[:2]),
        "json": json.dumps({"SR": [1.0, 2.0, 3.0]}),
        "csv": "region,yield\nSRa,12.5\nSRb,3\n",
    }


class TestRecognising:
    @pytest.mark.parametrize("tool", TOOLS)
    @pytest.mark.parametrize("name", ["yields.txt", "yields.json", "total_results.txt", "x"])
    def test_by_content_and_not_by_name(self, tool: str, name: str) -> None:
        assert recognise(name, outputs()[tool]) == tool
        assert recognise(name, outputs()[tool].encode()) == tool
        (imported, *_) = read_signals((name, outputs()[tool].encode()), target=example_target())
        assert imported.tool == tool
        assert imported.points

    @pytest.mark.parametrize("tool", TOOLS)
    def test_the_tool_may_be_said(self, tool: str) -> None:
        (imported, *_) = read_signals(("x", outputs()[tool]), tool=tool, target=example_target())
        assert imported.tool == tool

    def test_another_tool_than_was_said(self) -> None:
        with pytest.raises(SignalError, match="looks like CheckMATE"):
            read_signals(("x.txt", outputs()["checkmate"]), tool="simpleanalysis")

    def test_a_tool_that_nobody_knows(self) -> None:
        with pytest.raises(SignalError, match=r"no format called root: take one of simpleanalysis, .*csv"):
            read_signals(("x.txt", "1"), tool="root")

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_encodings(self, encoding: str) -> None:
        data = outputs()["simpleanalysis"].encode(encoding)
        (imported,) = read_signals(("Ewk.txt", data))
        assert imported.regions == tuple(EVENTS)
        assert not imported.notes

    def test_an_old_encoding_is_said(self) -> None:
        data = ("# für später ±\n" + outputs()["simpleanalysis"]).encode("cp1252")
        (imported,) = read_signals(("Ewk.txt", data))
        assert imported.regions == tuple(EVENTS)
        assert any("Windows-1252" in note for note in imported.notes)

    def test_from_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "Ewk.txt"
        path.write_text(outputs()["simpleanalysis"])
        (imported,) = read_signals(path)
        assert (imported.source, imported.points[0].name) == ("Ewk.txt", "Ewk")


def packed(kind: str) -> bytes:
    buffer = io.BytesIO()
    if kind == "tar":
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            tar.addfile(tarfile.TarInfo("a.txt"))
    else:
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("xl/workbook.xml" if kind == "xlsx" else "a.txt", "x")
            if kind == "ods":
                archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    return buffer.getvalue()


def test_the_name_of_a_file_may_tell_the_analysis() -> None:
    (imported,) = read_signals(("ATLAS-SUSY-2019-08_yields.csv", outputs()["csv"]))
    assert imported.analysis == "SUSY-2019-08"
    (imported,) = read_signals(("stau_1205_10000.csv", outputs()["csv"]))
    assert not imported.analysis


@pytest.mark.parametrize(
    ("name", "words", "code"),
    [
        ("x.csv", "# ATLAS-SUSY-2019-08 yields", "other-analysis"),
        ("x.csv", "# see arXiv:1909.09226", "other-analysis"),
        ("SUSY-2019-08.csv", "# mine", "other-analysis"),
        ("x.csv", "# yields at 36.1/fb", "luminosity"),
    ],
)
def test_words_that_are_not_about_this_analysis(real_pallets: Path, name: str, words: str, code: str) -> None:
    target = real_target(real_pallets, STAU, "Region-combined")
    text = f"{words}\nregion,yield\nSR1cut_cuts,3\nSR2cut_cuts,4\n"
    (imported,) = read_signals((name, text), target=target)
    assert [(each.severe, each.code) for each in check_file(target, imported)] == [(True, code)]
    (fitting,) = read_signals(("x.csv", text.replace(words, "# SUSY-2018-04, 139 fb-1")), target=target)
    assert not check_file(target, fitting)


class TestOtherFiles:
    @pytest.mark.parametrize(
        ("name", "data", "said"),
        [
            ("Ewk.root", b"root\0\0\xf6\x2e" + bytes(99), "is a ROOT file: SimpleAnalysis writes the same"),
            ("yields.xlsx", packed("xlsx"), "save the sheet as CSV, or copy its cells"),
            ("yields.ods", packed("ods"), "save the sheet as CSV, or copy its cells"),
            ("scan.zip", packed("zip"), "is packed: unpack it"),
            ("scan.tar", packed("tar"), "is packed: unpack it"),
            ("events.txt", b"<LesHouchesEvents version='3.0'>\n", "holds simulated events"),
            ("point.txt", b"# SPheno\nBLOCK MODSEL\n 1 0\n", "is a spectrum"),
            ("x.txt", b"<!DOCTYPE html><html>", "is a web page"),
            (
                "m.json",
                b'{"kind": "fitgui region map", "tool": "checkmate"}',
                "choose it where regions are mapped",
            ),
            (
                "globalInfo.txt",
                b"id: ATLAS-SUSY-2018-04\nlumi: 139/fb\njsonFiles: {'a.json': ['SRlow']}\n",
                "choose it where regions are mapped",
            ),
            (
                "atlas.info",
                b'<analysis id="atlas">\n<lumi>139</lumi>\n<region type="signal" id="SRA">\n',
                "choose it where regions are mapped",
            ),
            ("x.txt", bytes(range(256)) * 4, "holds no yields that fitgui can read"),
            ("x.txt", b"Dear diary,\nnothing today.\n", "it reads tables (CSV, JSON"),
            ("x.txt", b" \n", "is empty"),
            ("x.json", b'{"a": ' + b"[" * 100_000, "x.json"),
            ("x.json", b"[" * 100_000, "x.json"),
            ("x.json", b'[{"op": "add", "path": "' + b"x" * 50, "x.json"),
        ],
    )
    def test_what_they_are_is_said(self, name: str, data: bytes, said: str) -> None:
        with pytest.raises(SignalError) as caught:
            read_signals((name, data), target=example_target())
        assert str(caught.value).startswith(name)
        assert said in str(caught.value)

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(SignalError, match=r"nowhere\.txt cannot be read: No such file"):
            read_signals(tmp_path / "nowhere.txt")

    def test_a_file_that_is_too_large(self, tmp_path: Path) -> None:
        path = tmp_path / "x.txt"
        path.touch()
        os.truncate(path, reading.LARGEST + 1)
        with pytest.raises(SignalError, match="no file with yields has more than"):
            read_signals(path)

    def test_an_endless_line(self) -> None:
        with pytest.raises(SignalError):
            read_signals(("x.txt", b"SR,events,acceptance,err\n" + b"1" * 1_000_000))


class TestPatches:
    def analysis(self) -> Analysis:
        return example_target().analysis

    def test_a_patch_set_is_a_scan(self) -> None:
        target, points = example_target(), self.analysis().points
        text = tool_writers.patch_set(points, self.analysis().digest, self.analysis().labels)
        (imported,) = read_signals(("patchset.json", text), target=target)
        assert imported.labels == self.analysis().labels
        assert [point.name for point in imported.points] == [point.name for point in points]
        assert [point.values for point in imported.points] == [point.values for point in points]
        signal = signal_of_point(target, points[3])
        by_name = {region.region: region for region in imported.points[3].regions}
        for place in target.bins():
            region = by_name[target.text(place)]
            assert region.value == signal.yields[place.channel][place.bin]
            if place.channel in signal.statistical:
                assert region.statistical == signal.statistical[place.channel][place.bin]
        assert json.loads(imported.points[3].patch or b"") == json.loads(points[3].operations)

    def test_one_patch_is_called_after_its_file(self) -> None:
        point = self.analysis().points[0]
        (imported,) = read_signals(("patch.C1N2_1.json", point.operations), target=example_target())
        assert [each.name for each in imported.points] == ["patch.C1N2_1"]
        assert imported.points[0].quantity is Quantity.EVENTS

    def test_without_its_workspace_a_patch_says_nothing(self) -> None:
        with pytest.raises(SignalError, match=r"open the analysis that it was made for first"):
            read_signals(("p.json", self.analysis().points[0].operations))

    def test_another_digest(self) -> None:
        text = tool_writers.patch_set(self.analysis().points[:1], "0" * 64)
        with pytest.raises(SignalError, match=r"was made for another workspace .* names the digest 00000000"):
            read_signals(("p.json", text), target=example_target())

    def test_a_channel_that_is_not_there(self) -> None:
        operations = [{"op": "add", "path": "/channels/17/samples/0", "value": {}}]
        with pytest.raises(SignalError, match=r"does not fit to analysis .* another workspace"):
            read_signals(("p.json", json.dumps(operations)), target=example_target())

    def test_patches_that_do_not_fit_are_left_out_and_said(self) -> None:
        bad = replace(
            self.analysis().points[0],
            name="bad",
            operations=b'[{"op": "add", "path": "/channels/17/samples/0", "value": {}}]',
        )
        text = tool_writers.patch_set([bad, *self.analysis().points[:2]])
        (imported,) = read_signals(("p.json", text), target=example_target())
        assert len(imported.points) == 2
        assert any("1 patches do not fit and were left out (bad)" in note for note in imported.notes)

    def test_a_whole_workspace(self) -> None:
        with pytest.raises(SignalError, match="is a whole workspace, not a signal"):
            read_signals(("ws.json", self.analysis().workspace_json), target=example_target())

    def test_of_another_published_analysis(self, real_pallets: Path) -> None:
        other = real_target(real_pallets, THREE_LEPTONS, "BkgOnly")
        with pytest.raises(SignalError):
            read_signals(("p.json", self.analysis().points[0].operations), target=other)

    def test_regions_are_called_as_bins_are(self) -> None:
        target = example_target()
        signal = signal_of_point(target, self.analysis().points[0])
        names = {region.region for region in pyhf_patch.regions_of(target, signal)}
        assert names == {target.text(place) for place in target.bins()}


MASSES = [(300, 100), (400, 100), (400, 200)]


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


class TestFolders:
    def check(self, folder: Path, names: list[str] | None = None) -> None:
        (imported,) = read_signals(folder)
        assert [point.name for point in imported.points] == (names or [f"C1N2_{a}_{b}" for a, b in MASSES])
        assert [tuple(point.values.values()) for point in imported.points] == MASSES
        assert imported.labels == ("x1", "x2")
        assert imported.source == folder.name

    def test_a_file_for_each_point(self, tmp_path: Path) -> None:
        for first, second in random.Random(1).sample(MASSES, 3):
            write(tmp_path / f"C1N2_{first}_{second}.txt", outputs()["simpleanalysis"])
        self.check(tmp_path)

    def test_different_luminosities_are_not_mixed(self, tmp_path: Path) -> None:
        for name, luminosity in (("a_1_1", "36.1 fb-1"), ("a_2_1", "139 fb-1")):
            write(tmp_path / f"{name}.csv", f"# luminosity: {luminosity}\n{outputs()['csv']}")
        with pytest.raises(SignalError, match=r"a_1_1.csv is for 36.1 fb⁻¹, and a_2_1.csv for 139 fb⁻¹: put"):
            read_signals(tmp_path)

    def test_a_luminosity_that_some_files_tell(self, tmp_path: Path) -> None:
        write(tmp_path / "a_1_1.csv", f"# luminosity: 36.1 fb-1\n{outputs()['csv']}")
        write(tmp_path / "a_2_1.csv", outputs()["csv"])
        (imported,) = read_signals(tmp_path)
        assert imported.luminosity_fb == 36.1
        assert any("1 of 2 outputs do not say for which luminosity" in note for note in imported.notes)

    def test_what_is_doubted_about_the_outputs(self, tmp_path: Path) -> None:
        target = example_target()
        operations = json.loads(target.analysis.points[0].operations)
        for operation in operations:
            operation["value"]["modifiers"] = [
                each for each in operation["value"]["modifiers"] if each["type"] in ("normfactor", "lumi")
            ]
        for name in ("a_1_1", "a_2_1", "a_3_1"):
            write(tmp_path / f"{name}.json", json.dumps(operations))
        (finding,) = read_signals(tmp_path, target=target)[0].findings
        assert finding.severe
        assert finding.sentence.endswith("(and 2 more outputs like it)")

    def test_a_folder_for_each_point(self, tmp_path: Path) -> None:
        for first, second in MASSES:
            place = tmp_path / "runs" / f"C1N2_{first}_{second}"
            write(place / "Ewk2018.txt", outputs()["simpleanalysis"])
            write(place / "run.log", "SR,events,acceptance,err\n")
            write(place / "._Ewk2018.txt", "noise")
        self.check(tmp_path)
        assert read_signals(tmp_path)[0].analysis == "Ewk2018"

    def test_several_analyses_for_each_point(self, tmp_path: Path) -> None:
        for first, second in MASSES:
            for analysis in ("Ewk2018", "Stop2018"):
                write(tmp_path / f"C1N2_{first}_{second}" / f"{analysis}.txt", outputs()["simpleanalysis"])
        both = read_signals(tmp_path)
        assert [(each.analysis, len(each.points)) for each in both] == [("Ewk2018", 3), ("Stop2018", 3)]

    def test_several_analyses_of_one_point(self, tmp_path: Path) -> None:
        for analysis in ("Ewk2018", "Stop2018"):
            text = outputs()["simpleanalysis"].replace("SRa", f"SR{analysis}")
            write(tmp_path / "C1N2_300_100" / f"{analysis}.txt", text)
        both = read_signals(tmp_path / "C1N2_300_100")
        assert [each.analysis for each in both] == ["Ewk2018", "Stop2018"]
        assert {each.points[0].name for each in both} == {"C1N2_300_100"}

    def test_folders_of_files(self, tmp_path: Path) -> None:
        for first, second in MASSES:
            write(tmp_path / "C1N2" / f"{first}_{second}.txt", outputs()["simpleanalysis"])
            write(tmp_path / "N2N3" / f"{first}_{second}x.txt", outputs()["simpleanalysis"])
        (imported,) = read_signals(tmp_path)
        assert "C1N2_300_100" in [point.name for point in imported.points]
        assert len(imported.points) == 6

    def test_runs_of_checkmate(self, tmp_path: Path) -> None:
        for first, second in MASSES:
            place = tmp_path / f"C1N2_{first}_{second}"
            write(place / "evaluation" / "total_results.txt", outputs()["checkmate"])
            write(place / "evaluation" / "best_signal_regions.txt", outputs()["checkmate"])
            write(
                place / "analysis" / "000_atlas_signal.dat", tool_writers.checkmate_dat(SIGNAL, NAMES, NORM)
            )
        self.check(tmp_path)
        (one,) = read_signals(tmp_path / "C1N2_300_100")
        assert [point.name for point in one.points] == ["C1N2_300_100"]

    def test_runs_of_madanalysis(self, tmp_path: Path) -> None:
        for first, second in MASSES:
            place = tmp_path / f"C1N2_{first}_{second}"
            tool_writers.madanalysis_run(
                place, SIGNAL, tool_writers.names_of(example_target(), "madanalysis"), NORM
            )
        self.check(tmp_path)
        (imported,) = read_signals(tmp_path)
        assert imported.analysis == "atlas_susy_2018_04"
        point = imported.points[0]
        assert point.cross_section_fb == pytest.approx(NORM.cross_section_fb)
        assert {region.region: region.value for region in point.regions}["SR_0"] == pytest.approx(
            12.5 / NORM.events, rel=1e-6
        )
        for inner in (
            "Output",
            "Output/SAF",
            "Output/SAF/defaultset",
            "Output/SAF/defaultset/atlas_susy_2018_04",
        ):
            (one,) = read_signals(tmp_path / "C1N2_300_100" / inner)
            assert one.points[0].regions == point.regions

    def test_one_run_of_madanalysis_with_many_samples(self, tmp_path: Path) -> None:
        names = tool_writers.names_of(example_target(), "madanalysis")
        for first, second in MASSES:
            other = tool_writers.madanalysis_run(
                tmp_path / f"x{first}{second}", SIGNAL, names, NORM, sample=f"C1N2_{first}_{second}"
            )
            target = tmp_path / "run" / "Output" / "SAF"
            target.mkdir(parents=True, exist_ok=True)
            (other / "Output" / "SAF" / f"C1N2_{first}_{second}").rename(target / f"C1N2_{first}_{second}")
        self.check(tmp_path / "run")

    def test_without_cut_flows_the_table_of_cls_counts(self, tmp_path: Path) -> None:
        for first, second in MASSES:
            text = tool_writers.madanalysis([SIGNAL], NAMES, NORM)
            write(tmp_path / f"C1N2_{first}_{second}" / "Output" / "SAF" / "CLs_output_summary.dat", text)
        self.check(tmp_path)

    def test_what_misses_and_what_is_broken_is_said(self, tmp_path: Path) -> None:
        for first, second in MASSES:
            write(tmp_path / f"C1N2_{first}_{second}" / "Ewk2018.txt", outputs()["simpleanalysis"])
        write(tmp_path / "C1N2_500_100" / "run.log", "killed")
        broken = outputs()["simpleanalysis"].replace("SR_b,0,0,", "SR_b,0,nan,")
        write(tmp_path / "C1N2_600_100" / "Ewk2018.txt", broken)
        self.check(tmp_path)
        notes = " ".join(read_signals(tmp_path)[0].notes)
        assert "No output is in 1 folder, so these points miss: C1N2_500_100." in notes
        assert "C1N2_600_100/Ewk2018.txt" in notes
        assert "region SR_b has no number (nan)" in notes

    def test_tables_beside_outputs_are_left_out_and_said(self, tmp_path: Path) -> None:
        for first, second in MASSES:
            write(tmp_path / f"C1N2_{first}_{second}" / "Ewk2018.txt", outputs()["simpleanalysis"])
            write(tmp_path / f"C1N2_{first}_{second}" / "settings.json", '{"mass": 300}')
        self.check(tmp_path)
        assert any("Tables that lie beside" in note for note in read_signals(tmp_path)[0].notes)

    def test_tables_are_read_where_nothing_else_is(self, tmp_path: Path) -> None:
        for first, second in MASSES:
            write(tmp_path / f"C1N2_{first}_{second}.csv", outputs()["csv"])
        self.check(tmp_path)

    def test_links_are_not_followed(self, tmp_path: Path) -> None:
        for first, second in MASSES:
            write(tmp_path / "in" / f"C1N2_{first}_{second}.txt", outputs()["simpleanalysis"])
        (tmp_path / "in" / "loop").symlink_to(tmp_path / "in")
        (tmp_path / "in" / "C1N2_900_900.txt").symlink_to(tmp_path / "in" / "C1N2_300_100.txt")
        self.check(tmp_path / "in")

    def test_progress_is_told(self, tmp_path: Path) -> None:
        for first, second in MASSES:
            write(tmp_path / f"C1N2_{first}_{second}.txt", outputs()["simpleanalysis"])
        told: list[tuple[int, int]] = []
        read_signals(tmp_path, heard=lambda done, of: told.append((done, of)))
        assert told == [(1, 3), (2, 3), (3, 3)]

    @pytest.mark.parametrize("content", [{}, {"readme.txt": "Nothing here."}])
    def test_nothing_to_be_read(self, tmp_path: Path, content: dict[str, str]) -> None:
        for name, text in content.items():
            write(tmp_path / name, text)
        with pytest.raises(SignalError, match="holds no output that fitgui can read"):
            read_signals(tmp_path)

    def test_nothing_that_can_be_read(self, tmp_path: Path) -> None:
        write(tmp_path / "a_1.txt", "SR,events,acceptance,err\nAll,0,0,0\nSRa,0,nan,nan\n")
        with pytest.raises(SignalError, match=r"No output in .* can be read: a_1"):
            read_signals(tmp_path)
