package azurelab

import (
	"net/http"
	"slices"
	"testing"
)

// TestPresented: two headers of one name that a client joins into one are told
// apart, the empty one too.
func TestPresented(t *testing.T) {
	t.Parallel()
	a, b := Digest("key-a"), Digest("key-b")
	for _, c := range []struct {
		values []string
		want   []string
	}{
		{[]string{"key-a"}, []string{a}},
		{[]string{"key-a", "key-b"}, []string{a, b}},
		{[]string{"key-a, key-b"}, []string{a, b}},
		{[]string{", key-b"}, []string{"", b}},
		{[]string{"key-a,"}, []string{a, ""}}, // the server has trimmed the blank
	} {
		got := (&call{Request: &http.Request{Header: http.Header{"Api-Key": c.values}}}).presented()["api-key"]
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.values, got, c.want)
		}
	}
}
