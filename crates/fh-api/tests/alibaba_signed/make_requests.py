"""Makes the signed requests beside this file, from the documentation alone.

`https://help.aliyun.com/document_detail/2593177.html` (V3) and `.../66678.html` (RPC v1).
Run it with Python 3 and the package `cryptography` (for SM3); it prints what it wrote.
The key's secret is `vector-secret`; its identifier is `VectorKey`.
"""

import base64
import hashlib
import hmac
from pathlib import Path
from urllib.parse import quote, quote_plus

from cryptography.hazmat.primitives import hashes, hmac as crypto_hmac

KEY_ID = "VectorKey"
SECRET = "vector-secret"
DATE = "2026-01-02T03:04:05Z"
HERE = Path(__file__).parent


def encode(text):
    return quote(text, safe="-_.~")


def pairs(parameters):
    return "&".join(f"{encode(k)}={encode(v)}" for k, v in sorted(parameters.items()))


def sm3(data):
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize().hex()


def hmac_sm3(key, data):
    tag = crypto_hmac.HMAC(key, hashes.SM3())
    tag.update(data)
    return tag.finalize().hex()


def acs3(method, action, version, query, form, nonce, algorithm, extra):
    if algorithm == "ACS3-HMAC-SM3":
        digest, keyed = sm3, hmac_sm3
    else:
        digest = lambda data: hashlib.sha256(data).hexdigest()
        keyed = lambda key, data: hmac.new(key, data, hashlib.sha256).hexdigest()
    body = "&".join(f"{quote_plus(k)}={quote_plus(v)}" for k, v in form.items())
    headers = {
        "host": "fairhearing.example:8080",
        "x-acs-action": action,
        "x-acs-content-sha256": digest(body.encode()),
        "x-acs-date": DATE,
        "x-acs-signature-nonce": nonce,
        "x-acs-version": version,
        **extra,
    }
    if form:
        headers["content-type"] = "application/x-www-form-urlencoded"
    signed = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    canonical = "\n".join(
        [method, "/", pairs(query), lines, signed, headers["x-acs-content-sha256"]]
    )
    to_sign = f"{algorithm}\n{digest(canonical.encode())}"
    signature = keyed(SECRET.encode(), to_sign.encode())
    headers["authorization"] = (
        f"{algorithm} Credential={KEY_ID},SignedHeaders={signed},Signature={signature}"
    )
    target = "&".join(f"{quote_plus(k)}={quote_plus(v)}" for k, v in query.items())
    return method, f"/?{target}" if target else "/", headers, body


def rpc_v1(method, action, version, query, form, nonce):
    query = {
        **query,
        "Action": action,
        "Version": version,
        "Format": "JSON",
        "Timestamp": DATE,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureType": "",
        "SignatureVersion": "1.0",
        "SignatureNonce": nonce,
        "AccessKeyId": KEY_ID,
    }
    to_sign = f"{method}&%2F&{encode(pairs({**query, **form}))}"
    tag = hmac.new(f"{SECRET}&".encode(), to_sign.encode(), hashlib.sha1).digest()
    query["Signature"] = base64.b64encode(tag).decode()
    target = "&".join(f"{encode(k)}={encode(v)}" for k, v in query.items())
    body = "&".join(f"{quote_plus(k)}={quote_plus(v)}" for k, v in form.items())
    headers = {"host": "fairhearing.example:8080"}
    if form:
        headers["content-type"] = "application/x-www-form-urlencoded"
    return method, f"/?{target}", headers, body


def write(name, request):
    method, target, headers, body = request
    text = f"{method} {target} HTTP/1.1\n"
    text += "".join(f"{name}: {value}\n" for name, value in headers.items())
    (HERE / f"{name}.http").write_bytes(f"{text}\n{body}".encode())
    print(name)


CCC, SCA, SHA256 = "2020-07-01", "2019-01-15", "ACS3-HMAC-SHA256"
CONTACT = {"ContactId": "job 7*~+/=&中", "InstanceId": ""}
JSON = '{"callList": [{"voiceFileUrl": "http://h/a%2Bb.wav?x=1&y=2", "caller": "张 三"}]}'

write("acs3_query", acs3("GET", "GetUploadAudioDataParams", CCC, CONTACT, {}, "n-1", SHA256, {}))
write(
    "acs3_form",
    acs3("POST", "UploadDataV4", SCA, {"BaseMeAgentId": "5"}, {"JsonStr": JSON, "a": ""}, "n-2",
         SHA256, {"accept": "application/json", "user-agent": "vectors  with spaces"}),
)
write(
    "acs3_security_token",
    acs3("POST", "GetResult", SCA, {"jsonStr": '{"taskId":"x"}'}, {}, "n-3", SHA256,
         {"x-acs-accesskey-id": KEY_ID, "x-acs-security-token": "vector-token"}),
)
write("acs3_sm3", acs3("POST", "UploadAudioData", SCA, {"JsonStr": JSON}, {}, "n-4", "ACS3-HMAC-SM3", {}))
write("acs3_sm3_form", acs3("POST", "AddRuleV4", SCA, {}, {"JsonStrForRule": JSON}, "n-5", "ACS3-HMAC-SM3", {}))
write("rpc_v1_query", rpc_v1("GET", "GetUploadAudioDataParams", CCC, CONTACT, {}, "n-6"))
write("rpc_v1_form", rpc_v1("POST", "AddRuleV4", SCA, {"BaseMeAgentId": "5"}, {"JsonStrForRule": JSON}, "n-7"))
write("rpc_v1_security_token", rpc_v1("POST", "GetResult", SCA, {"JsonStr": "{}", "SecurityToken": "vector-token"}, {}, "n-8"))
