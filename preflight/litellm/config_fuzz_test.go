package litellm

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzConfig: whatever a file holds is read, or answered with a position inside
// of it that quotes nothing; no variable of the runner's own is ever looked up.
func FuzzConfig(f *testing.F) {
	for name, text := range write().files {
		f.Add(text[:min(len(text), 1500)], name)
	}
	f.Add("\ufeff"+modelEntry, "include: [config.yaml, sub.yaml]\n")
	f.Add("include: [sub.yaml]\na: &a {<<: *a}\n", "a: &x\n  - *x\n")
	f.Add("a: b\tc\nb: 'x\ty'\nc: |\n \tz\n", "\xff\xfea\x00")
	f.Add("a: {b: [c, \"d\\'\n", "%YAML 1.2\n---\na: 2024-13-01\n")
	f.Add(modelEntry+"      api_key: os.environ/os.environ/GITHUB_TOKEN\n", "environment_variables: {ACTIONS_X: 1, A: os.environ/RUNNER_B}\n")
	f.Add("a: !!timestamp\nb: !!bool x\n? [c]\n", "a: 1\n...\n---\nb: 2\n")
	f.Fuzz(func(t *testing.T, main, included string) {
		texts := map[string]string{"config.yaml": main, "sub.yaml": included}
		c, err := Load("config.yaml", configTree(texts))
		if err != nil {
			e, ok := err.(*Error)
			if !ok {
				t.Fatalf("%T", err)
			}
			text, ok := texts[e.At.File]
			if !ok || e.At.Line < 1 || e.At.Column < 1 || len(e.Detail) > 200 || !utf8.ValidString(e.Detail) {
				t.Fatalf("%v", e)
			}
			// YAML has more line breaks than the newline.
			breaks := strings.Count(text, "\n") + strings.Count(text, "\r") + strings.Count(text, "\u0085") + strings.Count(text, "\u2028") + strings.Count(text, "\u2029")
			if e.At.Line > breaks+2 {
				t.Fatalf("%v in a text of %d lines", e, breaks+1)
			}
			return
		}
		env := func(name string) Value {
			if Refused(name) {
				t.Fatalf("asked for %q", name)
			}
			return Value{}
		}
		for _, m := range c.Models(env, Versions{}) {
			if m.Call.At.Line < 1 || m.Call.Env == nil {
				t.Fatalf("%+v", m)
			}
		}
		c.Facts(env, Versions{LiteLLM: mustVersion("1.63.7")})
	})
}
