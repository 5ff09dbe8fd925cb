"""With a certificate results are signed as C2PA has it, and say all that they say without."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from interchange.read import read
from interchange.record import read_record
from interchange.writers import write
from studio.errors import SettingError
from studio.jobs import signing
from studio.jobs.signing import Signer
from studio.settings import Settings
from tests import media_samples
from tests.interchange import made_files
from tests.interchange.test_record import record_of
from tests.shipped import SHIPPED
from tests.studio.runner_studio import MODEL, Fake, Studio, paint

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def issued(subject: str, issuer: str, key: Key, by: Key, *, signs_files: bool) -> bytes:
    """A certificate as PEM: one that signs files, or one that signs certificates."""
    now, usages = (
        datetime.now(UTC),
        dict.fromkeys(("content_commitment", "key_encipherment", "data_encipherment"), False),
    )
    usages |= dict.fromkeys(("key_agreement", "encipher_only", "decipher_only"), False)
    usages |= {"digital_signature": True, "key_cert_sign": not signs_files, "crl_sign": not signs_files}
    names = [x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, one)]) for one in (subject, issuer)]
    made = x509.CertificateBuilder(*reversed(names), key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=9))
    made = made.add_extension(x509.BasicConstraints(ca=not signs_files, path_length=None), critical=True)
    made = made.add_extension(x509.KeyUsage(**usages), critical=True)
    made = made.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
    if signs_files:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        made = made.add_extension(usage, critical=True)
    return made.sign(by, hashes.SHA256()).public_bytes(Encoding.PEM)


def pair(folder: Path, leaf: Key, *, signs_files: bool = True) -> dict[str, Path]:
    root = ec.generate_private_key(ec.SECP256R1())
    chain = issued("Ann", "Root", leaf, root, signs_files=signs_files)
    chain += issued("Root", "Root", root, root, signs_files=False)
    (folder / "chain.pem").write_bytes(chain)
    (folder / "key.pem").write_bytes(leaf.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return {"c2pa_certificate": folder / "chain.pem", "c2pa_key": folder / "key.pem"}


def manifest(path: Path) -> dict[str, Any]:
    """What the library reads of a file."""
    c2pa = pytest.importorskip("c2pa")
    read_back: dict[str, Any] = json.loads(c2pa.Reader(path).json())
    return read_back


def test_a_result_is_signed_and_stays_what_it_is(tmp_path: Path) -> None:
    pytest.importorskip("c2pa")
    limits = pair(tmp_path, ec.generate_private_key(ec.SECP384R1()))
    studio = Studio(tmp_path / "data", limits=limits, fake=Fake(paint))
    job = studio.run({"prompt": "a cat"}, config_snapshot=MODEL.snapshot())
    path = studio.media.local_path(str(job.result_url))
    found = manifest(path)
    assert found["validation_state"] == "Valid"
    made = found["manifests"][found["active_manifest"]]
    assert made["signature_info"]["issuer"] == "Ann"
    (action,) = made["assertions"][0]["data"]["actions"]
    assert action["digitalSourceType"].endswith("/trainedAlgorithmicMedia")
    record = read_record(path.read_bytes())
    assert record is not None
    assert record.options == {"prompt": "a cat"}
    write(path, tmp_path / "plain.png", None)
    assert b"c2pa" not in (tmp_path / "plain.png").read_bytes()


def test_every_format_that_c2pa_knows_is_signed_with_its_record(tmp_path: Path) -> None:
    pytest.importorskip("c2pa")
    files = pair(tmp_path, rsa.generate_private_key(65537, 2048))
    signer = Signer(files["c2pa_certificate"], files["c2pa_key"])
    studio = Studio(tmp_path / "data", fake=Fake(paint))
    record = record_of(SHIPPED["z-image"], SHIPPED["z-image"].defaults() | {"prompt": "a cat"})
    pictures = {kind.lower(): made_files.saved(kind) for kind in ("PNG", "JPEG", "WEBP", "AVIF", "GIF")}
    films = {kind: made_files.film(kind, {}) for kind in ("mp4", "mov", "webm")}
    sounds = {kind: made_files.sound(kind, {}) for kind in ("flac", "mp3", "ogg")}
    wav = {"wav": media_samples.audio(tmp_path / "sound.wav", seconds=0.1, seed=1).read_bytes()}
    signed = set()
    for kind, content in {**pictures, **films, **sounds, **wav}.items():
        plain, written, target = (tmp_path / f"{name}.{kind}" for name in ("plain", "written", "signed"))
        plain.write_bytes(content)
        write(plain, written, record)
        if signer.sign(written, target, "trainedAlgorithmicMedia"):
            signed.add(kind)
            assert manifest(target)["validation_state"] == "Valid", kind
            assert studio.media.put("ann", target, target.name), kind
            assert read_record(target.read_bytes()) == record, kind
            assert (fields := read(target.read_bytes())), kind
            assert fields.tool == "Studio", kind
    assert signed == {*pictures, *sounds, *films, *wav} - {"webm", "ogg"}


def test_what_cannot_sign_is_said_before_anything_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="both STUDIO_C2PA_CERTIFICATE and STUDIO_C2PA_KEY"):
        Settings(c2pa_key=tmp_path / "key.pem")
    with pytest.raises(ValueError, match="both STUDIO_C2PA_CERTIFICATE and STUDIO_C2PA_KEY"):
        Settings(c2pa_certificate=tmp_path / "chain.pem")
    with monkeypatch.context() as patch:
        patch.setattr(signing, "find_spec", lambda name: None)
        with pytest.raises(SettingError, match="run pip install c2pa-python"):
            Signer(tmp_path / "chain.pem", tmp_path / "key.pem")
    pytest.importorskip("c2pa")
    with pytest.raises(SettingError, match=r"there is no file .*chain\.pem that can be read"):
        Signer(tmp_path / "chain.pem", tmp_path / "key.pem")
    files = pair(tmp_path, ec.generate_private_key(ec.SECP256R1()), signs_files=False)
    with pytest.raises(SettingError, match="a chain for signing documents is needed"):
        Signer(files["c2pa_certificate"], files["c2pa_key"])
    files["c2pa_key"].write_text("no key")
    with pytest.raises(SettingError, match="STUDIO_C2PA_KEY: a key of"):
        Signer(files["c2pa_certificate"], files["c2pa_key"])
