package preflight

import "strings"

// Errors of other providers' models, and of OpenAI's own service. Their texts
// have the words of Azure OpenAI's (a rate limit, an invalid key, a model that
// does not exist), and nothing that is known of Azure explains them.

// otherProvider reports whether a text is about a model of another provider's:
// it names one, and nobody of the chain. White space does not count, since logs
// are wrapped in the middle of words.
func otherProvider(text string) bool {
	text = squeezed(text)
	if azureWords().MatchString(text) {
		return false
	}
	if strings.Contains(text, "169.254.169.254") {
		return false
	}
	return providerNames().MatchString(text) || openAIWords().MatchString(text) && !clientWords().MatchString(text)
}

// othersMetadata reports whether a text is about what AWS or Google have at the
// address that all clouds share; before is what stands above it, where a
// wrapped line leaves the path.
func othersMetadata(before, text string) bool {
	whole := squeezed(lastLines(before, 5) + text)
	return otherMetadata().MatchString(whole) && !azureWords().MatchString(squeezed(text)) && !strings.Contains(whole, metadataPath)
}

// The expressions are for a text without white space, so that none of them
// can ask where a word begins.
var (
	azureWords = lazy(`(?i)azure|AADSTS|microsoftonline|cognitiveservices|cognitive\.microsoft|services\.ai\.|entraid|ACTIONS_ID_TOKEN`)

	otherMetadata = lazy(`(?i)/latest/(?:meta-data|user-data|api/token|dynamic)|ec2[-_.]?(?:imds|metadata)|computeMetadata/v1|metadata\.google\.internal`)

	// LiteLLM puts the provider before Exception; the SDKs have their own modules.
	// GitHub Models has a publisher before a model's name, Azure no slash in one.
	providerNames = lazy(`(?:Bedrock|Sagemaker|Vertex_?AI(?:_?[Bb]eta)?|Gemini|Palm|Anthropic|Ollama|Groq|Cohere|Mistral|Codestral|Hugging[Ff]ace|Replicate|Together_?AI|Databricks|Deepseek|Openrouter|XAI|Xai|Perplexity|Fireworks_?AI|Watsonx|Cerebras|Sambanova|Nvidia_?nim|[Vv]llm|Deepinfra|Cloudflare|Github(?:_?[Cc]opilot)?|Volcengine|Dashscope|Moonshot)Exception` +
		`|api\.(?:anthropic|groq|mistral|cohere|deepseek|together|x|perplexity|fireworks|replicate)\.(?:com|ai|xyz)|openrouter\.ai|models\.github\.ai|Unknownmodel:[\w.-]+/|(?:generativelanguage|aiplatform)\.googleapis\.com|bedrock(?:-runtime)?\.[a-z0-9-]+\.amazonaws\.com|RESOURCE_EXHAUSTED` +
		`|(?:anthropic|groq|mistralai|cohere|ollama|botocore|vertexai|google\.(?:genai|api_core|generativeai))\.[\w.]*(?:Error|Exception|Exhausted|PermissionDenied)`)

	// What only OpenAI's own service says, which has organisations and projects,
	// and what its client says of the key of that service.
	openAIWords = lazy(`(?i)api\.openai\.com|platform\.openai\.com/(?:account|settings)|IncorrectAPIkeyprovided|Youdidn'tprovideanAPIkey|inorganizationorg-|project.?proj_|doesnotexistoryoudonothaveaccesstoit|exceededyourcurrentquota,pleasecheckyourplan|settingtheOPENAI_API_KEYenvironmentvariable`)

	// Clients that are told which provider to ask, so that OpenAI's answer shows
	// that they were told wrong.
	clientWords = lazy(`(?i)litellm|dspy|OpenAIException`)
)
