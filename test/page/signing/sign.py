import base64
import hashlib
import hmac
from urllib.parse import quote


def imgsizes_url(base_url, secret, source, transform, fmt):
    text = f"{source}/{transform}"
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    signature = base64.urlsafe_b64encode(digest)[:16].decode()
    return base_url + quote(f"{text}.{signature}.{fmt}", safe="/-._~")
