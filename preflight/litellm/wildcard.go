package litellm

import "strings"

// azureProviders are LiteLLM's names of the providers that this package knows.
var azureProviders = map[string]bool{"azure": true, "azure_ai": true, "azure_text": true}

// providerOf is the provider of a model's name, as LiteLLM takes it from
// custom_llm_provider or the name's prefix; "" when it has neither.
func providerOf(model, custom string) string {
	if custom != "" {
		return custom
	}
	prefix, _, ok := strings.Cut(model, "/")
	if !ok {
		return ""
	}
	return prefix
}

// Misspelt reports whether a model's prefix is none of LiteLLM's and was meant
// for Azure's: AZURE/chat, azure_openai/chat. LiteLLM raises that the provider
// is not given (seen in 1.63.7, 1.81.12 and 1.109.1).
func Misspelt(model string) bool {
	prefix := providerOf(model, "")
	return !azureProviders[prefix] && strings.Contains(strings.ToLower(prefix), "azure")
}

// isWildcard reports whether a model stands for every name of a pattern.
func isWildcard(model string) bool { return strings.Contains(model, "*") }

// kinds are the modes that LiteLLM knows.
var kinds = map[Kind]bool{
	Chat: true, Completion: true, Embedding: true, Responses: true, Image: true, Speech: true, Transcription: true,
	Realtime: true, Rerank: true, Batch: true, Video: true, OCR: true,
}

// uncallable are the kinds that no minimal call of Azure OpenAI tries.
var uncallable = map[Kind]bool{Realtime: true, Rerank: true, Batch: true, Video: true, OCR: true}

// guessKind is the kind that a model's name tells; ok reports whether it does.
// LiteLLM looks names up in its table of prices, in which nothing else stands
// under these words.
func guessKind(name string) (kind Kind, ok bool) {
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		name = name[i+1:]
	}
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '-' || r == '_' || r == '.' || r == ' ' })
	for i, w := range words {
		next := ""
		if i+1 < len(words) {
			next = words[i+1]
		}
		switch {
		case w == "embedding", w == "embeddings":
			return Embedding, true
		case w == "whisper", w == "transcribe":
			return Transcription, true
		case w == "dalle", w == "dall" && next == "e", w == "gpt" && next == "image":
			return Image, true
		case w == "tts":
			return Speech, true
		case w == "realtime":
			return Realtime, true
		case w == "sora":
			return Video, true
		}
	}
	return "", false
}

// shownProvider is a provider's name as it may be shown.
func shownProvider(name string) string {
	if name == "" || len(name) > 40 || strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-' && r != '.'
	}) {
		return "an unknown provider"
	}
	return "provider " + name
}
