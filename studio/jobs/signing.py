"""Signs results as C2PA has it, with a certificate of the operator's: an option that needs c2pa-python.

A signature says by whom and how a file was made, and breaks when the file is changed. It holds nothing of the job.
"""

import json
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from interchange.record import SourceType
from studio.errors import SettingError
from studio.settings import Settings

_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
_NOT_SIGNED = "a key of an elliptic curve of NIST, Ed25519 or RSA is needed, as PEM without a password"


class Signer:
    """Signs files; the key is read once, and its text stands in no message."""

    def __init__(self, certificate: Path, key: Path) -> None:
        """`certificate` has the chain as PEM, the signer's own first. Raises SettingError for what cannot sign."""
        if find_spec("c2pa") is None:
            raise SettingError("c2pa_certificate", "signing needs one more package: run pip install c2pa-python")
        c2pa = self._c2pa = import_module("c2pa")  # 50 MB, which nobody else needs
        chain, secret = _read("c2pa_certificate", certificate), _read("c2pa_key", key)
        algorithm = getattr(c2pa.C2paSigningAlg, _algorithm(secret))
        try:
            self._signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo(algorithm, chain, secret, None))
            Image.new("RGB", (1, 1)).save(picture := BytesIO(), "PNG")
            self._builder("algorithmicMedia").sign(self._signer, "image/png", picture, BytesIO())
        except c2pa.C2paError as error:
            problem = f"{certificate} cannot sign with {key} ({error}): a chain for signing documents is needed"
            raise SettingError("c2pa_certificate", problem) from error

    def sign(self, source: Path, target: Path, source_type: SourceType) -> bool:
        """Make `target` the signed file; `False` where C2PA knows no files of that ending, or this one is damaged."""
        try:
            self._builder(source_type).sign_file(source, target, self._signer)
        except self._c2pa.C2paError:
            target.unlink(missing_ok=True)
            return False
        return True

    def _builder(self, source_type: SourceType) -> Any:
        about = {"softwareAgent": {"name": "Studio"}, "digitalSourceType": _IPTC + source_type}
        action = {"action": "c2pa.created", **about}
        actions = {"label": "c2pa.actions.v2", "data": {"actions": [action]}}
        return self._c2pa.Builder(json.dumps({"claim_generator_info": [{"name": "Studio"}], "assertions": [actions]}))


def signer_of(settings: Settings) -> Signer | None:
    """The signer of the settings, if they name a certificate."""
    certificate, key = settings.c2pa_certificate, settings.c2pa_key
    return None if certificate is None or key is None else Signer(certificate, key)


def _read(setting: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingError(setting, f"there is no file {path} that can be read ({error.strerror})") from error


def _algorithm(secret: bytes) -> str:
    from cryptography.exceptions import UnsupportedAlgorithm  # comes with c2pa-python
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(secret, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SettingError("c2pa_key", _NOT_SIGNED) from error
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _CURVES:
        return _CURVES[key.curve.name]
    if isinstance(key, rsa.RSAPrivateKey):
        return "PS256"
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ED25519"
    raise SettingError("c2pa_key", _NOT_SIGNED)
