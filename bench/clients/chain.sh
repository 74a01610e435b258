#!/usr/bin/env bash
# The chain with az and curl, as a workflow's steps make it.
set -euo pipefail
AZURE_CONFIG_DIR=$(mktemp -d)
export AZURE_CONFIG_DIR AZURE_CORE_COLLECT_TELEMETRY=false
trap 'rm -rf "$AZURE_CONFIG_DIR"' EXIT
assertion=$(curl --silent --fail --cacert "$SSL_CERT_FILE" -H "Authorization: Bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" \
  "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=api%3A%2F%2FAzureADTokenExchange" | sed 's/.*"value":"\([^"]*\)".*/\1/')
"$BENCH_AZ" login --service-principal --username "$BENCH_CLIENT_ID" --tenant "$BENCH_TENANT_ID" \
  --federated-token "$assertion" --skip-subscription-discovery --allow-no-subscriptions --output none
token=$("$BENCH_AZ" account get-access-token --scope https://cognitiveservices.azure.com/.default --query accessToken --output tsv)
curl --silent --fail --output /dev/null --cacert "$SSL_CERT_FILE" -H "Authorization: Bearer $token" -H "Content-Type: application/json" \
  -d '{"messages":[{"role":"user","content":"ping"}],"max_tokens":16}' \
  "$BENCH_ENDPOINT/openai/deployments/$BENCH_DEPLOYMENT/chat/completions?api-version=2024-10-21"
