"""Refusals, worded as Globus Compute and Globus Auth word them, as far as clients and documents show."""

from __future__ import annotations

from typing import Any


class ServiceError(Exception):
    """What the web service of Globus Compute answers in place of what was asked for."""

    def __init__(self, status: int, code: str, reason: str, **headers: str) -> None:
        super().__init__(reason)
        self.status = status
        self.code = code
        self.reason = reason
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "status": "Failed",
            "code": self.code,
            "http_status_code": self.status,
            "reason": self.reason,
            "error_args": [],
        }


class AuthError(ServiceError):
    """The same of Globus Auth (RFC 6749, 5.2)."""

    def document(self) -> dict[str, Any]:
        return {"error": self.code, "error_description": self.reason}


def unauthenticated(reason: str) -> ServiceError:
    """No token, or one that is not (any more) good for this."""
    return ServiceError(401, "USER_UNAUTHENTICATED", reason, WWW_Authenticate="Bearer")


def too_large(size: int, limit: int) -> ServiceError:
    reason = f"The request of {size} bytes exceeds the limit of {limit} bytes."
    return ServiceError(413, "TASK_PAYLOAD_TOO_LARGE", reason)


def too_many(wait: float) -> ServiceError:
    reason = "Too many requests: 20 in 10 seconds are allowed."
    return ServiceError(429, "TOO_MANY_REQUESTS", reason, Retry_After=str(max(1, int(wait + 0.999))))


USUAL = {
    400: ("REQUEST_MALFORMED", "The request is malformed."),
    401: ("USER_UNAUTHENTICATED", "The access token has expired or been revoked."),
    403: ("ENDPOINT_ACCESS_FORBIDDEN", "You may not use this endpoint."),
    404: ("NOT_FOUND", "There is nothing of that name."),
    413: ("TASK_PAYLOAD_TOO_LARGE", "The request exceeds the limit."),
    429: ("TOO_MANY_REQUESTS", "Too many requests."),
    500: ("INTERNAL_ERROR", "Something went wrong in the service."),
    502: ("BAD_GATEWAY", "The service did not answer."),
    503: ("SERVICE_UNAVAILABLE", "The service is down for maintenance."),
}
"""Code and sentence of a fault that names only its status."""
