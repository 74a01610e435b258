"""Calls the real client, one call for each line of JSON on standard input.

The answer is one line of JSON on standard output: what the client returned or
raised. Everything that a call could leave behind for the next one is removed
before it: the environment is exactly what the line says, caches are empty, the
module's attributes are those of a fresh import.
"""

import asyncio
import datetime
import importlib
import importlib.metadata
import json
import os
import sys
import warnings

warnings.simplefilter("ignore")

# What libraries print must not come between the answers.
answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)

BASE = dict(os.environ)
GLOBALS = ("api_key", "azure_key", "openai_key", "api_base", "api_version", "enable_azure_ad_token_refresh", "headers")
# Where credentials and clients are kept, by the beginnings of the modules' names.
KEEPERS = ("litellm.llms.azure", "litellm.llms.azure_ai", "litellm.secret_managers")

loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)


def version_of(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


VERSIONS = {name: version_of(name) for name in ("litellm", "openai", "dspy", "azure-identity")}



def behind_the_proxy():
    """Lets aiohttp of LiteLLM 1.71.2 to 1.73 reach the lab: its sessions know no
    proxy, or no authority but certifi's."""
    import aiohttp
    import certifi

    make = aiohttp.ClientSession.__init__

    def __init__(self, *args, **arguments):
        make(self, *args, **({"trust_env": True} | arguments))

    aiohttp.ClientSession.__init__ = __init__
    certifi.where = lambda: BASE["SSL_CERT_FILE"]


# Models that answer Responses alone. LiteLLM fetches its catalogue when it is
# imported; here it has its release's own, which may be older than they are.
RESPONSES_ONLY = ("codex-mini", "o3-pro", "gpt-5-codex")
catalogue = set()


def extend_catalogue():
    known = litellm.open_ai_chat_completion_models
    for name in RESPONSES_ONLY:
        entry = {"mode": "responses", "input_cost_per_token": 0, "output_cost_per_token": 0, "max_tokens": 100000}
        litellm.model_cost.setdefault("azure/" + name, entry | {"litellm_provider": "azure"})
    if "gpt-5-codex" not in known:
        (known.add if isinstance(known, set) else known.append)("gpt-5-codex")
    catalogue.update(litellm.model_cost)


litellm = dspy = openai = None
if VERSIONS["litellm"]:
    behind_the_proxy()
    litellm = importlib.import_module("litellm")
    extend_catalogue()
    litellm.suppress_debug_info = True
    litellm.telemetry = False
    litellm.num_retries = 0
    for module in ("litellm.llms.azure.azure", "litellm.llms.azure.common_utils", "litellm.secret_managers.main"):
        try:
            importlib.import_module(module)
        except ImportError:
            pass
    fresh = {name: getattr(litellm, name) for name in GLOBALS if hasattr(litellm, name)}
if VERSIONS["dspy"]:
    dspy = importlib.import_module("dspy")
    litellm.cache = None
openai = importlib.import_module("openai")

keepers = []
seen = 0


def find_keepers():
    """Collects every cache of the modules that keep credentials or clients."""
    global keepers, seen
    if len(sys.modules) == seen:
        return
    seen = len(sys.modules)
    keepers = []
    # Copies, since a library's own threads import as well.
    for name, module in sys.modules.copy().items():
        if not name.startswith(KEEPERS):
            continue
        for value in vars(module).copy().values():
            for method in ("flush_cache", "cache_clear"):
                f = getattr(value, method, None)
                if callable(f) and not isinstance(value, type):
                    keepers.append(f)
            # A wrapper that holds the cached function instead of being one.
            for inner in ("cached", "_cached", "cache", "_cache"):
                f = getattr(getattr(value, inner, None), "cache_clear", None)
                if callable(f) and not isinstance(value, type):
                    keepers.append(f)


def forget():
    os.environ.clear()
    os.environ.update(BASE)
    if litellm is None:
        return
    for name, value in fresh.items():
        setattr(litellm, name, value)
    for name in litellm.model_cost.keys() - catalogue:  # the Router's deployments of calls before
        del litellm.model_cost[name]
    litellm.in_memory_llm_clients_cache.flush_cache()
    find_keepers()
    for clear in keepers:
        clear()


def typed(headers):
    return {name: int(v[1:]) if v.startswith("#") else v for name, v in headers.items()}


def parameters(call):
    p = {name: datetime.date.fromisoformat(v["date"]) if isinstance(v, dict) else v for name, v in (call["params"] or {}).items()}
    headers = call.get("extra_headers")
    if headers:
        p["extra_headers"] = typed(headers)
    if call.get("provider"):
        token = call["provider"]
        p["azure_ad_token_provider"] = lambda: token
    elif call.get("provider_scope"):
        from azure.identity import DefaultAzureCredential, get_bearer_token_provider

        p["azure_ad_token_provider"] = get_bearer_token_provider(DefaultAzureCredential(), call["provider_scope"])
    return p


MESSAGES = [{"role": "user", "content": "Hello"}]
SOUND = ("hello.wav", b"RIFF\x24\x00\x00\x00WAVEfmt ")
BODY = {
    "chat": {"messages": MESSAGES},
    "completion": {"prompt": "Hello"},
    "embedding": {"input": ["Hello"]},
    "responses": {"input": "Hello"},
    "image_generation": {"prompt": "Hello"},
    "audio_speech": {"input": "Hello", "voice": "alloy"},
    "audio_transcription": {"file": SOUND},
}
FUNCTION = {
    "chat": "completion",
    "completion": "text_completion",
    "embedding": "embedding",
    "responses": "responses",
    "image_generation": "image_generation",
    "audio_speech": "speech",
    "audio_transcription": "transcription",
}


def body(call):
    return BODY[call["op"]] | ({"stream": True} if call.get("stream") else {})


async def exhausted(answer):
    """Waits for a call and for all parts of its answer."""
    answer = await answer
    if hasattr(answer, "__aiter__"):
        async for _ in answer:
            pass


def run(call, function, **arguments):
    """Calls a function of an object, or its asynchronous twin."""
    owner, name = function
    if call.get("async"):
        loop.run_until_complete(exhausted(getattr(owner, "a" + name)(**arguments)))
        return
    answer = getattr(owner, name)(**arguments)
    if call.get("stream"):
        for _ in answer:
            pass


def call_sdk(call):
    run(call, (litellm, FUNCTION[call["op"]]), model=call["model"], max_retries=0, **body(call), **parameters(call))


def call_router(call):
    p = parameters(call)
    p.update(model=call["model"], max_retries=0)
    router = litellm.Router(model_list=[{"model_name": "alias", "litellm_params": p}], num_retries=0)
    name = FUNCTION[call["op"]]
    try:
        run(call, (router, name), model="alias", **body(call))
    finally:
        if hasattr(router, "discard"):  # which older ones have not
            router.discard()


def call_dspy(call):
    p = parameters(call)
    if call["op"] == "embedding":
        embedder = dspy.Embedder(call["model"], caching=False, **p)
        if call.get("async"):
            return loop.run_until_complete(embedder.acall(["Hello"]))
        return embedder(["Hello"])
    # What DSPy wants of anything that might be a reasoning model.
    p.update(num_retries=0, max_tokens=20000, temperature=1.0)
    litellm.drop_params = True
    lm = dspy.LM(call["model"], model_type=call.get("model_type") or "chat", cache=False, **p)
    if call.get("async"):
        return loop.run_until_complete(lm.acall("Hello"))
    return lm("Hello")


def call_openai(call):
    p = parameters(call)
    headers = p.pop("extra_headers", None)
    client = (openai.AsyncAzureOpenAI if call.get("async") else openai.AzureOpenAI)(max_retries=0, **p)
    *resource, method = RESOURCE[call["op"]].split(".")
    for name in resource:
        client = getattr(client, name)
    answer = getattr(client, method)(model=call["model"], extra_headers=headers, **body(call))
    if call.get("async"):
        loop.run_until_complete(exhausted(answer))
    elif call.get("stream"):
        for _ in answer:
            pass


RESOURCE = {
    "chat": "chat.completions.create",
    "completion": "completions.create",
    "embedding": "embeddings.create",
    "responses": "responses.create",
    "image_generation": "images.generate",
    "audio_speech": "audio.speech.create",
    "audio_transcription": "audio.transcriptions.create",
}


CLIENTS = {"litellm": call_sdk, "litellm-proxy": call_router, "dspy": call_dspy, "openai": call_openai}


def answer(call):
    forget()
    os.environ.update(call["env"] or {})
    for name, value in (call["globals"] or {}).items():
        setattr(litellm, name, value)
    if call.get("headers"):
        litellm.headers = typed(call["headers"])
    try:
        CLIENTS[call["client"]](call)
    except BaseException as e:  # an exit of the library's is an outcome as well
        if isinstance(e, KeyboardInterrupt):
            raise
        return {"error": type(e).__name__, "text": str(e)[:1500]}
    return {"ok": True}


print(json.dumps({"versions": VERSIONS, "python": sys.version.split()[0]}), file=answers)
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), file=answers)
