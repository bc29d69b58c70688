#!/usr/bin/env python3
"""Inspects a stored call with Alibaba's own SDKs: its parameters, an upload, the result.

    ALIBABA_CLOUD_ACCESS_KEY_ID=... ALIBABA_CLOUD_ACCESS_KEY_SECRET=... python3 story.py [CONTACT_ID]

CONTACT_ID is the identifier of a call whose recording the server has. See README.md beside this.
"""

import json
import os
import sys
import time

from alibabacloud_ccc20200701 import models as ccc_models
from alibabacloud_ccc20200701.client import Client as Ccc
from alibabacloud_qualitycheck20190115 import models as quality_models
from alibabacloud_qualitycheck20190115.client import Client as Qualitycheck
from alibabacloud_tea_openapi.models import Config

SECONDS_TO_WAIT = 120

# What `GetResult` shall tell; without it there are score, status, taskId and hitResult alone.
FIELDS = "status,errorMessage,score,taskId,recording,agent,asrResult,hitResult"

# 0 is still running, 1 done, anything else given up.
RUNNING, DONE = 0, 1


def config():
    # The SDKs take their proxy from these and leave it out for no address, not even this machine's.
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        os.environ.pop(name, None)
        os.environ.pop(name.lower(), None)
    return Config(
        access_key_id=os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        access_key_secret=os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        endpoint=os.environ.get("FAIRHEARING_ENDPOINT", "127.0.0.1:8080"),
        protocol=os.environ.get("FAIRHEARING_PROTOCOL", "http"),
    )


def main(contact_id):
    # What the call centre knows of the call, as JSON in a string.
    request = ccc_models.GetUploadAudioDataParamsRequest(contact_id=contact_id)
    params = Ccc(config()).get_upload_audio_data_params(request).body
    print("params:", params.code, params.data.params_str)

    # The inspection takes that string as it is.
    qualitycheck = Qualitycheck(config())
    request = quality_models.UploadAudioDataRequest(json_str=params.data.params_str)
    upload = qualitycheck.upload_audio_data(request).body
    print("upload:", upload.code, upload.message, upload.data)
    if not upload.success:
        return 1

    asked = json.dumps({"taskId": upload.data, "requiredFields": FIELDS})
    until = time.monotonic() + SECONDS_TO_WAIT
    while True:
        request = quality_models.GetResultRequest(json_str=asked)
        answer = qualitycheck.get_result(request).body
        if not answer.success:
            print("refused:", answer.code, answer.message)
            return 1
        result = answer.data.result_info[0]
        if result.status != RUNNING or time.monotonic() > until:
            break
        # Against Alibaba's own service wait half a minute.
        time.sleep(0.5)
    print("result:", json.dumps(told(answer, result), ensure_ascii=False, indent=1))
    return 0 if result.status == DONE else 1


def told(answer, result):
    sentences = result.asr_result.asr_result if result.asr_result else []
    rules = result.hit_result.hit_result if result.hit_result else []
    return {
        "count": answer.count,
        "status": result.status,
        "error": result.error_message,
        "score": result.score,
        "call": result.recording.call_id,
        "seconds": result.recording.duration,
        "agent": result.agent.name,
        "sentences": len(sentences),
        "first": f"{sentences[0].role}: {sentences[0].words}" if sentences else None,
        "rules": {rule.rid: found(rule) for rule in rules},
    }


def found(rule):
    """What was found, with its sentence; nothing for what was missed."""
    words = []
    for hit in rule.hits.hit:
        sentence = f" in `{hit.phrase.words}`" if hit.phrase else ""
        words += [word.val + sentence for word in hit.key_words.key_word]
    return ", ".join(words)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1] if len(sys.argv) == 2 else "zh_bank_silence"))
