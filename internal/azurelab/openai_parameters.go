package azurelab

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// parameters are the fields of a request's body.
type parameters map[string]any

// known are the parameters that each operation takes. They are those of
// OpenAI's reference that a client of the lab could send.
var known = map[Operation][]string{
	Chat: {"model", "messages", "max_tokens", "max_completion_tokens", "temperature", "top_p", "n", "stream", "stream_options", "stop", "seed", "user",
		"presence_penalty", "frequency_penalty", "logit_bias", "logprobs", "top_logprobs", "tools", "tool_choice", "parallel_tool_calls", "functions",
		"function_call", "response_format", "reasoning_effort", "verbosity", "metadata", "store", "data_sources", "modalities", "audio", "prediction", "service_tier"},
	Completions: {"model", "prompt", "max_tokens", "temperature", "top_p", "n", "stream", "stop", "seed", "user", "suffix", "logprobs", "echo", "best_of",
		"presence_penalty", "frequency_penalty", "logit_bias"},
	Embeddings: {"model", "input", "dimensions", "encoding_format", "user", "input_type"},
	Responses: {"model", "input", "instructions", "max_output_tokens", "temperature", "top_p", "stream", "store", "tools", "tool_choice", "reasoning", "text",
		"metadata", "previous_response_id", "parallel_tool_calls", "truncation", "include", "user", "background", "service_tier", "prompt_cache_key"},
	Images:         {"model", "prompt", "n", "size", "quality", "style", "user", "response_format", "output_format", "output_compression", "background", "moderation", "stream", "partial_images"},
	Speech:         {"model", "input", "voice", "response_format", "speed", "instructions", "stream_format"},
	Transcriptions: {"model"},
}

// required is the parameter without which an operation complains first.
var required = map[Operation]string{
	Chat:        "messages",
	Completions: "prompt",
	Embeddings:  "input",
	Responses:   "input",
	Images:      "prompt",
	Speech:      "input",
}

// validate checks the body as the model's own service does, in its order:
// unknown parameters, missing ones, then values.
func (d *Deployment) validate(c *call, rt route, version string) (parameters, *reply) {
	if rt.op == Transcriptions {
		if formValue(c, "model") == "" && rt.v1 || len(c.body) == 0 {
			return nil, invalid("file", "missing_required_parameter", "Missing required parameter: 'file'.")
		}
		if formFile(c, "file") == 0 {
			// Reports: azure-sdk-for-net issue 40780, vercel/ai issue 8013.
			return nil, invalid("", "", "Unrecognized file format. Supported formats: ['flac', 'm4a', 'mp3', 'mp4', 'mpeg', 'mpga', 'oga', 'ogg', 'wav', 'webm']")
		}
		return parameters{}, nil
	}
	p := parameters{}
	if err := json.Unmarshal(c.body, &p); err != nil {
		return nil, invalid("", "", "We could not parse the JSON body of your request.") // docs of OpenAI
	}
	for _, name := range sortedKeys(p) {
		if d.Strict && name == "max_completion_tokens" {
			return nil, extraForbidden(name, p[name])
		}
		if !slices.Contains(known[rt.op], name) || name == "max_completion_tokens" && !rt.v1 && version < "2024-09-01-preview" {
			return nil, unknownParameter(rt, name)
		}
	}
	if name := required[rt.op]; p[name] == nil {
		return nil, invalid(name, "missing_required_parameter", "Missing required parameter: '%s'.", name)
	}
	switch rt.op {
	case Chat:
		return p, d.validateChat(p)
	case Responses:
		return p, validateResponses(p)
	case Images:
		return p, validateImages(p)
	case Speech:
		return p, validateSpeech(p)
	case Embeddings:
		if s, ok := p["input"].(string); ok && s == "" {
			return p, invalid("input", "", "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.") // report
		}
	}
	return p, nil
}

// unknownParameter is the complaint about a parameter that the route does not
// know.
func unknownParameter(rt route, name string) *reply {
	if rt.op == Responses {
		return invalid(name, "unknown_parameter", "Unknown parameter: '%s'.", name) // docs of OpenAI
	}
	// Report: openai-python issue 1724, max_completion_tokens under 2024-08-01-preview.
	return invalid("", "", "Unrecognized request argument supplied: %s", name)
}

// extraForbidden is how Mistral's models on Foundry refuse a parameter that
// their own interface does not have. Report: pydantic-ai issue 6593.
func extraForbidden(name string, value any) *reply {
	detail := map[string]any{"type": "extra_forbidden", "loc": []string{"body", name}, "msg": "Extra inputs are not permitted", "input": value}
	return jsonReply(http.StatusUnprocessableEntity, map[string]any{"error": map[string]any{
		"code": "Invalid input", "status": http.StatusUnprocessableEntity, "message": "invalid input error", "details": []any{detail}}})
}

// validateChat knows what a reasoning model refuses.
func (d *Deployment) validateChat(p parameters) *reply {
	if d.Reasoning {
		if p["max_tokens"] != nil {
			// Reports: LiteLLM, promptfoo.
			return invalid("max_tokens", "unsupported_parameter", "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.")
		}
		if t, ok := p["temperature"].(float64); ok && t != 1 {
			return invalid("temperature", "unsupported_value", "Unsupported value: 'temperature' does not support %v with this model. Only the default (1) value is supported.", t) // reports
		}
	}
	for _, name := range []string{"max_tokens", "max_completion_tokens"} {
		if n, ok := p[name].(float64); ok && n < 1 {
			return belowMinimum(name, 1, n) // report: YClient issue 6
		}
	}
	return nil
}

func validateResponses(p parameters) *reply {
	if n, ok := p["max_output_tokens"].(float64); ok && n < 16 {
		return belowMinimum("max_output_tokens", 16, n) // report: vectorize-io/hindsight issue 58, from Azure
	}
	return nil
}

// imageSizes are those of the gpt-image models.
var imageSizes = []string{"1024x1024", "1024x1536", "1536x1024", "auto"}

func validateImages(p parameters) *reply {
	if n, ok := p["n"].(float64); ok && n < 1 {
		return belowMinimum("n", 1, n)
	}
	if s, ok := p["size"].(string); ok && !slices.Contains(imageSizes, s) {
		return invalid("size", "invalid_value", "Invalid value: '%s'. Supported values are: '%s', and 'auto'.", s, strings.Join(imageSizes[:3], "', '"))
	}
	if s, ok := p["prompt"].(string); ok && s == "" {
		return invalid("prompt", "empty_string", "Invalid 'prompt': empty string. Expected a string with minimum length 1, but got an empty string instead.")
	}
	return nil
}

// voices are those that every speech model has.
var voices = []string{"alloy", "ash", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer"}

func validateSpeech(p parameters) *reply {
	voice, _ := p["voice"].(string)
	switch {
	case p["voice"] == nil:
		return invalid("voice", "missing_required_parameter", "Missing required parameter: 'voice'.")
	case !slices.Contains(voices, voice):
		return invalid("voice", "invalid_value", "Invalid value: '%s'. Supported values are: '%s'.", voice, strings.Join(voices, "', '"))
	case p["input"] == "":
		return invalid("input", "empty_string", "Invalid 'input': empty string. Expected a string with minimum length 1, but got an empty string instead.")
	}
	if s, ok := p["speed"].(float64); ok && (s < 0.25 || s > 4) {
		return invalid("speed", "decimal_below_min_value", "Invalid 'speed': decimal below minimum value. Expected a value >= 0.25, but got %v instead.", s)
	}
	return nil
}

func belowMinimum(param string, minimum int, got float64) *reply {
	return invalid(param, "integer_below_min_value", "Invalid '%s': integer below minimum value. Expected a value >= %d, but got %v instead.", param, minimum, got)
}

// limit is how many tokens the caller lets the model write, 0 for no limit.
func (p parameters) limit() int {
	for _, name := range []string{"max_completion_tokens", "max_tokens", "max_output_tokens"} {
		if n, ok := p[name].(float64); ok {
			return int(n)
		}
	}
	return 0
}

// promptTokens estimates the prompt's length, near enough for a usage object.
func (p parameters) promptTokens() int {
	n := 0
	for _, name := range []string{"messages", "prompt", "input"} {
		if p[name] != nil {
			n += len(strings.Fields(fmt.Sprint(p[name])))
		}
	}
	return n + 4
}

func sortedKeys(p parameters) []string {
	var names []string
	for name := range p {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
