"""The deployment's own certificate authority: one CA, one certificate per service, for mutual TLS inside the house.

RabbitMQ takes the subject's common name of a client certificate as the broker user (auth mechanism EXTERNAL) and
PostgreSQL takes it as the role (`cert` authentication), so the common name is always the name of one service.
Ed25519 keys (TLS 1.3 only); validity is the operator's to choose, and starts a day early so that clocks may differ.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CLOCK_SKEW: Final = timedelta(days=1)
SECRET_MODE: Final = 0o600


@dataclass(frozen=True, slots=True, repr=False)
class Certificate:
    """A certificate (PEM) and its private key (PKCS#8 PEM, not encrypted)."""

    certificate: bytes
    key: bytes

    def write(self, directory: Path, name: str) -> tuple[Path, Path]:
        """Writes `<name>.crt` and `<name>.key` (mode 0600); answers with both paths."""
        certificate, key = directory / f"{name}.crt", directory / f"{name}.key"
        certificate.write_bytes(self.certificate)
        key.touch(SECRET_MODE)
        key.chmod(SECRET_MODE)
        key.write_bytes(self.key)
        return certificate, key


class Authority:
    """A certificate authority in memory. Keep its key off the machines it certifies: `write` leaves the key out."""

    def __init__(self, name: str, valid_days: int) -> None:
        self._key = Ed25519PrivateKey.generate()
        self._name = _common_name(name)
        self._valid_days = valid_days
        builder = self._builder(self._name, self._key)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        builder = builder.add_extension(_key_usage(signs_certificates=True), True)
        self._certificate = builder.sign(self._key, None)

    @property
    def certificate(self) -> bytes:
        """The CA's own certificate, PEM: what every peer trusts."""
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    def write(self, directory: Path) -> Path:
        """Writes `ca.crt`."""
        path = directory / "ca.crt"
        path.write_bytes(self.certificate)
        return path

    def issue(self, name: str, hosts: tuple[str, ...] = ()) -> Certificate:
        """A server's certificate if there are hosts (DNS names or addresses), else a client's."""
        key = Ed25519PrivateKey.generate()
        usage = ExtendedKeyUsageOID.SERVER_AUTH if hosts else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = self._builder(_common_name(name), key).add_extension(x509.BasicConstraints(False, None), True)
        builder = builder.add_extension(_key_usage(signs_certificates=False), True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), False)
        if hosts:
            builder = builder.add_extension(x509.SubjectAlternativeName([_general_name(host) for host in hosts]), False)
        certificate = builder.sign(self._key, None).public_bytes(serialization.Encoding.PEM)
        return Certificate(certificate, _private_pem(key))

    def _builder(self, subject: x509.Name, key: Ed25519PrivateKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder().issuer_name(self._name).subject_name(subject).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - CLOCK_SKEW)
        builder = builder.not_valid_after(now + timedelta(days=self._valid_days))
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        return builder.add_extension(own, False).add_extension(issuer, False)


def _common_name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _private_pem(key: Ed25519PrivateKey) -> bytes:
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(pem, pkcs8, serialization.NoEncryption())


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
