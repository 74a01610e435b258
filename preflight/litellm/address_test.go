package litellm

import (
	"strings"
	"testing"
)

func TestAddress(t *testing.T) {
	t.Parallel()
	const version = "P.api_version=2024-10-21"
	for _, row := range []struct {
		release string
		parts   []string
		want    string // behind testBase
		inBody  bool
	}{
		{"", []string{version}, "/openai/deployments/dep/chat/completions?api-version=2024-10-21", false},
		{"", []string{version, "P.api_base=" + testBase + "/"}, "/openai/deployments/dep/chat/completions?api-version=2024-10-21", false},
		{"", []string{version, "model=azure/o_series/dep"}, "/openai/deployments/dep/chat/completions?api-version=2024-10-21", false},
		{"", []string{version, "model=azure/gpt5_series/dep"}, "/openai/deployments/dep/chat/completions?api-version=2024-10-21", false},
		{"1.63.7", []string{version, "model=azure/gpt5_series/dep"}, "/openai/deployments/gpt5_series/dep/chat/completions?api-version=2024-10-21", false},
		{"", []string{version, "kind=embedding"}, "/openai/deployments/dep/embeddings?api-version=2024-10-21", false},
		{"", []string{version, "kind=completion"}, "/openai/deployments/dep/chat/completions?api-version=2024-10-21", false},
		{"", []string{version, "model=azure_text/dep"}, "/openai/deployments/dep/completions?api-version=2024-10-21", false},
		{"1.63.7", nil, "/openai/deployments/dep/chat/completions?api-version=2024-08-01-preview", false},
		{"", nil, "/openai/deployments/dep/chat/completions?api-version=2025-02-01-preview", false},
		{"", []string{"AZURE_API_VERSION=2023-05-15"}, "/openai/deployments/dep/chat/completions?api-version=2023-05-15", false},
		{"", []string{version, "P.api_base=" + testBase + "/openai/deployments/x"}, "/openai/deployments/x/chat/completions?api-version=2024-10-21", false},
		{"", []string{version, "P.api_base=" + testBase + "/openai/v1"}, "/openai/v1/openai/deployments/dep/chat/completions?api-version=2024-10-21", false},

		{"", []string{"P.api_version=v1"}, "/openai/v1/chat/completions", true},
		{"", []string{"P.api_version=v1", "P.api_base=" + testBase + "/openai/v1/"}, "/openai/v1/chat/completions", true},
		{"1.81.12", []string{"P.api_version=v1", "P.api_base=" + testBase + "/"}, "//openai/v1/chat/completions", true},
		{"1.81.12", []string{"P.api_version=v1", "P.api_base=" + testBase + "/openai/v1"}, "/openai/v1/openai/v1/chat/completions", true},

		{"", []string{"kind=responses"}, "/openai/v1/responses?api-version=preview", true},
		{"", []string{"kind=responses", version}, "/openai/v1/responses?api-version=preview", true},
		{"1.81.12", []string{"kind=responses", version}, "/openai/responses?api-version=2024-10-21", true},
		{"", []string{"kind=responses", "AZURE_API_VERSION=2025-03-01-preview"}, "/openai/v1/responses?api-version=preview", true},
		{"", []string{"kind=responses", "AZURE_DEFAULT_RESPONSES_API_VERSION=2025-03-01-preview"}, "/openai/responses?api-version=2025-03-01-preview", true},
		{"", []string{"model=azure/responses/dep", "P.api_base=" + testBase + "/openai/v1"}, "/openai/v1/responses?api-version=preview", true},
		{"1.67.2", []string{"kind=responses"}, "/openai/responses", true},

		{"", []string{"kind=image_generation", "P.api_version=v1"}, "/openai/v1/images/generations?api-version=v1", true},
		{"", []string{"model=azure_ai/m"}, "/chat/completions", true},
		{"", []string{"client=openai", version}, "/openai/deployments/dep/chat/completions?api-version=2024-10-21", false},
		{"", []string{"client=openai", version, "kind=responses"}, "/openai/responses?api-version=2024-10-21", true},
	} {
		s := Resolve(call(row.release, append([]string{"P.api_key=k"}, row.parts...)...))
		if s.URL != testBase+row.want || s.InBody != row.inBody || s.Fails != nil {
			t.Errorf("%q %v: %s, in the body %v, %+v", row.release, row.parts, s.URL, s.InBody, s.Fails)
		}
	}
}

func TestAddPath(t *testing.T) {
	t.Parallel()
	for _, row := range [][3]string{
		{"https://h", "/a/b", "https://h/a/b"},
		{"https://h/a", "/a/b", "https://h/a/b"},
		{"https://h/a/b/", "/a/b", "https://h/a/b"},
		{"https://h/x?q=1", "/a", "https://h/x/a?q=1"},
	} {
		if got := addPath(row[0], row[1]); got != row[2] {
			t.Errorf("addPath(%q, %q) = %q, want %q", row[0], row[1], got, row[2])
		}
	}
	if got := addPath("://%zz", "/a"); !strings.HasSuffix(got, "/a") {
		t.Errorf("an address that cannot be read: %q", got)
	}
}
