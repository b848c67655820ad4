"""Sends a file with tuspy: `python tus_sender.py FILE WHERE UPLOAD-ADDRESS HEADERS`.

Given the address of an upload it goes on with it. Prints the address of a new one.
"""

import json
import sys

from tusclient.client import TusClient

file, endpoint, address, headers = sys.argv[1:]
uploader = TusClient(endpoint, headers=json.loads(headers)).uploader(
    file, url=address or None, chunk_size=8 * 1024 * 1024, metadata={"filename": "recording.mp4"}, retries=12,
    retry_delay=0.5, upload_checksum=True,
)  # fmt: skip
if not address:
    uploader.set_url(uploader.create_url())
    uploader.offset = 0
print(uploader.url, flush=True)
uploader.upload()
