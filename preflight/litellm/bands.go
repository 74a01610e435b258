package litellm

import "sync"

// A Band is the span of releases in which a library takes a decision in one
// way. The rows of a decision cover every release, without a gap or an overlap.
type Band struct {
	Library  string // litellm, openai or dspy
	Decision string // one of the decisions below
	From     string // the first release that decides so, "" for the very first
	To       string // the first that does not any more, "" for the newest
	Does     string // what it does
	Source   string // where that can be read
}

// The decisions that differ by release.
const (
	chatClient     = "chat-client"        // what litellm hands to the SDK's constructor
	routerClient   = "router-client"      // whether the proxy builds clients from a deployment's own parameters
	routerKey      = "router-key"         // whether a key keeps the proxy's clients from other credentials
	tokenProvider  = "token-provider"     // what becomes of azure_ad_token_provider
	adTokenEnv     = "azure-ad-token"     // whether AZURE_AD_TOKEN is read for chat
	embedProvider  = "embedding-provider" // what becomes of azure_ad_token_provider for embeddings
	envPrincipal   = "principal-env"      // when AZURE_TENANT_ID and its like stand in for parameters
	oSeries        = "o-series-names"     // which substrings of a deployment's name mean a reasoning model
	oSeriesClient  = "o-series-client"    // whether that path honours tokens
	oSeriesPrefix  = "o-series-prefix"    // whether asynchronous chats take o_series/ off the deployment's name
	defaultVersion = "default-version"    // the api-version when none is configured
	v1Client       = "v1-client"          // what api_version v1, latest and preview make of the credentials
	v1Address      = "v1-address"         // how the v1 address is put together
	gptSeries      = "gpt5-series-prefix" // whether gpt5_series/ is taken off the deployment's name
	versionShape   = "version-shape"      // whether chat needs an api-version in three parts
	responsesKnown = "responses"          // whether there is a Responses path for Azure
	asyncHTTP      = "async-http"         // what is under the asynchronous functions
	embedUnknown   = "embedding-unknown"  // what becomes of an embedding's parameters that LiteLLM does not know
	embedVersion   = "embedding-version"  // what becomes of the api-version of asynchronous embeddings
	audioVersion   = "audio-version"      // what becomes of the api-version of transcriptions
	audioBase      = "audio-base-url"     // whether the audio functions know base_url
	responsesAuth  = "responses-auth"     // what the Responses path sends
	responsesURL   = "responses-address"  // how its address is put together
	responsesV1    = "responses-v1"       // how api_version v1 changes its address
	responsesIDs   = "responses-ids"      // when variables stand in for a principal's parameters there
	responsesLast  = "responses-default"  // whether it ends with DefaultAzureCredential
	responsesModel = "responses-prefix"   // what azure/responses/NAME means to a chat call
	responsesNames = "responses-names"    // and what the names of models that answer Responses alone do
	bridgeHeaders  = "bridge-headers"     // whether such a chat keeps extra_headers
	plainChat      = "openai-chat"        // how a chat of OpenAI's own service is called
	plainEmbedding = "openai-embedding"   // how an embedding is
	plainAuth      = "openai-auth"        // which of the client's credentials a call by its address takes
	openAIBase     = "openai-base"        // which variables have the address of OpenAI's own service
	foundryAuth    = "azure-ai-auth"      // whether azure_ai/ knows tokens
	foundryHeader  = "azure-ai-header"    // where azure_ai/ sends a key as api-key
	foundryNone    = "azure-ai-base"      // what azure_ai/ does without any api_base
	foundryKey     = "azure-ai-key"       // whether azure_ai/ takes litellm.openai_key
	foundryVersion = "azure-ai-version"   // whether azure_ai/ sends api_version
	foundryEmbed   = "azure-ai-embedding" // what an embedding of azure_ai/ sends
	foundryNames   = "azure-ai-names"     // where azure_ai/ with the name of a model of OpenAI's means azure/
	foundryOwn     = "azure-ai-responses" // whether azure_ai/ has Responses of its own
	foundryClaude  = "azure-ai-claude"    // whether azure_ai/ has an operation of its own for Claude's names
	azureClaude    = "azure-claude"       // whether azure/ has
	claudeKey      = "claude-key"         // in which header that operation takes a key
	claudeEmpty    = "claude-empty-key"   // whether an empty one goes along in Anthropic's own header
	imageAuth      = "image-auth"         // what image generation sends
	imageURL       = "image-address"      // whether image generation knows the v1 route
	refreshPick    = "refresh-pick"       // what enable_azure_ad_token_refresh picks
	scopeParam     = "scope-parameter"    // whether azure_scope and AZURE_SCOPE are read
	oidcIDs        = "oidc-ids"           // where oidc/… takes tenant and client from
	oidcSide       = "oidc-side"          // whether a streamed chat's exchange on the side has its arguments
	oidcAzure      = "oidc-azure"         // what oidc/azure/ does without a token file
	oidcCache      = "oidc-cache"         // whether exchanged tokens are kept by their scope
	oidcFile       = "oidc-file"          // which paths oidc/file/ may name
	missingBase    = "missing-base"       // what happens without any api_base
	textBase       = "text-base"          // the same for azure_text/
	includeBase    = "include-base"       // where an include of an include is looked for
	sdkBound       = "sdk-bound"          // which openai-python its own requirement admits at most
	dspyEngine     = "dspy-engine"        // which engine DSPy takes where nothing asks for LiteLLM
	dspyResponses  = "dspy-responses"     // what model_type responses means
	dspyHeaders    = "dspy-headers"       // whether DSPy's calls have headers of their own
	sdkExclusive   = "sdk-exclusive"      // whether the SDK takes more than one credential
	sdkEmptyKey    = "sdk-empty-key"      // what the SDK does with an empty key
	sdkHeaders     = "sdk-header-case"    // whether a header in other letters replaces the SDK's own
	sdkEscapes     = "sdk-escapes"        // whether the SDK escapes a deployment's name
	sdkQuery       = "sdk-query"          // what the SDK makes of an address with a query
	sdkKeyTwice    = "sdk-key-twice"      // whether a key goes along as a bearer token as well
)

const (
	litellmTree = "https://github.com/BerriAI/litellm/"
	dspyTree    = "https://github.com/stanfordnlp/dspy/"
	openaiTree  = "https://github.com/openai/openai-python/"
)

// bands is read from the releases' own source, between neighbours on the
// package index. Edges are exact to the release unless a comment says otherwise.
var bands = []Band{
	{"litellm", chatClient, "", "1.63.8", "one", litellmTree + "commit/69839b3720"},
	{"litellm", chatClient, "1.63.8", "", "all", litellmTree + "commit/69839b3720"},

	{"litellm", routerClient, "", "1.63.8", "own", litellmTree + "commit/69839b3720"},
	{"litellm", routerClient, "1.63.8", "", "none", litellmTree + "commit/69839b3720"},

	{"litellm", routerKey, "", "1.63.5", "beside", litellmTree + "blob/main/litellm/router_utils/client_initalization_utils.py"},
	{"litellm", routerKey, "1.63.5", "", "first", litellmTree + "blob/main/litellm/router_utils/client_initalization_utils.py"},

	{"litellm", tokenProvider, "", "1.63.8", "last", litellmTree + "commit/69839b3720"},
	{"litellm", tokenProvider, "1.63.8", "1.69.0", "dropped", litellmTree + "issues/10693"},
	{"litellm", tokenProvider, "1.69.0", "", "kept", litellmTree + "pull/10694"},

	{"litellm", adTokenEnv, "", "1.63.8", "read", litellmTree + "issues/9598"},
	{"litellm", adTokenEnv, "1.63.8", "", "ignored", litellmTree + "issues/9598"},

	{"litellm", embedProvider, "", "1.63.8", "last", litellmTree + "commit/69839b3720"},
	{"litellm", embedProvider, "1.63.8", "1.77.1", "dropped", litellmTree + "issues/13984"},
	{"litellm", embedProvider, "1.77.1", "", "kept", litellmTree + "issues/13984"},

	// From 1.66.2 on the source reads the variables where a parameter's name
	// does not occur, but litellm.completion always hands the names on, as None.
	{"litellm", envPrincipal, "", "1.66.2", "unknown", litellmTree + "commit/8faf56922c"},
	{"litellm", envPrincipal, "1.66.2", "1.80.6", "ignored", litellmTree + "blob/main/litellm/litellm_core_utils/get_litellm_params.py"},
	{"litellm", envPrincipal, "1.80.6", "", "read", litellmTree + "blob/main/litellm/llms/azure/common_utils.py"},

	{"litellm", oSeries, "", "1.67.0", "o1 o3", litellmTree + "blob/main/litellm/llms/azure/chat/o_series_transformation.py"},
	{"litellm", oSeries, "1.67.0", "", "o1 o3 o4", litellmTree + "blob/main/litellm/llms/azure/chat/o_series_transformation.py"},

	{"litellm", oSeriesClient, "", "1.63.8", "keys", litellmTree + "commit/69839b3720"},
	{"litellm", oSeriesClient, "1.63.8", "", "tokens", litellmTree + "commit/69839b3720"},

	{"litellm", oSeriesPrefix, "", "1.69.1", "removed", litellmTree + "pull/10724"},
	{"litellm", oSeriesPrefix, "1.69.1", "1.71.3", "kept", litellmTree + "pull/10724"},
	{"litellm", oSeriesPrefix, "1.71.3", "", "removed", litellmTree + "pull/11212"},

	{"litellm", defaultVersion, "", "1.63.8", "2024-08-01-preview", litellmTree + "blob/main/litellm/__init__.py"},
	{"litellm", defaultVersion, "1.63.8", "", "2025-02-01-preview", litellmTree + "blob/main/litellm/__init__.py"},

	{"litellm", v1Client, "", "1.81.1", "none", litellmTree + "pull/19313"},
	{"litellm", v1Client, "1.81.1", "1.85.4", "keys", litellmTree + "issues/27945"},
	{"litellm", v1Client, "1.85.4", "1.86.0", "tokens", litellmTree + "pull/29629"},
	{"litellm", v1Client, "1.86.0", "1.86.4", "keys", litellmTree + "issues/27945"},
	{"litellm", v1Client, "1.86.4", "1.87.0", "tokens", litellmTree + "pull/29630"},
	{"litellm", v1Client, "1.87.0", "1.87.1", "keys", litellmTree + "issues/27945"},
	{"litellm", v1Client, "1.87.1", "", "tokens", litellmTree + "pull/28627"},

	{"litellm", v1Address, "", "1.109.0", "joined", litellmTree + "pull/19313"},
	{"litellm", v1Address, "1.109.0", "", "normalised", litellmTree + "blob/main/litellm/litellm_core_utils/url_utils.py"},

	{"litellm", gptSeries, "", "1.75.6", "kept", litellmTree + "blob/main/litellm/llms/azure/chat/gpt_5_transformation.py"},
	{"litellm", gptSeries, "1.75.6", "", "removed", litellmTree + "blob/main/litellm/llms/azure/chat/gpt_5_transformation.py"},

	{"litellm", versionShape, "", "1.74.12", "date", litellmTree + "blob/main/litellm/llms/azure/chat/gpt_transformation.py"},
	{"litellm", versionShape, "1.74.12", "", "any", litellmTree + "blob/main/litellm/llms/azure/chat/gpt_transformation.py"},

	{"litellm", responsesKnown, "", "1.63.8", "absent", litellmTree + "blob/main/litellm/responses/main.py"},
	{"litellm", responsesKnown, "1.63.8", "1.67.0", "others", litellmTree + "blob/main/litellm/responses/main.py"},
	{"litellm", responsesKnown, "1.67.0", "", "azure", litellmTree + "blob/main/litellm/llms/azure/responses/transformation.py"},

	{"litellm", asyncHTTP, "", "1.71.2", "httpx", litellmTree + "blob/main/litellm/llms/custom_httpx/http_handler.py"},
	{"litellm", asyncHTTP, "1.71.2", "", "aiohttp", litellmTree + "blob/main/litellm/llms/custom_httpx/http_handler.py"},

	{"litellm", embedUnknown, "", "1.72.1", "argument", litellmTree + "blob/main/litellm/utils.py"},
	{"litellm", embedUnknown, "1.72.1", "", "body", litellmTree + "blob/main/litellm/utils.py"},

	{"litellm", embedVersion, "", "1.63.8", "kept", litellmTree + "blob/main/litellm/llms/azure/azure.py"},
	{"litellm", embedVersion, "1.63.8", "1.84.0", "lost", litellmTree + "blob/main/litellm/llms/azure/azure.py"},
	{"litellm", embedVersion, "1.84.0", "", "kept", litellmTree + "blob/main/litellm/llms/azure/azure.py"},

	{"litellm", audioVersion, "", "1.63.8", "kept", litellmTree + "blob/main/litellm/llms/azure/audio_transcriptions.py"},
	{"litellm", audioVersion, "1.63.8", "1.110.0", "lost", litellmTree + "blob/main/litellm/llms/azure/audio_transcriptions.py"},
	{"litellm", audioVersion, "1.110.0", "", "lost, and v1", litellmTree + "blob/main/litellm/llms/azure/audio_transcriptions.py"},

	{"litellm", audioBase, "", "1.105.0", "none", litellmTree + "blob/main/litellm/main.py"},
	{"litellm", audioBase, "1.105.0", "", "both", litellmTree + "blob/main/litellm/main.py"},

	{"litellm", responsesAuth, "", "1.73.1", "bearer-key", litellmTree + "issues/10868"},
	{"litellm", responsesAuth, "1.73.1", "", "tokens", litellmTree + "pull/11941"},

	{"litellm", refreshPick, "", "1.63.5", "secret-or-default", litellmTree + "pull/7095"},
	{"litellm", refreshPick, "1.63.5", "1.71.0", "named", litellmTree + "blob/main/litellm/secret_managers/get_azure_ad_token_provider.py"},
	{"litellm", refreshPick, "1.71.0", "1.72.0", "enumerated", litellmTree + "issues/11271"},
	{"litellm", refreshPick, "1.72.0", "1.74.8", "any-class", litellmTree + "pull/11272"},
	{"litellm", refreshPick, "1.74.8", "1.74.12", "class-or-secret", litellmTree + "pull/12841"},
	{"litellm", refreshPick, "1.74.12", "1.78.0", "class-with-password", litellmTree + "pull/12995"},
	{"litellm", refreshPick, "1.78.0", "1.99.0", "inferred", litellmTree + "pull/12841"},
	{"litellm", refreshPick, "1.99.0", "1.101.0", "federated", litellmTree + "blob/main/litellm/secret_managers/get_azure_ad_token_provider.py"},
	{"litellm", refreshPick, "1.101.0", "", "deployment", litellmTree + "pull/39637"},

	{"litellm", scopeParam, "", "1.72.7", "refresh", litellmTree + "pull/11621"},
	{"litellm", scopeParam, "1.72.7", "1.80.6", "parameter", litellmTree + "pull/11621"},
	{"litellm", scopeParam, "1.80.6", "", "read", litellmTree + "blob/main/litellm/llms/azure/common_utils.py"},

	{"litellm", oidcIDs, "", "1.67.6", "environment", litellmTree + "blob/main/litellm/llms/azure/common_utils.py"},
	{"litellm", oidcIDs, "1.67.6", "", "parameters", litellmTree + "blob/main/litellm/llms/azure/common_utils.py"},

	{"litellm", oidcSide, "", "1.67.6", "made", litellmTree + "blob/main/litellm/llms/azure/common_utils.py"},
	{"litellm", oidcSide, "1.67.6", "1.78.0", "fails", litellmTree + "blob/main/litellm/llms/azure/common_utils.py"},
	{"litellm", oidcSide, "1.78.0", "", "made", litellmTree + "blob/main/litellm/llms/azure/common_utils.py"},

	{"litellm", oidcAzure, "", "1.71.2", "fails", litellmTree + "blob/main/litellm/secret_managers/main.py"},
	{"litellm", oidcAzure, "1.71.2", "", "refresh", litellmTree + "blob/main/litellm/secret_managers/main.py"},

	{"litellm", oidcCache, "", "1.109.0", "any-scope", litellmTree + "blob/main/litellm/llms/azure/common_utils.py"},
	{"litellm", oidcCache, "1.109.0", "", "by-scope", litellmTree + "blob/main/litellm/llms/azure/common_utils.py"},

	{"litellm", oidcFile, "", "1.83.8", "any", litellmTree + "blob/main/litellm/secret_managers/main.py"},
	{"litellm", oidcFile, "1.83.8", "", "listed", litellmTree + "blob/main/litellm/secret_managers/main.py"},

	{"litellm", responsesIDs, "", "1.80.10", "absent", litellmTree + "pull/17943"},
	{"litellm", responsesIDs, "1.80.10", "", "empty", litellmTree + "pull/17943"},

	{"litellm", responsesLast, "", "1.74.8", "nothing", litellmTree + "pull/12841"},
	{"litellm", responsesLast, "1.74.8", "", "default", litellmTree + "pull/12841"},

	{"litellm", bridgeHeaders, "", "1.81.8", "lost", litellmTree + "commit/0cb6b58768"},
	{"litellm", bridgeHeaders, "1.81.8", "", "kept", litellmTree + "commit/0cb6b58768"},

	{"litellm", responsesModel, "", "1.73.2", "deployment", litellmTree + "pull/12016"},
	// The Router registers the deployment's name as a model, which these do not
	// expect.
	{"litellm", responsesModel, "1.73.2", "1.73.7", "responses-but-router", litellmTree + "pull/12016"},
	{"litellm", responsesModel, "1.73.7", "", "responses", litellmTree + "blob/main/litellm/main.py"},

	{"litellm", responsesNames, "", "1.72.6", "deployment", litellmTree + "pull/11632"},
	{"litellm", responsesNames, "1.72.6", "", "responses", litellmTree + "pull/11632"},

	{"litellm", responsesURL, "", "1.75.9", "given", litellmTree + "blob/main/litellm/llms/azure/responses/transformation.py"},
	{"litellm", responsesURL, "1.75.9", "1.108.10", "default", litellmTree + "blob/main/litellm/llms/azure/responses/transformation.py"},
	{"litellm", responsesURL, "1.108.10", "1.109.0", "v1-base", litellmTree + "blob/main/litellm/llms/azure/responses/transformation.py"},
	{"litellm", responsesURL, "1.109.0", "", "dated", litellmTree + "blob/main/litellm/llms/azure/responses/transformation.py"},

	{"litellm", responsesV1, "", "1.73.0", "none", litellmTree + "blob/main/litellm/llms/azure/common_utils.py"},
	{"litellm", responsesV1, "1.73.0", "1.79.1", "every-but-v1", litellmTree + "blob/main/litellm/llms/azure/common_utils.py"},
	{"litellm", responsesV1, "1.79.1", "1.109.0", "every", litellmTree + "blob/main/litellm/llms/azure/common_utils.py"},
	{"litellm", responsesV1, "1.109.0", "", "last", litellmTree + "blob/main/litellm/llms/azure/common_utils.py"},

	{"litellm", plainChat, "", "1.108.1", "create", litellmTree + "blob/main/litellm/llms/openai/openai.py"},
	{"litellm", plainChat, "1.108.1", "", "post", litellmTree + "blob/main/litellm/llms/openai/openai.py"},

	{"litellm", plainEmbedding, "", "1.101.0", "create", litellmTree + "blob/main/litellm/llms/openai/openai.py"},
	{"litellm", plainEmbedding, "1.101.0", "", "post", litellmTree + "blob/main/litellm/llms/openai/openai.py"},

	{"litellm", plainAuth, "", "1.110.0", "any", litellmTree + "blob/main/litellm/llms/openai/openai.py"},
	{"litellm", plainAuth, "1.110.0", "", "key", litellmTree + "blob/main/litellm/llms/openai/openai.py"},

	{"litellm", openAIBase, "", "1.67.6", "api-base", litellmTree + "pull/10423"},
	{"litellm", openAIBase, "1.67.6", "", "both", litellmTree + "pull/10423"},

	{"litellm", foundryAuth, "", "1.81.11", "keys", litellmTree + "blob/main/litellm/llms/azure_ai/chat/transformation.py"},
	{"litellm", foundryAuth, "1.81.11", "", "tokens", litellmTree + "blob/main/litellm/llms/azure_ai/chat/transformation.py"},

	{"litellm", foundryHeader, "", "1.61.19", "by-address", litellmTree + "blob/main/litellm/llms/azure_ai/chat/transformation.py"},
	{"litellm", foundryHeader, "1.61.19", "", "by-host", litellmTree + "blob/main/litellm/llms/azure_ai/chat/transformation.py"},

	{"litellm", foundryNone, "", "1.61.19", "fails", litellmTree + "blob/main/litellm/llms/azure_ai/chat/transformation.py"},
	{"litellm", foundryNone, "1.61.19", "", "named", litellmTree + "blob/main/litellm/llms/azure_ai/chat/transformation.py"},

	{"litellm", foundryKey, "", "1.100.0", "openai-key", litellmTree + "pull/22696"},
	{"litellm", foundryKey, "1.100.0", "", "own", litellmTree + "pull/22696"},

	{"litellm", foundryVersion, "", "1.63.11", "ignored", litellmTree + "blob/main/litellm/llms/azure_ai/chat/transformation.py"},
	{"litellm", foundryVersion, "1.63.11", "", "sent", litellmTree + "blob/main/litellm/llms/azure_ai/chat/transformation.py"},

	{"litellm", foundryEmbed, "", "1.100.0", "keys", litellmTree + "blob/main/litellm/llms/azure_ai/embed/handler.py"},
	{"litellm", foundryEmbed, "1.100.0", "1.101.0", "tokens", litellmTree + "blob/main/litellm/main.py"},
	{"litellm", foundryEmbed, "1.101.0", "", "tokens-and-models", litellmTree + "blob/main/litellm/llms/azure_ai/embed/handler.py"},

	{"litellm", foundryNames, "", "1.101.0", "everywhere", litellmTree + "blob/main/litellm/llms/azure_ai/chat/transformation.py"},
	{"litellm", foundryNames, "1.101.0", "", "elsewhere", litellmTree + "blob/main/litellm/llms/azure_ai/common_utils.py"},

	{"litellm", foundryClaude, "", "1.80.8", "chat", litellmTree + "blob/main/litellm/main.py"},
	{"litellm", foundryClaude, "1.80.8", "", "messages", litellmTree + "blob/main/litellm/llms/azure_ai/anthropic/handler.py"},

	{"litellm", azureClaude, "", "1.80.6", "chat", litellmTree + "blob/main/litellm/litellm_core_utils/get_llm_provider_logic.py"},
	{"litellm", azureClaude, "1.80.6", "1.80.8", "messages", litellmTree + "blob/main/litellm/litellm_core_utils/get_llm_provider_logic.py"},
	{"litellm", azureClaude, "1.80.8", "", "chat", litellmTree + "blob/main/litellm/litellm_core_utils/get_llm_provider_logic.py"},

	{"litellm", claudeKey, "", "1.80.10", "x-api-key", litellmTree + "blob/main/litellm/llms/azure_ai/anthropic/transformation.py"},
	{"litellm", claudeKey, "1.80.10", "", "api-key", litellmTree + "blob/main/litellm/llms/azure_ai/anthropic/transformation.py"},

	{"litellm", claudeEmpty, "", "1.82.5", "sent", litellmTree + "blob/main/litellm/llms/anthropic/common_utils.py"},
	{"litellm", claudeEmpty, "1.82.5", "", "left-out", litellmTree + "blob/main/litellm/llms/anthropic/common_utils.py"},

	// The edge lies between 1.102.4 and 1.103.0.
	{"litellm", foundryOwn, "", "1.103.0", "none", litellmTree + "blob/main/litellm/llms/azure_ai/responses/transformation.py"},
	{"litellm", foundryOwn, "1.103.0", "", "own", litellmTree + "blob/main/litellm/llms/azure_ai/responses/transformation.py"},

	{"litellm", imageAuth, "", "1.77.7", "keys", litellmTree + "blob/main/litellm/images/main.py"},
	{"litellm", imageAuth, "1.77.7", "1.80.15", "provider-or-key", litellmTree + "blob/main/litellm/llms/azure/azure.py"},
	{"litellm", imageAuth, "1.80.15", "1.103.0", "provider", litellmTree + "blob/main/litellm/images/main.py"},
	{"litellm", imageAuth, "1.103.0", "", "tokens", litellmTree + "blob/main/litellm/llms/azure/azure.py"},

	{"litellm", imageURL, "", "1.100.0", "deployments", litellmTree + "blob/main/litellm/llms/azure/azure.py"},
	{"litellm", imageURL, "1.100.0", "", "v1", litellmTree + "blob/main/litellm/llms/azure/azure.py"},

	{"litellm", missingBase, "", "1.81.1", "fails", litellmTree + "blob/main/litellm/llms/azure/azure.py"},
	{"litellm", missingBase, "1.81.1", "", "sdk", litellmTree + "blob/main/litellm/llms/azure/azure.py"},

	{"litellm", textBase, "", "1.77.5", "fails", litellmTree + "blob/main/litellm/main.py"},
	{"litellm", textBase, "1.77.5", "", "named", litellmTree + "blob/main/litellm/main.py"},

	{"litellm", includeBase, "", "1.102.0", "first-file", litellmTree + "blob/main/litellm/proxy/proxy_server.py"},
	{"litellm", includeBase, "1.102.0", "", "beside", litellmTree + "blob/main/litellm/proxy/common_utils/config_includes.py"},

	// Of the requirement in each release's own metadata.
	{"litellm", sdkBound, "", "1.67.6", "any", litellmTree + "blob/main/pyproject.toml"},
	{"litellm", sdkBound, "1.67.6", "1.70.4", "<1.76.0", litellmTree + "blob/main/pyproject.toml"},
	{"litellm", sdkBound, "1.70.4", "1.83.1", "any", litellmTree + "blob/main/pyproject.toml"},
	// These pin it, to 2.30.0 or 2.24.0; the edge lies between 1.83.0 and 1.83.7.
	{"litellm", sdkBound, "1.83.1", "1.84.0", "<2.31.0", litellmTree + "blob/main/pyproject.toml"},
	{"litellm", sdkBound, "1.84.0", "1.108.0", "<3.0.0", litellmTree + "blob/main/pyproject.toml"},
	{"litellm", sdkBound, "1.108.0", "", "<4.0.0", litellmTree + "blob/main/pyproject.toml"},

	{"dspy", dspyResponses, "", "3.0.2", "text", dspyTree + "blob/main/dspy/clients/lm.py"},
	{"dspy", dspyResponses, "3.0.2", "", "responses", dspyTree + "blob/main/dspy/clients/lm.py"},

	{"dspy", dspyHeaders, "", "3.0.4", "none", dspyTree + "blob/main/dspy/clients/lm.py"},
	{"dspy", dspyHeaders, "3.0.4", "", "own", dspyTree + "blob/main/dspy/clients/lm.py"},

	{"dspy", dspyEngine, "", "3.4.0", "litellm", dspyTree + "blob/main/dspy/clients/lm.py"},
	{"dspy", dspyEngine, "3.4.0", "", "own", dspyTree + "blob/main/dspy/clients/backend_selection.py"},

	{"openai", sdkExclusive, "", "3.4.0", "ordered", openaiTree + "pull/3689"},
	{"openai", sdkExclusive, "3.4.0", "", "exclusive", openaiTree + "pull/3689"},

	{"openai", sdkEmptyKey, "", "1.92.3", "illegal", openaiTree + "blob/main/src/openai/_client.py"},
	{"openai", sdkEmptyKey, "1.92.3", "2.34.0", "sent", openaiTree + "blob/main/src/openai/_client.py"},
	{"openai", sdkEmptyKey, "2.34.0", "", "refused", openaiTree + "blob/main/src/openai/_client.py"},

	{"openai", sdkHeaders, "", "2.34.0", "own", openaiTree + "blob/main/src/openai/lib/azure.py"},
	{"openai", sdkHeaders, "2.34.0", "3.20.0", "token-late", openaiTree + "blob/main/src/openai/lib/azure.py"},
	{"openai", sdkHeaders, "3.20.0", "", "any", openaiTree + "blob/main/src/openai/_base_client.py"},

	{"openai", sdkEscapes, "", "3.4.0", "no", openaiTree + "blob/main/src/openai/lib/azure.py"},
	{"openai", sdkEscapes, "3.4.0", "", "yes", openaiTree + "blob/main/src/openai/lib/azure.py"},

	{"openai", sdkQuery, "", "3.20.0", "swallowed", openaiTree + "blob/main/src/openai/_base_client.py"},
	{"openai", sdkQuery, "3.20.0", "", "slash", openaiTree + "blob/main/src/openai/_base_client.py"},

	{"openai", sdkKeyTwice, "", "2.34.0", "twice", openaiTree + "blob/main/src/openai/lib/azure.py"},
	{"openai", sdkKeyTwice, "2.34.0", "", "once", openaiTree + "issues/3282"},
}

// A span is a Band with its edges read.
type span struct {
	from, to Version
	does     string
}

// parsed is bands with its edges read, by library and decision.
var parsed = sync.OnceValue(func() map[string][]span {
	out := make(map[string][]span)
	for _, b := range bands {
		from, _ := ParseVersion(b.From)
		to, _ := ParseVersion(b.To)
		key := b.Library + " " + b.Decision
		out[key] = append(out[key], span{from, to, b.Does})
	}
	return out
})

// Bands is the table of what differs by release, for the documentation.
func Bands() []Band { return append([]Band(nil), bands...) }

// decide is what a library's release does about a decision. An unknown version
// is taken for the newest.
func decide(library, decision string, v Version) string {
	for _, s := range parsed()[library+" "+decision] {
		switch {
		case v.IsZero():
			if s.to.IsZero() {
				return s.does
			}
		case (s.from.IsZero() || v.Compare(s.from) >= 0) && (s.to.IsZero() || v.Compare(s.to) < 0):
			return s.does
		}
	}
	return ""
}
