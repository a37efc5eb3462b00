"""The routes of HEPData and of doi.org, answered by werkzeug, the library that HEPData itself uses."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from werkzeug.exceptions import Forbidden, HTTPException, NotFound, RequestedRangeNotSatisfiable
from werkzeug.routing import Map, RequestRedirect, Rule
from werkzeug.wrappers import Request, Response

from tests.hepdata import documents
from tests.hepdata.answer import Answer, page
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
    compresses: bool = True
    """Whether JSON and HTML are compressed for those who accept it."""

    def answer(self, request: Request, content: Callable[[bytes], bytes] | None = None) -> Answer:
        """Answers a request; ``content`` changes the bytes of a file before they are cut."""
        try:
            endpoint, values = ROUTES.bind_to_environ(request.environ).match(method="GET")
            answer: Answer = getattr(self, f"_{endpoint}")(request, content, **values)
        except RequestRedirect as error:
            answer = _redirect(error.new_url, error.code)
        except Forbidden:
            answer = page(403, "Forbidden", "You don't have the permission to access the requested resource.")
        except NotFound:
            answer = page(404, "Sorry, we weren't able to find what you were looking for ...", "NotFound")
        except HTTPException as error:
            answer = _from_response(error.get_response(request.environ))
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
        return _text("OK", "text/html; charset=utf-8")

    def _robots(self, request: Request, content: object) -> Answer:
        return _text(ROBOTS, "text/plain; charset=utf-8")

    def _count(self, request: Request, content: object) -> Answer:
        tables = sum(len(r.latest.tables) for r in self.records.values() if r.latest)
        return _json({"data": tables, "publications": len(self.records)})

    def _search(self, request: Request, content: object) -> Answer:
        answer = search(self._published(), self.url, dict(request.args))
        if request.args.get("format") == "json" or "json" in request.headers.get("Accept", ""):
            return _json(answer)
        return page(
            200, "Search results - HEPData", str(answer.get("error", f"{answer.get('total')} results"))
        )

    def _ids(self, request: Request, content: object) -> Answer:
        status, answer = search_ids(self._published(), dict(request.args))
        return _json(answer, status)

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
            return _redirect(f"/login/?next={following}")
        version = record.versions.get(number)
        if version is None or record.latest is None:
            raise NotFound
        if kind == "json":
            light = bool(request.args.get("light", False))
            return _json(documents.record_answer(record, version, self.url, light=light))
        if kind != "html":
            return _redirect(f"/download/submission/{recid}/{number}/{kind}")
        if _wants_json_ld(request):
            return _json(documents.json_ld(record, version, self.url))
        return page(200, f"{record.title} - HEPData", record.abstract)

    def _table(self, number: int, kind: str) -> Answer:
        for record in self._published():
            for version in record.finished:
                for table in version.tables:
                    if table.id == number and kind == "html":
                        return page(200, f"{table.name} - HEPData", table.description)
                    if table.id == number:
                        return _redirect(f"/download/table/{record.id}/{table.name}/{version.number}/{kind}")
        raise NotFound

    def _resources(self, request: Request, content: object, recid: int, version: int) -> Answer:
        listed = documents.resources_answer(self.records.get(recid), version, recid)
        return _text(json.dumps(listed), "application/json; charset=utf-8")

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
                return _json(documents.json_ld(record, version, self.url))
            elif accepted.quality("text/html") == 0:
                expected = ", ".join(f"'{name}'" for name in (kind, "text/html", *JSON_LD))
                message = (
                    f"Accept header value '{accepted}' does not contain a valid media type for this "
                    f"resource. Expected Accept header to include one of {expected}"
                )
                return _json({"msg": message, "file_mimetype": kind}, 406)
        if view:
            return _redirect(file.name) if file.is_link else self._file(request, file, content)
        if landing:
            return page(200, f"{file.type} File {file.name} - HEPData", file.description)
        if "html" in file.name and not file.is_link:
            return _text(file.shown, "text/html; charset=utf-8")
        described = {
            "location": f"/record/resource/{resource}?view=true",
            "type": file.type,
            "description": file.description,
            "file_contents": file.shown,
        }
        return _json(described)

    def _file(self, request: Request, file: Resource, change: Callable[[bytes], bytes] | None) -> Answer:
        whole = change(file.read()) if change else file.read()
        response = Response(whole, content_type=_content_type(file))
        response.headers["Content-Disposition"] = f"attachment; filename={_in_header(file.name)}"
        response.headers["Cache-Control"] = "no-cache"
        if self.etags:
            response.set_etag(file.etag)
        if self.dates:
            response.last_modified = file.modified
        if self.ranges:
            try:
                response.make_conditional(request.environ, accept_ranges=True, complete_length=len(whole))
            except RequestedRangeNotSatisfiable as error:
                return _from_response(error.get_response(request.environ))
        else:
            response.make_conditional(request.environ)
        answer = _from_response(response)
        return replace(answer, whole=whole, is_file=True)

    def _doi(self, request: Request, content: object, doi: str) -> Answer:
        target = self._behind(doi)
        if target is None:
            return page(404, "DOI Not Found", f"This DOI cannot be found in the DOI System: {doi}")
        people = request.accept_mimetypes
        if any(kind == "text/html" for kind, _ in people):
            return _redirect(target)
        return _redirect(f"{self.url}/datacite/{doi}")

    def _datacite(self, request: Request, content: object, doi: str) -> Answer:
        target = self._behind(doi)
        if target is None:
            raise NotFound
        return _redirect(target)

    def _behind(self, doi: str) -> str | None:
        """The address that was registered for a DOI of a record, of a version or of a file."""
        doi = doi.lower()
        for record in self._published():
            if doi == record.hepdata_doi:
                return f"{self.url}/record/ins{record.inspire}"
            for version in record.finished:
                if doi == f"{record.hepdata_doi}.v{version.number}":
                    return f"{self.url}/record/ins{record.inspire}?version={version.number}"
                for resource in version.resources:
                    if resource.doi and doi == resource.doi.lower():
                        return f"{self.url}/record/resource/{resource.id}?landing_page=true"
                for number, table in enumerate(version.tables, start=1):
                    if doi == f"{record.hepdata_doi}.v{version.number}/t{number}":
                        return f"{self.url}/record/{table.id}"
        return None


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return -1


def _wants_json_ld(request: Request) -> bool:
    return any(request.accept_mimetypes.quality(kind) >= 1 for kind in JSON_LD)


def _content_type(file: Resource) -> str:
    kind = file.media_type
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def _in_header(name: str) -> str:
    plain = all(c.isalnum() or c in "!#$%&'*+-.^_`|~" for c in name)
    return name if plain else '"' + name.replace('"', '\\"') + '"'


def _json(document: Any, status: int = 200) -> Answer:
    body = json.dumps(document, sort_keys=True, separators=(",", ":")) + "\n"
    return Answer(status, [("Content-Type", "application/json")], body.encode())


def _text(text: str, kind: str) -> Answer:
    return Answer(200, [("Content-Type", kind)], text.encode())


def _redirect(location: str, status: int = 302) -> Answer:
    answer = page(status, "Redirecting...", f"You should be redirected automatically to {location}.")
    return Answer(status, [*answer.headers, ("Location", location)], answer.body)


def _from_response(response: Response) -> Answer:
    headers: Iterable[tuple[str, str]] = response.headers.items()
    kept = [(name, value) for name, value in headers if name.lower() not in ("content-length", "date")]
    return Answer(response.status_code, kept, response.get_data())
