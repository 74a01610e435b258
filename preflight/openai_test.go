package preflight

import (
	"strings"
	"testing"
)

// TestGenuine: what the real operations answer with is taken for an answer, and
// nothing that is only near it. The lab answers no request that is wrong on
// purpose with 200, so that these are read here.
func TestGenuine(t *testing.T) {
	t.Parallel()
	sound := strings.Repeat("\x00\x2a", 200)
	for _, c := range []struct {
		name      string
		operation Operation
		kind      string
		body      string
		ok        bool
	}{
		{"a chat", Chat, "application/json", `{"object":"chat.completion","model":"gpt-4o-2024-11-20","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"pong"}}]}`, true},
		{"a chat that calls a tool", Chat, "application/json", `{"object":"chat.completion","model":"gpt-4o-2024-11-20","choices":[{"finish_reason":"tool_calls","message":{"role":"assistant","content":null,"tool_calls":[]}}]}`, true},
		{"a chat through a gateway that names no model", Chat, "application/json", `{"object":"chat.completion","choices":[{"message":{"role":"assistant","content":"pong"}}]}`, true},
		{"choices of nobody", Chat, "application/json", `{"choices":[{"message":{"role":"assistant","content":"pong"}}]}`, false},
		{"a choice without a message", Chat, "application/json", `{"object":"chat.completion","model":"gpt-4o","choices":[{}]}`, false},
		{"a choice of nothing", Chat, "application/json", `{"object":"chat.completion","model":"gpt-4o","choices":[null]}`, false},
		{"no choices", Chat, "application/json", `{"object":"chat.completion","model":"gpt-4o","choices":[]}`, false},
		{"a completion", Completions, "application/json", `{"object":"text_completion","model":"gpt-35-turbo-instruct","choices":[{"text":"","index":0,"finish_reason":"length"}]}`, true},
		{"a vector", Embeddings, "application/json", `{"object":"list","data":[{"object":"embedding","embedding":[0.1,-2e-05]}]}`, true},
		{"a vector's bytes", Embeddings, "application/json", `{"object":"list","data":[{"object":"embedding","embedding":"zczMPc3MzD0="}]}`, true},
		{"a vector of nothing", Embeddings, "application/json", `{"object":"list","data":[{"embedding":[]}]}`, false},
		{"no vector", Embeddings, "application/json", `{"object":"list","data":[{"embedding":null}]}`, false},
		{"an object for a vector", Embeddings, "application/json", `{"object":"list","data":[{"embedding":{"a":1}}]}`, false},
		{"a list of models", Embeddings, "application/json", `{"object":"list","data":[{"id":"text-embedding-3-small"}]}`, false},

		{"an image", Images, "application/json", `{"created":1764144000,"data":[{"b64_json":"iVBORw0KGgo="}]}`, true},
		{"an image's address", Images, "application/json", `{"created":1764144000,"data":[{"revised_prompt":"a ping","url":"https://dalleprod.blob.core.windows.net/x.png"}]}`, true},
		{"the second was made", Images, "application/json", `{"data":[{"content_filter_results":{}},{"b64_json":"iVBORw0KGgo="}]}`, true},
		{"no image", Images, "application/json", `{"created":1764144000,"data":[]}`, false},
		{"no list", Images, "application/json", `{"data":null}`, false},
		{"an empty image", Images, "application/json", `{"data":[{"b64_json":""}]}`, false},
		{"another list", Images, "application/json", `{"data":[{"id":"gpt-image-1"}]}`, false},

		{"MP3", Audio, "audio/mpeg", "\xff\xf3\x64\xc4" + sound, true},
		{"MP3 with a tag", Audio, "audio/mpeg", "ID3\x04" + sound, true},
		{"WAV", Audio, "audio/wav", "RIFF\x24\x08\x00\x00WAVEfmt " + sound, true},
		{"Opus", Audio, "audio/ogg; codecs=opus", "OggS" + sound, true},
		{"a page that calls itself audio", Audio, "audio/mpeg", "<!DOCTYPE html>" + sound, false},
		{"an error that calls itself audio", Audio, "audio/mpeg", `{"error":{"code":"401"}}` + sound, false},
		{"a word", Audio, "audio/mpeg", "ID3", false},
		{"nothing", Audio, "audio/mpeg", "", false},
		{"sound that calls itself text", Audio, "text/plain", "ID3\x04" + sound, false},
		{"a transcription", Audio, "application/json", `{"text":"ping"}`, true},
		{"a transcription of silence", Audio, "application/json", `{"text":""}`, true},
		{"no transcription", Audio, "application/json", `{"text":null}`, false},
		{"sound from a chat", Chat, "audio/mpeg", "ID3\x04" + sound, false},
	} {
		target := &Target{Deployment: "d", Operation: c.operation}
		if _, _, ok := target.genuine(c.kind, []byte(c.body)); ok != c.ok {
			t.Errorf("%s: taken for an answer: %v, want %v", c.name, ok, c.ok)
		}
	}
}

// TestComplainsAbout: the real complaints about the empty file of a
// transcription are the proof of access, in whatever words, and nothing else is.
func TestComplainsAbout(t *testing.T) {
	t.Parallel()
	const formats = "Supported formats: ['flac', 'm4a', 'mp3', 'mp4', 'mpeg', 'mpga', 'oga', 'ogg', 'wav', 'webm']"
	for _, c := range []struct {
		status  int
		param   string
		message string
		want    bool
	}{
		{400, "", "Invalid file format. " + formats, true},                              // whisper
		{400, "", "Unrecognized file format. " + formats, true},                         // whisper, Azure
		{424, "", "Unrecognized file format. " + formats, true},                         // the same in 2023
		{400, "messages", "This model does not support the format you provided.", true}, // gpt-4o-transcribe
		{400, "", "Audio file might be corrupted or unsupported", true},
		{400, "", "The audio file could not be decoded or its format is not supported.", true},
		{400, "file", "Missing required parameter.", true},
		{401, "", "Unrecognized file format. " + formats, false},
		{400, "", "API version not supported", false},
		{404, "", "Resource not found", false},
		{424, "", "Failed dependency", false},
	} {
		if got := complainsAbout(&Exchange{Form: FormOwn, Status: c.status, Param: c.param, Message: c.message}, "file"); got != c.want {
			t.Errorf("%d %q %q: %v, want %v", c.status, c.param, c.message, got, c.want)
		}
	}
}
