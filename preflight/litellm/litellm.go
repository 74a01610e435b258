// Package litellm knows which credential LiteLLM, DSPy and openai-python
// really send to Azure OpenAI, in which header, and to which address.
//
// [Load] reads a proxy's configuration, with positions; [Resolve] decides for
// one call what is sent; requirements and lock files tell the versions that
// decide with it. Everything here is pure: files and variables are handed in,
// nobody is asked, and nothing that is returned shows a value.
package litellm

import "github.com/aoai-preflight/aoai-preflight/internal/secret"

// A Place is a position in a file of the workspace. Line and Column count from
// 1; the zero Place is nowhere.
type Place struct {
	File         string
	Line, Column int
}

// A Value is what a parameter or a variable holds. One that is not Set is
// Python's None; one that is set can be empty, which is something else.
type Value struct {
	Set  bool
	Text secret.Text
	Type Type
	From string // what filled it, in words: "litellm_params.api_key", "variable AZURE_API_KEY"; never a value
	Var  string // the environment variable that it came from, "" for none
	At   Place  // of the key that set it, zero where no file did
}

// Empty reports whether Python's truth test fails: None, or no characters.
func (v Value) Empty() bool { return !v.Set || v.Text.IsZero() }

// A Type is what YAML (or LiteLLM's own reading of a variable) made of a value.
type Type string

// The types.
const (
	String  Type = "" // text
	Boolean Type = "boolean"
	Number  Type = "number"
	Date    Type = "date" // an unquoted 2024-10-21
	Other   Type = "other"
)

// An Environment is what the client's process has: the variable of a name.
type Environment func(name string) Value

// A Client is whose rules apply.
type Client string

// The clients.
const (
	SDK    Client = "litellm"       // litellm.completion() and its like, in the suite's own process
	Proxy  Client = "litellm-proxy" // the proxy server, or the Router, with a configuration file
	DSPy   Client = "dspy"          // dspy.LM, on litellm.completion
	OpenAI Client = "openai"        // openai.AzureOpenAI, without LiteLLM
)

// A Kind is what is called. The values are LiteLLM's model_info.mode.
type Kind string

// The kinds.
const (
	Chat          Kind = "chat"
	Completion    Kind = "completion"
	Embedding     Kind = "embedding"
	Responses     Kind = "responses"
	Image         Kind = "image_generation"
	Speech        Kind = "audio_speech"
	Transcription Kind = "audio_transcription"
	Realtime      Kind = "realtime"
	Rerank        Kind = "rerank"
	Batch         Kind = "batch"
	Video         Kind = "video_generation"
	OCR           Kind = "ocr"

	// Messages is Anthropic's operation, which LiteLLM calls for a chat with a
	// Claude of azure_ai/; it is no mode of its own.
	Messages Kind = "anthropic_messages"
)

// A Call is everything that decides what is sent.
type Call struct {
	Client   Client
	Model    string           // as written, with the prefix: azure/chat
	Alias    string           // the configuration's model_name
	Kind     Kind             // as configured or implied; the prefix azure/responses/ decides over it
	Params   map[string]Value // by LiteLLM's names: api_key, api_base, azure_ad_token, tenant_id, …; extra_headers as "extra_headers.NAME"
	Provider bool             // code passes azure_ad_token_provider
	Async    bool             // the asynchronous functions are called; the proxy's are whatever this says
	Stream   bool             // the answer is streamed
	Globals  map[string]Value // attributes of the module litellm: api_key, azure_key, api_base, enable_azure_ad_token_refresh, …
	Env      Environment      // never nil
	Versions Versions
	At       Place // of the model's key
}

// Versions are those of the libraries. A zero Version is unknown, and is taken
// for the newest.
type Versions struct{ LiteLLM, OpenAI, DSPy Version }
