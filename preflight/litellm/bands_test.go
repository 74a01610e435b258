package litellm

import (
	"strings"
	"testing"
)

// TestBandsCoverEveryRelease: the rows of a decision meet without a gap or an
// overlap, from the first release to the newest, and each says where it was
// read.
func TestBandsCoverEveryRelease(t *testing.T) {
	t.Parallel()
	last := map[string]string{}
	for _, b := range Bands() {
		key := b.Library + " " + b.Decision
		to, seen := last[key]
		switch {
		case !seen && b.From != "":
			t.Errorf("%s begins with %s", key, b.From)
		case seen && (to == "" || b.From != to):
			t.Errorf("%s: %q follows %q", key, b.From, to)
		}
		last[key] = b.To
		for _, edge := range []string{b.From, b.To} {
			if _, ok := ParseVersion(edge); edge != "" && !ok {
				t.Errorf("%s: %q is no version", key, edge)
			}
		}
		if from, _ := ParseVersion(b.From); b.To != "" && !from.IsZero() {
			if to, _ := ParseVersion(b.To); from.Compare(to) >= 0 {
				t.Errorf("%s: %s is not before %s", key, b.From, b.To)
			}
		}
		if b.Does == "" || !strings.HasPrefix(b.Source, "https://github.com/") {
			t.Errorf("%s from %q: does %q, source %q", key, b.From, b.Does, b.Source)
		}
	}
	for key, to := range last {
		if to != "" {
			t.Errorf("%s ends with %s", key, to)
		}
	}
}

func TestBandEdges(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ library, decision, release, want string }{
		{"litellm", tokenProvider, "1.63.7", "last"},
		{"litellm", tokenProvider, "1.63.8", "dropped"},
		{"litellm", tokenProvider, "1.68.2", "dropped"},
		{"litellm", tokenProvider, "1.69.0", "kept"},
		{"litellm", tokenProvider, "1.69.0rc1", "dropped"},
		{"litellm", v1Client, "1.81.0", "none"},
		{"litellm", v1Client, "1.85.3", "keys"},
		{"litellm", v1Client, "1.85.4", "tokens"},
		{"litellm", v1Client, "1.86.3", "keys"},
		{"litellm", v1Client, "1.86.4", "tokens"},
		{"litellm", v1Client, "1.87.0", "keys"},
		{"litellm", v1Client, "1.87.1", "tokens"},
		{"openai", sdkExclusive, "3.3.1", "ordered"},
		{"openai", sdkExclusive, "3.4.0", "exclusive"},
		{"litellm", tokenProvider, "", "kept"},
		{"litellm", "no such decision", "1.0", ""},
	} {
		v, _ := ParseVersion(row.release)
		if got := decide(row.library, row.decision, v); got != row.want {
			t.Errorf("%s %s at %q: %q, want %q", row.library, row.decision, row.release, got, row.want)
		}
	}
}
