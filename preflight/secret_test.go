package preflight

import (
	"os"
	"strings"
	"testing"
)

// value is what no printed form may show.
const value = "correct-horse-battery" // not a credential of anything

func TestVault(t *testing.T) {
	t.Parallel()
	var masked []string
	v := &vault{mask: func(s string) { masked = append(masked, s) }}
	v.keep(value)
	v.keep("first-line-of-it\nsecond-line-of-it")
	v.keep("abc") // too short to be a credential, and a word of many texts
	token := "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2lnbmF0dXJlLW9mLWl0"
	v.keep(token)
	v.keep("with/slash+" + value) // as a form has it: with%2Fslash%2B…
	for _, in := range []string{
		"x " + value + " y", "echo second-line-of-it", "bearer " + token, "only c2lnbmF0dXJlLW9mLWl0", "client_secret=with%2Fslash%2B" + value,
		"another eyJ0eXAiOiJKV1QifQ.eyJzdWIiOiJzb21lYm9keSBlbHNlIn0.AAAA token",
	} {
		got := v.scrub(in)
		if !strings.Contains(got, redacted) || strings.Contains(got, value) || strings.Contains(got, "eyJ") || strings.Contains(got, "c2ln") || strings.Contains(got, "second-line") || strings.Contains(got, "slash") {
			t.Errorf("scrub(%q) = %q", in, got)
		}
	}
	if got := v.scrub("abc is kept"); got != "abc is kept" {
		t.Errorf("scrub took %q", got)
	}
	for _, m := range masked {
		if strings.ContainsAny(m, "\r\n") {
			t.Errorf("a mask of several lines: %q", m)
		}
	}
	if len(masked) < 5 {
		t.Errorf("masked %q", masked)
	}
}

// TestScrubPasted: texts that people paste hold credentials that no run knows.
func TestScrubPasted(t *testing.T) {
	t.Parallel()
	key := strings.Repeat("0a1b", 8)
	for _, in := range []string{
		"'api-key': '" + key + "'", "api_key=" + key, `"Ocp-Apim-Subscription-Key": "` + key + `"`, "> Authorization: Bearer " + key + "xyz", `\"client_secret\":\"` + key + `\"`,
		strings.Repeat("AbC1", 21), "sk-" + key,
	} {
		if got := scrubTokens(in); strings.Contains(got, key) || strings.Contains(got, "AbC1AbC1") || !strings.Contains(got, redacted) {
			t.Errorf("scrubTokens(%q) = %q", in, got)
		}
	}
	// Every name that labelled knows has a word that is looked for before.
	for _, name := range []string{"access_token", "refresh_token", "id_token", "client_assertion", "api_key", "API-Key", "apikey", "ocp-apim-subscription-key", "subscription_key", "client-secret", "clientSecret", "Authorization", "X-Identity-Header"} {
		if got := scrubTokens(name + ": " + key); strings.Contains(got, key) {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, in := range []string{"api-key header missing", "authorization: required", "apim-request-id: 8c1b6c0e-2f1d-4d0a-8a53-5b0f6f8a1e27", "api-version=2024-10-21"} {
		if got := scrubTokens(in); got != in {
			t.Errorf("scrubTokens(%q) = %q", in, got)
		}
	}
}

func mkdir(t *testing.T, names ...string) {
	t.Helper()
	for _, n := range names {
		if err := os.MkdirAll(n, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func symlink(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Fatal(err)
	}
}
