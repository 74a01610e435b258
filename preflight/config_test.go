package preflight

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// env is a World with nothing but an environment.
func env(vars map[string]string) World {
	return World{LookupEnv: func(name string) (string, bool) { v, ok := vars[name]; return v, ok }}
}

func TestEndpoint(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want, detail, suggest string }{
		{in: "https://octo.openai.azure.com", want: "https://octo.openai.azure.com"},
		{in: "https://OCTO.openai.azure.com/", want: "https://octo.openai.azure.com"},
		{in: "https://octo.openai.azure.com:443/", want: "https://octo.openai.azure.com"},
		{in: "https://gw.contoso.example/ai/east", want: "https://gw.contoso.example/ai/east"},
		{in: "octo.openai.azure.com", detail: "no scheme", suggest: "https://octo.openai.azure.com"},
		{in: "http://octo.openai.azure.com", detail: "scheme http", suggest: "https://octo.openai.azure.com"},
		{in: "https://https://octo.openai.azure.com", detail: "no usable host", suggest: "https://octo.openai.azure.com"},
		{in: "https://https//octo.openai.azure.com", detail: "no usable host", suggest: "https://octo.openai.azure.com"},
		{in: "https:/octo.openai.azure.com/", detail: "no // behind", suggest: "https://octo.openai.azure.com"},
		{in: "https://octo.openai.azure.com/#overview", detail: "# behind", suggest: "https://octo.openai.azure.com"},
		{in: "https://octo.openai.azure.com?", detail: "? or #", suggest: "https://octo.openai.azure.com"},
		{in: "https://gw.contoso.example/ai%2Feast", detail: "not clean"},
		{in: "https:// octo.openai.azure.com", detail: "space", suggest: "https://octo.openai.azure.com"},
		{in: `"https://octo.openai.azure.com"`, detail: "quotation", suggest: "https://octo.openai.azure.com"},
		{in: "${{ vars.ENDPOINT }}", detail: "template"},
		{in: "https://<name>.openai.azure.com", detail: "placeholder"},
		{in: "https://octo.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21", detail: "full request URL", suggest: "https://octo.openai.azure.com"},
		{in: "https://octo.openai.azure.com/openai/v1/", detail: "path", suggest: "https://octo.openai.azure.com"},
		{in: "https://portal.azure.com/#@contoso/resource/subscriptions/x", detail: "portal"},
		{in: "https://octo.services.ai.azure.com/api/projects/evals", detail: "Foundry project", suggest: "https://octo.services.ai.azure.com"},
		{in: "https://octo.services.ai.azure.com/models/", detail: "Model Inference API", suggest: "https://octo.services.ai.azure.com"},
		{in: "https://octo.services.ai.azure.com/modelsx", detail: "has a path", suggest: "https://octo.services.ai.azure.com"},
		{in: "https://user:pass@octo.openai.azure.com", detail: "user name", suggest: "https://octo.openai.azure.com"},
		{in: strings.Repeat("0123456789abcdef", 2), detail: "API key"},
		{in: "https://10.0.0.4", detail: "names a machine"},
		{in: "https://localhost:8443", detail: "names a machine"},
		{in: "https://evil.example/?x=.openai.azure.com", detail: "query"},
		{in: "https://octo.openai.azure.com\n::error::x", detail: "space"},
	} {
		u, detail, suggest := parseEndpoint(c.in)
		if c.want != "" {
			if u == nil || u.String() != c.want {
				t.Errorf("parseEndpoint(%q) = %v, %q; want %s", c.in, u, detail, c.want)
			}
			continue
		}
		if u != nil || !strings.Contains(detail, c.detail) || suggest != c.suggest {
			t.Errorf("parseEndpoint(%q) = %v, %q, %q; want %q, %q", c.in, u, detail, suggest, c.detail, c.suggest)
		}
	}
}

func TestTrusted(t *testing.T) {
	t.Parallel()
	allowed := []string{"contoso.azure-api.net", "gw.contoso.example:8443"}
	for in, want := range map[string]bool{
		"https://octo.openai.azure.com":                     true,
		"https://octo.cognitiveservices.azure.com":          true,
		"https://octo.services.ai.azure.com":                true,
		"https://eastus.api.cognitive.microsoft.com":        true,
		"https://octo.openai.azure.us":                      true,
		"https://octo.openai.azure.cn":                      true,
		"https://contoso.azure-api.net":                     true,
		"https://CONTOSO.azure-api.net":                     true,
		"https://gw.contoso.example:8443":                   true,
		"https://gw.contoso.example":                        false,
		"https://other.azure-api.net":                       false,
		"https://octo.openai.azure.com.evil.example":        false,
		"https://octo-openai.azure.com":                     false,
		"https://evilopenai.azure.com":                      false,
		"https://openai.azure.com":                          false,
		"https://octo.openai.azure.com:8443":                false,
		"https://octo.openai.azure.com@evil.example":        false,
		"https://evil.example/octo.openai.azure.com":        false,
		"https://x.contoso.azure-api.net":                   false,
		"https://octo.openai.azure.com.":                    false, // parseEndpoint drops the dot
		"https://octo.openai.azure.com%2eevil.example":      false,
		"https://octo.openai.azure.com%00.evil.example":     false,
		"https://evil.example#.openai.azure.com":            false,
		"https://evil.example\\.openai.azure.com/something": false,
	} {
		u, err := url.Parse(in)
		if err != nil {
			continue // never gets as far as this
		}
		if got := trusted(u, allowed); got != want {
			t.Errorf("trusted(%s) = %t, want %t", in, got, want)
		}
	}
}

func TestIDTokenHost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		server, in string
		want       bool
	}{
		{"https://github.com", "https://run-actions-1-azure-eastus.actions.githubusercontent.com/1//idtoken/2?x=y", true},
		{"https://github.com", "https://actions.githubusercontent.com.evil.example/", false},
		{"https://github.com", "https://evilactions.githubusercontent.com/", false},
		{"https://github.com", "http://pipelines.actions.githubusercontent.com/", false},
		{"https://github.com", "https://pipelines.actions.githubusercontent.com:8443/", false},
		{"https://github.com", "https://octo.github.com/", false},
		{"https://ghes.contoso.example", "https://ghes.contoso.example/_services/token", true},
		{"https://ghes.contoso.example:8443", "https://ghes.contoso.example:8443/_services/token", true},
		{"https://ghes.contoso.example", "https://x.ghes.contoso.example/", false},
		{"https://octo.ghe.com", "https://run.actions.octo.ghe.com/", true},
		{"", "https://evil.example/", false},
	} {
		u, err := url.Parse(c.in)
		if err != nil {
			t.Fatal(err)
		}
		r := &run{job: Job{Server: c.server}}
		if got := r.idTokenHost(u); got != c.want {
			t.Errorf("with the server %s: idTokenHost(%s) = %t, want %t", c.server, c.in, got, c.want)
		}
	}
}

func TestTokenHost(t *testing.T) {
	t.Parallel()
	r := &run{}
	for in, want := range map[string]bool{
		"https://login.microsoftonline.com/x":             true,
		"https://login.microsoftonline.us/x":              true,
		"https://login.chinacloudapi.cn/x":                true,
		"https://login.partner.microsoftonline.cn/x":      true,
		"https://eastus.login.microsoft.com/x":            true,
		"https://usgovvirginia.login.microsoftonline.us/": true,
		"http://169.254.169.254/metadata/identity":        true,
		"http://127.0.0.1:41741/msi/token":                true,
		"http://login.microsoftonline.com/x":              false,
		"https://login.microsoftonline.com.evil.example/": false,
		"https://login.microsoftonline.com:8443/":         false,
		"https://login.windows.example/":                  false,
		"http://169.254.169.254.evil.example/":            false,
		"http://10.0.0.4/metadata/identity":               false,
	} {
		u, err := url.Parse(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.tokenHost(u); got != want {
			t.Errorf("tokenHost(%s) = %t, want %t", in, got, want)
		}
	}
}

func TestBadInputs(t *testing.T) {
	t.Parallel()
	good := map[string]string{"endpoint": "https://octo.openai.azure.com", "deployment": "gpt-4o"}
	for _, c := range []struct{ input, value, id, says string }{
		{"timeout", "soon", "cfg-input-invalid", "duration"},
		{"timeout", "0s", "cfg-input-invalid", "range"},
		{"timeout", "100h", "cfg-input-invalid", "range"},
		{"timeout", "-5s", "cfg-input-invalid", "range"},
		{"wait-for-propagation", "10", "cfg-input-invalid", "duration"},
		{"operation", "sing", "cfg-input-invalid", "operation"},
		{"deployment", " , ", "cfg-input-invalid", "not given"},
		{"deployment", "gpt 4o", "cfg-input-invalid", "deployment's name"},
		{"deployment", "gpt-4o:sing", "cfg-input-invalid", "operation"},
		{"deployment", "../x", "cfg-input-invalid", "deployment's name"},
		{"route", "v2", "cfg-input-invalid", "route"},
		{"api-version", "latest-and-greatest", "cfg-input-invalid", "API version"},
		{"api-version", "2024-10-21T00:00:00Z", "cfg-input-invalid", "YAML"},
		{"tenant-id", "<tenant-id>", "cfg-tenant-id-malformed", "placeholder"},
		{"tenant-id", "72f988bf86f141af91ab2d7cd011db47", "cfg-tenant-id-malformed", "32 characters"},
		{"tenant-id", "undefined", "cfg-tenant-id-malformed", "placeholder"},
		{"tenant-id", "72f988bf-86f1-41af-91ab-2d7cd011db4", "cfg-tenant-id-malformed", "35 characters"},
		{"client-id", "my-app", "cfg-client-id-malformed", "GUID"},
		{"client-id", "'72f988bf-86f1-41af-91ab-2d7cd011db47'", "cfg-client-id-malformed", "quotation"},
		{"identity", "magic", "cfg-input-invalid", "identity"},
		{"cloud", "mars", "cfg-input-invalid", "cloud"},
		{"client", "langchain", "cfg-input-invalid", "not a client"},
		{"litellm-config", "../config.yaml", "cfg-path-outside", "outside"},
		{"litellm-version", "newest", "cfg-input-invalid", "not a version"},
		{"litellm-version", "1.81.12", "cfg-input-invalid", "no effect"},
		{"litellm-models", "azure/chat", "cfg-input-invalid", "no effect"},
		{"client-env", "AZURE_API_KEY", "cfg-input-invalid", "NAME=value"},
		{"untrusted", "maybe", "cfg-input-invalid", "value"},
		{"mode", "loud", "cfg-input-invalid", "value"},
		{"allowed-hosts", "*.azure-api.net", "cfg-input-invalid", "host name"},
		{"allowed-hosts", "https://contoso.azure-api.net", "cfg-input-invalid", "host name"},
		{"expect-client-id", "me", "cfg-input-invalid", "GUID"},
		{"report", "../report.json", "cfg-path-outside", "outside"},
		{"report", "/etc/passwd", "cfg-path-outside", "outside"},
		{"ca-bundle", "/proc/self/environ", "cfg-path-outside", "outside"},
		{"endpoint", "https://contoso.azure-api.net", "cfg-endpoint-untrusted", "allowed-hosts"},
	} {
		in := map[string]string{c.input: c.value}
		for k, v := range good {
			if _, ok := in[k]; !ok {
				in[k] = v
			}
		}
		_, problems := ParseConfig(env(nil), in)
		if len(problems) != 1 || problems[0].ID != c.id || problems[0].Input != c.input || !strings.Contains(problems[0].Detail, c.says) || problems[0].Allowed == "" {
			t.Errorf("%s=%q: %+v", c.input, c.value, deref(problems))
		}
	}
}

// TestSecretInTheWrongPlace: a credential that was put into an input that is
// not for one is not repeated.
func TestSecretInTheWrongPlace(t *testing.T) {
	t.Parallel()
	for name, secret := range map[string]string{
		"a key":               strings.Repeat("0a1b", 8),
		"a new key":           strings.Repeat("AbC1", 21),
		"a client secret":     "abc8Q~" + strings.Repeat("x.Y-z_1", 5)[:34], // the form only
		"a token":             "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2lnbmF0dXJl",
		"something in base64": strings.Repeat("Zm9v", 16) + "==",
	} {
		for _, input := range []string{"client-id", "tenant-id", "endpoint", "deployment", "operation", "api-version", "identity", "allowed-hosts", "client-env", "timeout", "cloud", "expect-object-id"} {
			_, problems := ParseConfig(env(nil), map[string]string{input: secret})
			for _, p := range problems {
				if strings.Contains(p.Value+p.Detail+p.Suggest, secret) || strings.Contains(p.Value+p.Detail, secret[:20]) {
					t.Errorf("%s as %s is shown: %+v", name, input, *p)
				}
			}
		}
	}
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://octo.openai.azure.com/x":           "https://octo.openai.azure.com/x",
		"https://user:hunter2/hunter3@host.example": "https://***@host.example",
		"user:hunter2hunter3@host.example":          "***@host.example",
		"https://host.example/?key=hunter2":         "https://host.example/?***",
		"a@b://c":                                   "***@b://c",
	} {
		if got := printable(in); got != want {
			t.Errorf("printable(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSameModel(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		want, got string
		same      bool
	}{
		{"gpt-4o", "gpt-4o-2024-11-20", true}, {"GPT-4o", "gpt-4o", true}, {"gpt-4", "gpt-4-0613", true}, {"gpt-35-turbo", "gpt-3.5-turbo-0125", true},
		{"gpt-4o-2024-11-20", "gpt-4o-2024-08-06", false}, {"gpt-4", "gpt-4o", false}, {"gpt-4o", "gpt-4o-mini-2024-07-18", false}, {"gpt-4o", "", false},
	} {
		if got := sameModel(c.want, c.got); got != c.same {
			t.Errorf("sameModel(%q, %q) = %t", c.want, c.got, got)
		}
	}
}

func deref(ps []*Problem) []Problem {
	out := make([]Problem, len(ps))
	for i, p := range ps {
		out[i] = *p
	}
	return out
}

func TestEveryProblemIsReported(t *testing.T) {
	t.Parallel()
	_, problems := ParseConfig(env(map[string]string{"INPUT_TIMEOUT": "soon", "INPUT_CLIENT-ID": "x", "AZURE_AUTHORITY_HOST": "https://evil.example/"}), nil)
	var inputs []string
	for _, p := range problems {
		inputs = append(inputs, p.Input)
	}
	if got, want := strings.Join(inputs, " "), "client-id timeout endpoint AZURE_AUTHORITY_HOST deployment"; got != want {
		t.Errorf("problems with %s, want %s", got, want)
	}
}

func TestSourcesInOrder(t *testing.T) {
	t.Parallel()
	vars := map[string]string{
		"INPUT_ENDPOINT": "https://input.openai.azure.com", "AZURE_OPENAI_ENDPOINT": "https://variable.openai.azure.com",
		"AZURE_TENANT_ID": "72F988BF-86f1-41af-91ab-2d7cd011db47", "INPUT_CLIENT_ID": "72f988bf-86f1-41af-91ab-2d7cd011db48",
		"AZURE_OPENAI_DEPLOYMENT": "gpt-4o", "INPUT_TENANT-ID": " ",
	}
	c, problems := ParseConfig(env(vars), nil)
	if len(problems) > 0 {
		t.Fatal(deref(problems))
	}
	if c.Endpoint.Host != "input.openai.azure.com" || c.Sources["endpoint"] != "input endpoint" {
		t.Errorf("endpoint %s from %s", c.Endpoint, c.Sources["endpoint"])
	}
	if c.TenantID != "72f988bf-86f1-41af-91ab-2d7cd011db47" || c.Sources["tenant-id"] != "variable AZURE_TENANT_ID" {
		t.Errorf("tenant %s from %s", c.TenantID, c.Sources["tenant-id"])
	}
	if c.ClientID == "" || c.Sources["client-id"] != "input client-id" {
		t.Errorf("client %s from %s", c.ClientID, c.Sources["client-id"])
	}
	if c, _ := ParseConfig(env(vars), map[string]string{"endpoint": "https://flag.openai.azure.com"}); c.Endpoint.Host != "flag.openai.azure.com" {
		t.Errorf("a flag does not come first: %s", c.Endpoint)
	}
	if c.Timeout() != time.Minute || c.Scope != clouds[0].Scope || c.Audience != clouds[0].Audience {
		t.Errorf("defaults: %s %s %s", c.Timeout(), c.Scope, c.Audience)
	}
}

func TestTargets(t *testing.T) {
	t.Parallel()
	c, problems := ParseConfig(env(nil), map[string]string{
		"endpoint": "https://octo.openai.azure.com", "deployment": "gpt-4o, embed:embeddings\n dalle:images\ngpt-4o:chat,gpt-4o"})
	if len(problems) > 0 {
		t.Fatal(deref(problems))
	}
	var got []string
	for _, target := range c.Targets {
		got = append(got, target.String()+"@"+string(target.Route))
	}
	if want := "gpt-4o:chat@v1 embed:embeddings@v1 dalle:images@v1"; strings.Join(got, " ") != want {
		t.Errorf("targets %v, want %s", got, want)
	}
}

// TestTargetsAreBounded: a list as long as a variable can be is refused where
// it becomes too long, and one call is one target however often it is listed.
func TestTargetsAreBounded(t *testing.T) {
	t.Parallel()
	var different strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&different, "d%d,", i)
	}
	_, problems := ParseConfig(env(nil), map[string]string{"endpoint": "https://octo.openai.azure.com", "deployment": different.String()})
	if len(problems) != 1 || problems[0].Input != "deployment" || problems[0].Detail != "lists more than 500 calls" {
		t.Errorf("problems: %v", deref(problems))
	}
	c, problems := ParseConfig(env(nil), map[string]string{"endpoint": "https://octo.openai.azure.com", "deployment": strings.Repeat("d,", 50_000)})
	if len(problems) > 0 || len(c.Targets) != 1 {
		t.Errorf("%d targets, problems: %v", len(c.Targets), deref(problems))
	}
}

func TestURLs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		op      Operation
		route   Route
		version string
		want    string
	}{
		{Chat, "", "", "/openai/v1/chat/completions"},
		{Chat, "", "preview", "/openai/v1/chat/completions?api-version=preview"},
		{Chat, "", "2024-10-21", "/openai/deployments/d/chat/completions?api-version=2024-10-21"},
		{Chat, RouteDeployments, "", "/openai/deployments/d/chat/completions?api-version=2024-10-21"},
		{Chat, RouteV1, "2024-10-21", "/openai/v1/chat/completions?api-version=2024-10-21"},
		{Responses, "", "2025-04-01-preview", "/openai/responses?api-version=2025-04-01-preview"},
		{Responses, "", "", "/openai/v1/responses"},
		{Embeddings, "", "2024-10-21", "/openai/deployments/d/embeddings?api-version=2024-10-21"},
		{Completions, "", "", "/openai/v1/completions"},
		{Images, "", "2024-10-21", "/openai/deployments/d/images/generations?api-version=2024-10-21"},
		{Audio, "", "", "/openai/v1/audio/speech"},
	} {
		target := Target{Endpoint: "https://octo.openai.azure.com", Deployment: "d", Operation: c.op, Route: c.route, APIVersion: c.version}
		target.settleRoute()
		if got, want := target.url(target.forms()[0]), "https://octo.openai.azure.com"+c.want; got != want {
			t.Errorf("%s %s %s: %s, want %s", c.op, c.route, c.version, got, want)
		}
	}
}

func TestConfined(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	workspace, temp := filepath.Join(dir, "workspace"), filepath.Join(dir, "temp")
	w := env(map[string]string{"GITHUB_WORKSPACE": workspace, "RUNNER_TEMP": temp})
	mkdir(t, workspace, temp)
	write(t, filepath.Join(dir, "secret"), "secret")
	write(t, filepath.Join(workspace, "good"), "good")
	symlink(t, filepath.Join(dir, "secret"), filepath.Join(workspace, "link"))
	symlink(t, dir, filepath.Join(workspace, "up"))
	for name, want := range map[string]string{
		"good": "good", filepath.Join(workspace, "good"): "good", "./good": "good",
		"link": "", "up/secret": "", "../secret": "", filepath.Join(dir, "secret"): "", "/proc/self/environ": "", "good/../../secret": "",
		"": "", ".": "",
	} {
		got, err := readConfined(w, name, 100)
		if (want == "") != (err != nil) || string(got) != want {
			t.Errorf("readConfined(%q) = %q, %v", name, got, err)
		}
	}
	for name, ok := range map[string]bool{
		"out/a.json": true, filepath.Join(temp, "b.json"): true,
		"link": false, "up/c.json": false, "../d.json": false, "/tmp/e.json": false,
	} {
		if err := writeConfined(w, name, []byte("x")); (err == nil) != ok {
			t.Errorf("writeConfined(%q): %v", name, err)
		}
	}
	if got := read(t, filepath.Join(dir, "secret")); got != "secret" {
		t.Errorf("the file outside now holds %q", got)
	}
}
