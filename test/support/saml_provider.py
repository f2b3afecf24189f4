"""A SAML 2.0 identity provider: pysaml2 with an HTML form before it.

Prints its address, its certificate and its key as one line of JSON, reads a service provider's metadata from standard
input, and says when it is ready. Whoever is named in the form is logged in.
"""

import datetime
import html
import json
import os
import sys
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.config import IdPConfig
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID
from saml2.server import Server
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

ENTITY_ID = "https://provider.example/saml"
CONTEXT = {"class_ref": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport", "authn_auth": ENTITY_ID}


def make_certificate():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "provider.example")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem, certificate.public_bytes(serialization.Encoding.PEM)


def make_provider(url, metadata, key, certificate, folder):
    paths = {}
    for name, content in (("key_file", key), ("cert_file", certificate)):
        paths[name] = os.path.join(folder, name)
        with open(paths[name], "wb") as file:
            file.write(content)
    config = IdPConfig()
    config.load(
        {
            "entityid": ENTITY_ID,
            "crypto_backend": "XMLSecurity",
            "service": {
                "idp": {
                    "endpoints": {"single_sign_on_service": [(f"{url}/sso", BINDING_HTTP_REDIRECT)]},
                    "policy": {
                        "default": {
                            "lifetime": {"minutes": 5},
                            "name_form": "urn:oasis:names:tc:SAML:2.0:attrname-format:uri",
                        }
                    },
                }
            },
            "metadata": {"inline": [metadata]},
            **paths,
        }
    )
    return Server(config=config)


def answer(provider, saml_request, user):
    """The page that posts pysaml2's response to the address which the request and the metadata agree on."""
    request = provider.parse_authn_request(saml_request, BINDING_HTTP_REDIRECT)
    arguments = provider.response_args(request.message)
    response = provider.create_authn_response(
        {"mail": [f"{user}@corp.example"], "displayName": [user.title()]},
        in_response_to=arguments["in_response_to"],
        destination=arguments["destination"],
        sp_entity_id=arguments["sp_entity_id"],
        name_id=NameID(format=NAMEID_FORMAT_PERSISTENT, text=f"id-of-{user}"),
        authn=CONTEXT,
        sign_assertion=True,
        sign_alg=SIG_RSA_SHA256,
        digest_alg=DIGEST_SHA256,
    )
    page = provider.apply_binding(BINDING_HTTP_POST, str(response), arguments["destination"], "", response=True)
    return page["data"]


class Pages(BaseHTTPRequestHandler):
    provider = None

    def do_GET(self):
        query = parse_qs(urlsplit(self.path).query)
        request = html.escape(query["SAMLRequest"][0])
        self.show(
            f'<form method="post" action="{self.path.split("?")[0]}">'
            f'<input type="hidden" name="SAMLRequest" value="{request}"/><input name="user"/></form>'
        )

    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
        self.show(answer(self.provider, form["SAMLRequest"][0], form["user"][0]))

    def show(self, page):
        content = page.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    url = f"http://127.0.0.1:{server.server_port}"
    key, certificate = make_certificate()
    print(json.dumps({"url": url, "key": key.decode(), "certificate": certificate.decode()}), flush=True)
    metadata = sys.stdin.read()
    with tempfile.TemporaryDirectory() as folder:
        Pages.provider = make_provider(url, metadata, key, certificate, folder)
        print("ready", flush=True)
        server.serve_forever()


main()
