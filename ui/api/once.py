"""Requests that take effect once, however often they are sent: the header Idempotency-Key."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import Depends, Header, Request

from assist.talk import OnceKey
from ui.api.access import KeyId


async def once_key(
    request: Request,
    key_id: KeyId,
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            pattern=r"^[A-Za-z0-9_.:-]{1,64}$",
            description="Chosen by the caller, a new one for each request. Sent again with the"
            " same key and body, the request has no further effect and gets the first answer.",
            examples=["5f0c1a2e-7d54-4b1c-9a55-0f6f2b9f3c11"],
        ),
    ] = None,
) -> OnceKey | None:
    """The key with a digest of what is asked; None where the caller gave none."""
    if key is None:
        return None
    digest = hashlib.sha256(f"{request.method} {request.url.path}\n".encode())
    digest.update(await request.body())
    return OnceKey(key_id or "-", key, digest.hexdigest())


Once = Annotated[OnceKey | None, Depends(once_key)]
