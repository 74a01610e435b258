"""The chain with azure-identity and LiteLLM, as a test suite makes it."""

import json
import os
import urllib.parse
import urllib.request

from azure.identity import ClientAssertionCredential, get_bearer_token_provider


def assertion() -> str:
    """A fresh ID token of the job, from the runner's token service."""
    url = os.environ["ACTIONS_ID_TOKEN_REQUEST_URL"] + "&audience=" + urllib.parse.quote("api://AzureADTokenExchange", safe="")
    request = urllib.request.Request(url, headers={"Authorization": "Bearer " + os.environ["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]})
    with urllib.request.urlopen(request) as response:
        return json.load(response)["value"]


def main() -> None:
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # nothing is downloaded at import
    import litellm

    credential = ClientAssertionCredential(os.environ["BENCH_TENANT_ID"], os.environ["BENCH_CLIENT_ID"], assertion)
    litellm.completion(
        model="azure/" + os.environ["BENCH_DEPLOYMENT"],
        api_base=os.environ["BENCH_ENDPOINT"],
        api_version="2024-10-21",
        azure_ad_token_provider=get_bearer_token_provider(credential, "https://cognitiveservices.azure.com/.default"),
        messages=[{"role": "user", "content": "ping"}],
        max_tokens=16,
        num_retries=0,
    )


main()
