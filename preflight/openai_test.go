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
