"""The routes of HEPData and of doi.org, answered by werkzeug, the library that HEPData itself uses."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from werkzeug.exceptions import Forbidden, HTTPException, NotFound
from werkzeug.routing import Map, RequestRedirect, Rule
from werkzeug.wrappers import Request

from tests.hepdata import documents, registry
from tests.hepdata.answer import Answer, from_response, json_answer, page, redirect_answer, text_answer
from tests.hepdata.dois import behind
from tests.hepdata.files import file_answer
from tests.hepdata.records import Record, Resource, Version
from tests.hepdata.searching import search, search_ids

ROBOTS = "User-agent: DataForSeoBot\nDisallow: /\n\nUser-agent: *\nDisallow: /search\n"
JSON_LD = ("application/ld+json", "application/vnd.hepdata.ld+json")
ROUTES = Map(
    [
        Rule("/", endpoint="home"),
        Rule("/ping", endpoint="ping"),
        Rule("/robots.txt", endpoint="robots"),
        Rule("/login/", endpoint="login"),
        Rule("/search/", endpoint="search"),
        Rule("/search/ids", endpoint="ids"),
        Rule("/record/count", endpoint="count"),
        Rule("/record/resources/<int:recid>/<int:version>", endpoint="resources"),
        Rule("/record/resource/<int:resource>", endpoint="resource"),
        Rule("/record/<int:recid>", endpoint="record"),
        Rule("/record/<int:recid>/", endpoint="record"),
        Rule("/record/<int:recid>/metadata", endpoint="record"),
        Rule("/record/<string:name>", endpoint="named"),
        Rule("/doi/<path:doi>", endpoint="doi"),
        Rule("/datacite/<path:doi>", endpoint="datacite"),
        Rule("/api.datacite/dois", endpoint="registry"),
        Rule("/api.datacite/dois/<path:doi>", endpoint="registered"),
    ]
)


@dataclass
class Site:
    """All that is published, and how the server in front of it behaves."""

    url: str = ""
    records: dict[int, Record] = field(default_factory=dict)
    ranges: bool = True
    """Whether parts of files can be asked for."""
    etags: bool = True
    dates: bool = True
    """Whether files tell when they were last modified."""
    registry: bool = False
    """Whether DataCite's API knows the DOIs; most tests are about HEPData alone."""
    newest_instead: bool = False
    """Whether a version that is not there is answered with the newest, as if its number could not be read."""
    compresses: bool = True
    """Whether JSON and HTML are compressed for those who accept it."""

    def answer(self, request: Request, content: Callable[[bytes], bytes] | None = None) -> Answer:
        """Answers a request; ``content`` changes the bytes of a file before they are cut."""
        try:
            endpoint, values = ROUTES.bind_to_environ(request.environ).match(method="GET")
            answer: Answer = getattr(self, f"_{endpoint}")(request, content, **values)
        except RequestRedirect as error:
            answer = redirect_answer(error.new_url, error.code)
        except Forbidden:
            answer = page(403, "Forbidden", "You don't have the permission to access the requested resource.")
        except NotFound:
            answer = page(404, "Sorry, we weren't able to find what you were looking for ...", "NotFound")
        except HTTPException as error:
            answer = from_response(error.get_response(request.environ))
        accepted = self.compresses and request.accept_encodings.quality("gzip") > 0
        if accepted and not answer.is_file and answer.status == 200 and len(answer.body) > 500:
            answer = answer.compressed()
        return replace(answer, path=request.path)

    def resource(self, number: int) -> tuple[Record, Version, Resource] | None:
        """The file of that number, and what it belongs to."""
        for record in self.records.values():
            for version in record.versions.values():
                for resource in (*version.resources, *(r for t in version.tables for r in t.resources)):
                    if resource.id == number:
                        return record, version, resource
        return None

    def _home(self, request: Request, content: object) -> Answer:
        return page(200, "HEPData", "Repository for publication-related High-Energy Physics data")

    def _login(self, request: Request, content: object) -> Answer:
        return page(200, "Log in - HEPData", "Log in with CERN or with a password")

    def _ping(self, request: Request, content: object) -> Answer:
        return text_answer("OK", "text/html; charset=utf-8")

    def _robots(self, request: Request, content: object) -> Answer:
        return text_answer(ROBOTS, "text/plain; charset=utf-8")

    def _count(self, request: Request, content: object) -> Answer:
        tables = sum(len(r.latest.tables) for r in self.records.values() if r.latest)
        return json_answer({"data": tables, "publications": len(self.records)})

    def _search(self, request: Request, content: object) -> Answer:
        answer = search(self._published(), self.url, dict(request.args))
        if request.args.get("format") == "json" or "json" in request.headers.get("Accept", ""):
            return json_answer(answer)
        return page(
            200, "Search results - HEPData", str(answer.get("error", f"{answer.get('total')} results"))
        )

    def _ids(self, request: Request, content: object) -> Answer:
        status, answer = search_ids(self._published(), dict(request.args))
        return json_answer(answer, status)

    def _published(self) -> list[Record]:
        return [record for record in self.records.values() if record.latest is not None]

    def _named(self, request: Request, content: object, name: str) -> Answer:
        try:
            inspire = int(name.replace("ins", ""))
        except ValueError as error:
            raise NotFound from error
        for record in self._published():
            if record.inspire == inspire:
                return self._record(request, content, record.id)
        raise NotFound

    def _record(self, request: Request, content: object, recid: int) -> Answer:
        record = self.records.get(recid)
        kind = request.args.get("format", "html")
        if record is None:
            return self._table(recid, kind)
        number = _number(request.args.get("version", "-1"))
        finished, everything = len(record.finished), len(record.versions)
        if number == -1:
            number = finished or 1
        if finished < everything == number:
            following = f"%2Frecord%2F{recid}%3Fversion%3D{number}%26format%3D{kind}"
            return redirect_answer(f"/login/?next={following}")
        version = record.versions.get(number)
        if version is None and self.newest_instead:
            version = record.latest
        if version is None or record.latest is None:
            raise NotFound
        if kind == "json":
            light = bool(request.args.get("light", False))
            return json_answer(documents.record_answer(record, version, self.url, light=light))
        if kind != "html":
            return redirect_answer(f"/download/submission/{recid}/{number}/{kind}")
        if _wants_json_ld(request):
            return json_answer(documents.json_ld(record, version, self.url))
        return page(200, f"{record.title} - HEPData", record.abstract)

    def _table(self, number: int, kind: str) -> Answer:
        for record in self._published():
            for version in record.finished:
                for table in version.tables:
                    if table.id == number and kind == "html":
                        return page(200, f"{table.name} - HEPData", table.description)
                    if table.id == number:
                        return redirect_answer(
                            f"/download/table/{record.id}/{table.name}/{version.number}/{kind}"
                        )
        raise NotFound

    def _resources(self, request: Request, content: object, recid: int, version: int) -> Answer:
        listed = documents.resources_answer(self.records.get(recid), version, recid)
        return text_answer(json.dumps(listed), "application/json; charset=utf-8")

    def _resource(self, request: Request, content: Callable[[bytes], bytes] | None, resource: int) -> Answer:
        known = self.resource(resource)
        if known is None:
            raise NotFound
        record, version, file = known
        if not version.finished:
            raise Forbidden
        view = bool(request.args.get("view", False))
        landing = bool(request.args.get("landing_page", False))
        if landing:
            accepted, kind = request.accept_mimetypes, file.media_type
            if accepted.quality(kind) >= 1 and not (kind == "text/html" and len(accepted) > 1):
                view = True
            elif _wants_json_ld(request):
                return json_answer(documents.json_ld(record, version, self.url))
            elif accepted.quality("text/html") == 0:
                expected = ", ".join(f"'{name}'" for name in (kind, "text/html", *JSON_LD))
                message = (
                    f"Accept header value '{accepted}' does not contain a valid media type for this "
                    f"resource. Expected Accept header to include one of {expected}"
                )
                return json_answer({"msg": message, "file_mimetype": kind}, 406)
        if view:
            if file.is_link:
                return redirect_answer(file.name)
            whole = content(file.read()) if content else file.read()
            return file_answer(request, file, whole, ranges=self.ranges, etags=self.etags, dates=self.dates)
        if landing:
            return page(200, f"{file.type} File {file.name} - HEPData", file.description)
        if "html" in file.name and not file.is_link:
            return text_answer(file.shown, "text/html; charset=utf-8")
        described = {
            "location": f"/record/resource/{resource}?view=true",
            "type": file.type,
            "description": file.description,
            "file_contents": file.shown,
        }
        return json_answer(described)

    def _doi(self, request: Request, content: object, doi: str) -> Answer:
        target = behind(doi, self._published(), self.url)
        if target is None:
            return page(404, "DOI Not Found", f"This DOI cannot be found in the DOI System: {doi}")
        # What is not a page is left to DataCite: inferred from a log of a download (pyhf issue 2265).
        if any(kind == "text/html" for kind, _ in request.accept_mimetypes):
            return redirect_answer(target)
        return redirect_answer(f"{self.url}/datacite/{doi}")

    def _registry(self, request: Request, content: object) -> Answer:
        known = self._published() if self.registry else []
        query, size = request.args.get("query", ""), _number(request.args.get("page[size]", "25"))
        return json_answer(registry.dois(known, self.url, query, size))

    def _registered(self, request: Request, content: object, doi: str) -> Answer:
        found = registry.doi(self._published(), self.url, doi) if self.registry else None
        if found is None:
            missing = "The resource you are looking for doesn't exist."
            return json_answer({"errors": [{"status": "404", "title": missing}]}, 404)
        return json_answer(found)

    def _datacite(self, request: Request, content: object, doi: str) -> Answer:
        target = behind(doi, self._published(), self.url)
        if target is None:
            raise NotFound
        return redirect_answer(target)


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return -1


def _wants_json_ld(request: Request) -> bool:
    return any(request.accept_mimetypes.quality(kind) >= 1 for kind in JSON_LD)
