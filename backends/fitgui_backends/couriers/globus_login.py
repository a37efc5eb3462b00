"""Who the user is to Globus: tokens, the login in two steps, and their end."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass

import globus_sdk
import jwt
from globus_compute_sdk import Client
from globus_sdk import ClientApp, GlobusApp, GlobusAppConfig, UserApp
from globus_sdk.authorizers import GlobusAuthorizer
from globus_sdk.gare import GlobusAuthorizationParameters
from globus_sdk.scopes import AuthScopes
from globus_sdk.token_storage import TokenStorageData, TokenValidationError
from globus_sdk.token_storage.validating_token_storage import IdentityMismatchError
from globus_sdk.transport import RequestsTransport, RetryConfig

from fitgui_backends.contract import Need
from fitgui_backends.couriers.globus_flow import Attempt, Flow
from fitgui_backends.couriers.globus_keyring import (
    RESOURCE_SERVERS,
    Keyring,
    KeyringFailedError,
    Secrets,
    system_keyring,
)
from fitgui_backends.couriers.globus_redaction import Redactor
from fitgui_backends.remote.courier_process import ServiceError

APP_NAME = "fitgui"
DEFAULT_CLIENT_ID = "4cf29807-cf21-49ec-9443-ff9a3fb9f81c"
"""The native application of the SDK itself."""
COMPUTE, AUTH = "funcx_service", "auth.globus.org"
AUTH_SECONDS = 20.0
"""For an answer of Globus Auth; a request that renews a token waits for it."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Identity:
    """Who is logged in."""

    identifier: str
    name: str
    """As people know it; the identifier where the name cannot be asked for."""


class Login(GlobusAuthorizer):
    """Everything about the login; safe to use from any thread, which globus_sdk is not.

    As an authorizer it gives the header for Globus Compute, and silently renews a token that has expired.

    Args:
        client_id: Of the native application; ``None`` for that of the SDK.
        environment: Tells the real service and a stand-in apart, in the keyring.
        use_keyring: Whether tokens are kept beyond this process.
        redactor: Learns every token.
        notice: Gets a sentence for the user if the keyring fails later; that there is none is said by
            :attr:`kept_in`, to whoever logs in.
    """

    def __init__(
        self,
        client_id: str | None,
        environment: str,
        redactor: Redactor,
        notice: Callable[[str], None],
        *,
        use_keyring: bool,
    ) -> None:
        self._redactor = redactor
        self._notice = notice
        self._why_not_kept = ""
        self._made = False
        self._lock = threading.RLock()
        self._changed = threading.Condition()
        self._changes = 0
        self._attempt: Attempt | None = None
        self._wanted: GlobusAuthorizationParameters | None = None
        self._identity: Identity | None = None
        given, secret = (os.environ.get(f"GLOBUS_COMPUTE_CLIENT_{part}") for part in ("ID", "SECRET"))
        redactor.hide(secret)
        self._secret = secret if given and secret else None
        self.client_id = (given if self._secret else client_id or given) or DEFAULT_CLIENT_ID
        self.environment = environment
        namespace = f"globus/{environment}/{self.client_id}"
        self._secrets = Secrets(self._keyring(use_keyring), namespace, redactor.hide, self._keyring_failed)
        self._app = self._make_app()
        self._made = True

    # What there is.

    @property
    def automatic(self) -> bool:
        """Whether credentials come from the environment, so that nobody logs in or out."""
        return self._secret is not None

    @property
    def kept_in(self) -> str:
        """Where the login is kept, in words."""
        if self.automatic:
            return "environment variables"
        if self._secrets.lasting:
            return "the keyring of this system"
        why = f" ({self._why_not_kept})" if self._why_not_kept else ""
        return f"memory, until fitgui ends{why}"

    @property
    def identity_id(self) -> str:
        """Of whoever is logged in; empty if nobody is."""
        with self._lock:
            if self.automatic:
                return self.client_id
            data = self._secrets.get_token_data_by_resource_server()
            return next((entry.identity_id for entry in data.values() if entry.identity_id), "")

    def required(self) -> bool:
        """Whether nothing can be asked of the service before somebody logs in."""
        with self._lock:
            return not self.automatic and self._app.login_required()

    def who(self) -> Identity | None:
        """Who is logged in; asks Globus Auth once for the name."""
        with self._lock:
            identifier = self.identity_id
            if not identifier or self.required():
                return None
            if self._identity is None or self._identity.identifier != identifier:
                name = self._name()
                identity = Identity(identifier, name or identifier)
                if not name:
                    return identity
                self._identity = identity
            return self._identity

    def _name(self) -> str:
        if self.automatic:
            return f"client {self.client_id}"
        try:
            client = globus_sdk.AuthClient(
                authorizer=self._app.get_authorizer(AUTH), retry_config=_retries(), transport=_transport()
            )
            return str(client.userinfo().get("preferred_username") or "")
        except (globus_sdk.GlobusError, TokenValidationError):
            return ""

    # For requests.

    def get_authorization_header(self) -> str | None:
        """For a request to Globus Compute; a token that has expired is renewed first."""
        with self._lock:
            return self._app.get_authorizer(COMPUTE).get_authorization_header()

    def handle_missing_authorization(self) -> bool:
        """The service refused the token: renew it before the next request."""
        with self._lock:
            return self._app.get_authorizer(COMPUTE).handle_missing_authorization()

    def wanted(self, parameters: GlobusAuthorizationParameters | None) -> None:
        """The service wants another login: with these parameters, if it says so."""
        with self._lock:
            self._wanted = parameters or self._wanted

    # Waiting for a login.

    @property
    def changes(self) -> int:
        """How often the login has changed."""
        return self._changes

    def wait_for_change(self, since: int, seconds: float) -> None:
        """Return when the login has changed since :attr:`changes` was read, or when the time is over.

        Another program of the same user may have logged in, too.
        """
        with self._changed:
            if self._changed.wait_for(lambda: self._changes != since, seconds):
                return
        with self._lock:
            if self._secrets.reload():
                self._app = self._make_app()
                self._tell_change()

    def _tell_change(self) -> None:
        with self._changed:
            self._changes += 1
            self._changed.notify_all()

    # Logging in and out.

    def begin(self, *, browser: bool) -> str:
        """Begin; returns the address that the user is to visit.

        Raises:
            ServiceError: if there is nothing to log in to.
        """
        if self.automatic:
            raise ServiceError(
                "The login comes from GLOBUS_COMPUTE_CLIENT_ID and _SECRET: remove both to log in yourself."
            )
        with self._lock:
            self.cancel()
            self._attempt = Attempt(
                self._login_client(), self._scopes(), self._wanted, browser=browser, hide=self._redactor.hide
            )
            return self._attempt.address

    def finish(self, code: str | None) -> None:
        """Wait for the browser to come back, or take the code, and log in.

        Raises:
            ServiceError: in words.
        """
        attempt = self._attempt
        if attempt is None:
            raise ServiceError("No login has been begun: begin again.")
        try:
            tokens = attempt.tokens(code)
        finally:
            if attempt.over:
                self._attempt = None if self._attempt is attempt else self._attempt
        with self._lock:
            try:
                self._app = self._make_app(tokens)
                self._app.login(force=True)
            except IdentityMismatchError:
                # Somebody else than before: the user decided that on the page of Globus.
                self._forget()
                self._app = self._make_app(tokens)
                self._app.login(force=True)
            except TokenValidationError:
                raise ServiceError(
                    "Globus did not grant what fitgui needs: log in again, and allow all of it.", Need.LOGIN
                ) from None
            except jwt.PyJWTError:
                raise ServiceError(
                    "What Globus says of you cannot be verified: set this machine's clock, and log in again.",
                    Need.LOGIN,
                ) from None
            except globus_sdk.GlobusError:
                raise ServiceError(
                    "Globus Auth cannot be reached: look at the network, and log in again.", Need.SERVICE
                ) from None
            self._wanted = None
        self._tell_change()

    def cancel(self) -> None:
        """Give up a login that was begun."""
        attempt, self._attempt = self._attempt, None
        if attempt is not None:
            attempt.cancel()

    def log_out(self) -> None:
        """Revoke and delete what is kept, here and by another program of the user.

        Raises:
            ServiceError: if it could not be revoked, or not be deleted.
        """
        if self.automatic:
            raise ServiceError(
                "The login comes from GLOBUS_COMPUTE_CLIENT_ID and _SECRET: remove both to log out."
            )
        with self._lock:
            tokens = self._secrets.get_token_data_by_resource_server()
            self._secrets.reload()
            others = self._secrets.get_token_data_by_resource_server()
            trouble = self._revoke([*tokens.values(), *others.values()])
            self._forget()
            left = self._secrets.left_over
            self._app = self._make_app()
        self._tell_change()
        if left or trouble:
            raise ServiceError(_about_leaving(trouble, left=left), Need.SERVICE if trouble else Need.NOTHING)

    def _revoke(self, kept: list[TokenStorageData]) -> str:
        """Tell Globus that these are not valid any more; the kind of trouble, if there was any."""
        # Those first that make others.
        tokens = [entry.refresh_token for entry in kept] + [entry.access_token for entry in kept]
        client = self._login_client()
        try:
            for token in dict.fromkeys(tokens):
                if token:
                    client.oauth2_revoke_token(token)
        except globus_sdk.GlobusError as error:
            return type(error).__name__
        return ""

    def _forget(self) -> None:
        for server in {*RESOURCE_SERVERS, *self._secrets.get_token_data_by_resource_server()}:
            self._secrets.remove_token_data(server)
        self._identity = None

    # How it is made.

    def _keyring(self, wanted: bool) -> Keyring | None:  # noqa: FBT001
        if not wanted or self._secret:
            return None
        try:
            return system_keyring()
        except KeyringFailedError as trouble:
            self._keyring_failed(str(trouble))
            return None

    def _keyring_failed(self, why: str) -> None:
        self._why_not_kept = why
        if self._made:
            self._notice(f"The Globus login ends with fitgui, for {why}.")

    def _make_app(self, tokens: globus_sdk.OAuthTokenResponse | None = None) -> GlobusApp:
        """A new one knows nothing of an earlier identity."""
        flow = Flow(self._login_client(), tokens) if not self.automatic else None
        config = GlobusAppConfig(
            token_storage=self._secrets,
            login_flow_manager=flow,
            request_refresh_tokens=True,
            # Or a request would start a login by itself, on whatever thread it is made.
            token_validation_error_handler=None,
        )
        if self._secret:
            return ClientApp(
                APP_NAME,
                client_id=self.client_id,
                client_secret=self._secret,
                scope_requirements={COMPUTE: Client.FUNCX_SCOPE},
                config=config,
            )
        return UserApp(
            APP_NAME,
            login_client=self._login_client(),
            scope_requirements={COMPUTE: Client.FUNCX_SCOPE, AUTH: [AuthScopes.openid, AuthScopes.profile]},
            config=config,
        )

    def _scopes(self) -> list[str]:
        return [str(scope) for scopes in self._app.scope_requirements.values() for scope in scopes]

    def _login_client(self) -> globus_sdk.NativeAppAuthClient:
        return globus_sdk.NativeAppAuthClient(
            self.client_id, app_name=APP_NAME, retry_config=_retries(), transport=_transport()
        )


def _about_leaving(trouble: str, *, left: bool) -> str:
    """What remains of a login after logging out, and what the user can do about it."""
    revoke = f"could not be revoked, for Globus was not reached ({trouble})"
    consents = "https://app.globus.org/settings/consents"
    if not left:
        return f"You are logged out here, but the login {revoke}: it ends in time, or at {consents}."
    kept = "could not be removed from the keyring"
    remove = "remove the entries of fitgui there"
    if not trouble:
        return f"Globus has revoked the login, but it {kept} of this system: {remove}."
    return f"The login {kept} of this system, and {revoke}: {remove}, and end it at {consents}."


def _retries() -> RetryConfig:
    return RetryConfig(max_retries=1)


def _transport() -> RequestsTransport:
    return RequestsTransport(http_timeout=AUTH_SECONDS)
