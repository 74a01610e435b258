package litellm

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// modelsOf reads a configuration of one file with an environment.
func modelsOf(t *testing.T, text string, env Environment, version string) []Model {
	t.Helper()
	c, err := loadOne(text)
	if err != nil {
		t.Fatal(err)
	}
	var v Versions
	if version != "" {
		v.LiteLLM = mustVersion(version)
	}
	return c.Models(env, v)
}

// inShort is a value in short: its text and type, or how it is unset.
func inShort(v Value) string {
	text := "none"
	if v.Set {
		text = fmt.Sprintf("%q", v.Text.Reveal())
	}
	return strings.TrimSpace(text + " " + string(v.Type))
}

func TestModelsValues(t *testing.T) {
	t.Parallel()
	const text = `environment_variables:
  PLAIN: plain
  SET: overlaid
  COPY: os.environ/SET
  GONE: os.environ/MISSING
  FLAG: yes
  PORT: 010
credential_list:
  - credential_name: shared
    credential_info: {}
    credential_values: {api_key: os.environ/SET, api_base: https://shared, api_version: 2024-10-21}
base: &base
  api_version: "2025-01-01"
  tenant_id: of the anchor
model_list:
  - model_name: a
    litellm_params:
      model: azure/a
      api_base: os.environ/PLAIN
      api_key: os.environ/SET
      azure_ad_token: os.environ/EMPTY
      client_id: os.environ/TRUE
      client_secret: 12_3
      azure_scope: on
      x: [os.environ/SET]
      chained: os.environ/CHAIN
      extra_headers: {A: os.environ/SET, b: os.environ/MISSING}
  - model_name: b
    litellm_params:
      <<: *base
      model: azure/b
      tenant_id: own
      base_url: https://own
      api_key: os.environ/MISSING
      api_base:
      litellm_credential_name: shared
  - model_name: c
    litellm_params:
      model: azure/c
      api_key: ""
      litellm_credential_name: other
`
	env := processOf("SET", "set", "EMPTY", "", "TRUE", " True", "CHAIN", "os.environ/PLAIN")
	for _, c := range []struct {
		version, model, param, want, from string
		line, col                         int
	}{
		{"", "a", "api_base", "none", "variable PLAIN", 19, 7}, // resolved before environment_variables are exported
		{"", "a", "api_key", `"set"`, "variable SET", 20, 7},
		{"", "a", "azure_ad_token", `""`, "variable EMPTY", 21, 7},
		{"", "a", "client_id", `"true" boolean`, "variable TRUE", 22, 7},
		{"", "a", "client_secret", `"12_3" number`, "litellm_params.client_secret", 23, 7},
		{"", "a", "azure_scope", `"true" boolean`, "litellm_params.azure_scope", 24, 7},
		{"", "a", "x", `"" other`, "litellm_params.x", 25, 7},
		{"", "a", "chained", `"plain"`, "variable PLAIN", 26, 7},
		{"", "a", "extra_headers.A", `"set"`, "variable SET", 27, 23},
		{"", "a", "extra_headers.b", "none", "variable MISSING", 27, 42},
		{"", "b", "api_version", `"2025-01-01"`, "litellm_params.api_version", 13, 3},
		{"", "b", "tenant_id", `"own"`, "litellm_params.tenant_id", 32, 7},
		{"", "b", "base_url", `"https://own"`, "litellm_params.base_url", 33, 7},
		{"", "b", "api_key", `"set"`, "variable SET", 11, 25},
		{"", "b", "api_base", `"https://shared"`, "credential_values.api_base", 11, 50},
		{"1.81.12", "b", "api_key", `"set"`, "variable SET", 11, 25},
		{"1.63.7", "b", "api_key", "none", "variable MISSING", 34, 7},
		{"", "c", "api_key", `""`, "litellm_params.api_key", 40, 7},
		{"", "c", "api_base", "none", "", 0, 0},
	} {
		t.Run(c.model+" "+c.param+" "+c.version, func(t *testing.T) {
			t.Parallel()
			all := modelsOf(t, text, env, c.version)
			m := all[slices.IndexFunc(all, func(m Model) bool { return m.Call.Alias == c.model })]
			v := m.Call.Params[c.param]
			want := Place{}
			if c.line > 0 {
				want = Place{"config.yaml", c.line, c.col}
			}
			if inShort(v) != c.want || v.From != c.from || v.At != want {
				t.Errorf("%s from %q at %v, want %s from %q at %v", inShort(v), v.From, v.At, c.want, c.from, want)
			}
		})
	}
	for _, c := range []struct{ version, name, want string }{
		{"", "PLAIN", `"plain"`}, {"", "SET", `"overlaid"`}, {"", "COPY", `"set"`}, {"", "GONE", `"None"`},
		{"", "FLAG", `"True"`}, {"", "PORT", `"8"`}, {"", "EMPTY", `""`}, {"", "OTHER", "none"},
		{"1.74.1", "PLAIN", `"None"`}, {"1.74.1", "SET", `"set"`}, {"1.74.2", "PLAIN", `"plain"`},
	} {
		if v := modelsOf(t, text, env, c.version)[0].Call.Env(c.name); inShort(v) != c.want {
			t.Errorf("%s: variable %s is %s, want %s", c.version, c.name, inShort(v), c.want)
		}
	}
}

func TestModelsFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, params, want string // the faults: id, param, line of the parameters, column
	}{
		{"none", "api_key: os.environ/SET", ""},
		{"missing", "api_key: os.environ/MISSING", "litellm-env-missing api_key 5:7"},
		{"missing header", "extra_headers: {x: os.environ/MISSING}", "litellm-env-missing extra_headers.x 5:23"},
		{"runner's own", "api_key: os.environ/ACTIONS_ID_TOKEN_REQUEST_TOKEN", "litellm-env-refused api_key 5:7"},
		{"in other letters", "api_key: os.environ/github_token", "litellm-env-refused api_key 5:7"},
		{"an input", "azure_ad_token: os.environ/INPUT_CLIENT-ID", "litellm-env-refused azure_ad_token 5:7"},
		{"behind another", "api_key: os.environ/SMUGGLE", "litellm-env-refused api_key 5:7"},
		{"with the prefix inside", "api_key: os.environ/ACTIONSos.environ/_X", "litellm-env-refused api_key 5:7"},
		{"with a space", `api_key: "os.environ/ GITHUB_TOKEN"`, "litellm-env-refused api_key 5:7"},
		{"an assertion", "azure_ad_token: os.environ/oidc/github/x", "litellm-not-checkable azure_ad_token 5:7"},
		{"a loop", "api_key: os.environ/LOOP", "litellm-env-missing api_key 5:7"},
		{"date", "api_version: 2024-10-21", "litellm-api-version-invalid api_version 5:7"},
		{"date in quotes", "api_version: '2024-10-21'", ""},
		{"preview", "api_version: 2024-10-21-preview", ""},
		{"header that is a number", "extra_headers: {x: 2}", "litellm-config-invalid extra_headers.x 5:23"},
		{"number", "api_key: 123", "litellm-config-invalid api_key 5:7"},
		{"boolean from a variable", "api_base: os.environ/TRUE", "litellm-config-invalid api_base 5:7"},
		{"list", "api_base: [a]", "litellm-config-invalid api_base 5:7"},
		{"no credential", "litellm_credential_name: x", "litellm-credential-not-found litellm_credential_name 5:7"},
		{"credential", "litellm_credential_name: good\n      api_key: os.environ/MISSING", ""},
		{"credential at fault", "litellm_credential_name: bad", "litellm-env-missing api_key 11:26, litellm-api-version-invalid api_version 11:55"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := modelEntry + "      " + c.params + "\n" + strings.Repeat("\n", 1-strings.Count(c.params, "\n")) + `credential_list:
  - {credential_name: good, credential_info: {}, credential_values: {api_key: x}}
  - credential_name: bad
    credential_info: {}
    credential_values: { api_key: os.environ/MISSING, api_version: 2024-10-21}
`
			env := processOf("SET", "x", "TRUE", "true", "SMUGGLE", "os.environ/RUNNER_TOKEN", "LOOP", "os.environ/LOOP")
			asked := func(name string) Value {
				if Refused(name) {
					t.Errorf("asked for %s", name)
				}
				return env(name)
			}
			var got []string
			for _, f := range modelsOf(t, text, asked, "")[0].Faults {
				got = append(got, fmt.Sprintf("%s %s %d:%d", f.ID, f.Param, f.Value.At.Line, f.Value.At.Column))
				if f.ID == EnvRefused && f.Value.Set {
					t.Error("a refused variable has a value")
				}
			}
			if s := strings.Join(got, ", "); s != c.want {
				t.Errorf("got  %s\nwant %s", s, c.want)
			}
		})
	}
}

func TestModelsSkip(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		model, info, params, skip string
		called                    string
		kind                      Kind
		guessed                   bool
	}{
		{model: "azure/a", called: "azure/a", kind: Chat},
		{model: "azure_ai/a", called: "azure_ai/a", kind: Chat},
		{model: "azure_text/a", info: "mode: completion", called: "azure_text/a", kind: Completion},
		{model: "azure/responses/a", info: "mode: chat", called: "azure/responses/a", kind: Responses},
		{model: "azure/o_series/a", called: "azure/o_series/a", kind: Chat},
		{model: "azure/text-embedding-3-small", called: "azure/text-embedding-3-small", kind: Embedding, guessed: true},
		{model: "azure/mine", info: "base_model: azure/whisper-1", called: "azure/mine", kind: Transcription, guessed: true},
		{model: "azure/mine", info: "base_model: azure/dall-e-3", called: "azure/mine", kind: Image, guessed: true},
		{model: "azure/gpt-4o-mini-tts", called: "azure/gpt-4o-mini-tts", kind: Speech, guessed: true},
		{model: "azure/buttstock", called: "azure/buttstock", kind: Chat},
		{model: "azure/embedding", info: "mode: chat", called: "azure/embedding", kind: Chat},
		{model: "gpt-4o", params: "custom_llm_provider: azure", called: "gpt-4o", kind: Chat},
		{model: "azure/gpt-4o", params: "custom_llm_provider: openai", skip: "provider openai", called: "azure/gpt-4o", kind: Chat},
		{model: "gpt-4o", params: "api_base: https://r.openai.azure.com", called: "gpt-4o", kind: Chat},
		{model: "gpt-4o", skip: "no provider's prefix", called: "gpt-4o", kind: Chat},
		{model: "openai/gpt-4o", params: "api_key: os.environ/OPENAI", skip: "provider openai", called: "openai/gpt-4o", kind: Chat},
		{model: "a b/::error::x", skip: "an unknown provider", called: "a b/::error::x", kind: Chat},
		{model: "azure/*", skip: "a wildcard without health_check_model", called: "azure/*", kind: Chat},
		{model: "azure/*", info: "health_check_model: azure/mini", called: "azure/mini", kind: Chat},
		{model: "azure/*", info: "health_check_model: openai/mini", skip: "provider openai", called: "openai/mini", kind: Chat},
		{model: "azure/a", info: "health_check_model: azure/mini", called: "azure/a", kind: Chat},
		{model: "azure/a", info: "mode: realtime", skip: "mode realtime", called: "azure/a", kind: Realtime},
		{model: "azure/a", info: "mode: new", skip: "a mode that LiteLLM does not know", called: "azure/a", kind: "new"},
		{model: "azure/a", info: "supported_environments: [staging]", skip: "not for this LITELLM_ENVIRONMENT", called: "azure/a", kind: Chat},
		{model: "azure/a", info: "supported_environments: [production]", called: "azure/a", kind: Chat},
		{model: "os.environ/NAME", called: "azure/named", kind: Chat},
		{model: "os.environ/MISSING", skip: "no model's name", kind: Chat},
	} {
		t.Run(c.model+" "+c.info+" "+c.params, func(t *testing.T) {
			t.Parallel()
			text := fmt.Sprintf("model_list:\n  - model_name: a\n    litellm_params:\n      model: %q\n      %s\n    model_info: {%s}\n", c.model, c.params, c.info)
			env := processOf("LITELLM_ENVIRONMENT", "production", "NAME", "azure/named")
			m := modelsOf(t, text, func(name string) Value {
				if name == "OPENAI" {
					t.Error("asked for a variable of a model that is not called")
				}
				return env(name)
			}, "")[0]
			if m.Skip != c.skip || m.Call.Model != c.called || m.Call.Kind != c.kind || m.KindGuessed != c.guessed {
				t.Errorf("skip %q, model %q, kind %s (%v)", m.Skip, m.Call.Model, m.Call.Kind, m.KindGuessed)
			}
			want := Place{"config.yaml", 4, 7}
			if strings.HasPrefix(c.info, "health_check_model") && strings.Contains(c.model, "*") {
				want = Place{"config.yaml", 6, 18}
			}
			if m.Call.At != want {
				t.Errorf("at %v, want %v", m.Call.At, want)
			}
		})
	}
}

func TestIncludes(t *testing.T) {
	t.Parallel()
	entryOf := func(name string) string {
		return "model_list:\n  - {model_name: " + name + ", litellm_params: {model: azure/" + name + "}}\n"
	}
	files := map[string]string{
		"c/config.yaml":   "include: [sub/a.yaml, ../b.yaml, config.yaml]\nlitellm_settings: {api_key: x, drop_params: true}\ngeneral_settings: {store_model_in_db: true}\n" + entryOf("main"),
		"c/sub/a.yaml":    "include: [n.yaml, ../../b.yaml, root.yaml]\nlitellm_settings: {enable_azure_ad_token_refresh: \"true\"}\n" + entryOf("a"),
		"b.yaml":          "include: [c/config.yaml]\n" + entryOf("b"),
		"c/sub/n.yaml":    "# nothing\n",
		"c/root.yaml":     entryOf("root"),
		"c/sub/more.yaml": "x: 1\n",
	}
	c, err := Load("./c/config.yaml", configTree(files))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(c.Files(), " "); got != "c/config.yaml c/sub/a.yaml b.yaml c/sub/n.yaml c/root.yaml" {
		t.Errorf("files %s", got)
	}
	if got := strings.Join(c.ModelNames(), " "); got != "main a b root" {
		t.Errorf("models %s", got)
	}
	f := c.Facts(processOf(), Versions{})
	if want := (Place{"c/sub/a.yaml", 2, 20}); f.Refresh.Type != String || !f.Refresh.Set || f.Refresh.At != want {
		t.Errorf("refresh %s at %v", inShort(f.Refresh), f.Refresh.At)
	}
	if len(f.CustomGlobals) != 0 { // the include's litellm_settings replace the first file's
		t.Errorf("globals %v", f.CustomGlobals)
	}
	if want := (Place{"c/config.yaml", 3, 20}); f.StoreInDB.At != want || f.SecretManager.Set {
		t.Errorf("facts %v", f)
	}

	for name, broken := range map[string]struct {
		files map[string]string
		at    Place
	}{
		"missing":       {map[string]string{"m.yaml": "include:\n  - a.yaml\n", "a.yaml": "x: 1\ninclude: [ no.yaml]\n"}, Place{"a.yaml", 2, 12}},
		"broken":        {map[string]string{"m.yaml": "include: [d/a.yaml]\n", "d/a.yaml": "x: 1\nx: 2\n"}, Place{"d/a.yaml", 2, 1}},
		"list":          {map[string]string{"m.yaml": "include: [a.yaml]\n", "a.yaml": "- x\n"}, Place{"a.yaml", 1, 1}},
		"wrong section": {map[string]string{"m.yaml": "include: [a.yaml]\nmodel_list: []\n", "a.yaml": "\nmodel_list: x\n"}, Place{"a.yaml", 2, 1}},
		"no file":       {nil, Place{"m.yaml", 1, 1}},
	} {
		_, err := Load("m.yaml", configTree(broken.files))
		e, ok := err.(*Error)
		if !ok || e.At != broken.at || e.NotFound != (name == "missing" || name == "no file") {
			t.Errorf("%s: %v, want one at %v", name, err, broken.at)
		}
	}
}

func TestIncludesBounded(t *testing.T) {
	t.Parallel()
	n := 0
	_, err := Load("0.yaml", func(string) ([]byte, error) {
		n++
		return []byte(fmt.Sprintf("include: [%d.yaml]\n", n)), nil
	})
	if e, ok := err.(*Error); !ok || n != maxFiles || e.At != (Place{"49.yaml", 1, 11}) {
		t.Errorf("%d files: %v", n, err)
	}
	_, err = Load("0.yaml", func(name string) ([]byte, error) {
		if name == "0.yaml" {
			return []byte("include: [1.yaml, 2.yaml]"), nil
		}
		return []byte("x: " + strings.Repeat("x", 6<<20)), nil
	})
	if e, ok := err.(*Error); !ok || e.At != (Place{"0.yaml", 1, 19}) {
		t.Errorf("12 MB: %v", err)
	}
	_, err = loadOne("model_list:\n" + strings.Repeat("  - {model_name: a, litellm_params: {model: azure/a}}\n", 2001))
	if e, ok := err.(*Error); !ok || e.At != (Place{"config.yaml", 2002, 5}) {
		t.Errorf("2001 models: %v", err)
	}
}

func TestFacts(t *testing.T) {
	t.Parallel()
	c, err := loadOne(`environment_variables:
  AZURE_API_KEY: os.environ/MISSING
  OTHER: os.environ/MISSING
  ACTIONS_ID_TOKEN_REQUEST_URL: https://x
  COPY: os.environ/GITHUB_TOKEN
litellm_settings:
  api_key: os.environ/KEY
  api_base: os.environ/MISSING
  cache: os.environ/MISSING
  headers: {Authorization: x}
  enable_azure_ad_token_refresh: os.environ/FLAG
general_settings:
  key_management_system: azure_key_vault
`)
	if err != nil {
		t.Fatal(err)
	}
	f := c.Facts(processOf("KEY", "k", "FLAG", "TRUE"), Versions{})
	var faults []string
	for _, x := range f.Faults {
		faults = append(faults, fmt.Sprintf("%s %s %d:%d", x.ID, x.Param, x.Value.At.Line, x.Value.At.Column))
	}
	if got, want := strings.Join(faults, "\n"), strings.Join([]string{
		"litellm-env-missing AZURE_API_KEY 2:3",
		"litellm-env-refused ACTIONS_ID_TOKEN_REQUEST_URL 4:3",
		"litellm-env-refused COPY 5:3",
		"litellm-env-missing api_base 8:3",
	}, "\n"); got != want {
		t.Errorf("faults\n%s\nwant\n%s", got, want)
	}
	if got := inShort(f.Refresh); got != `"true" boolean` {
		t.Errorf("refresh %s", got)
	}
	if got := strings.Join(f.CustomGlobals, " "); got != "api_base api_key headers.Authorization" {
		t.Errorf("globals %s", got)
	}
	if !f.SecretManager.Set || f.SecretManager.At.Line != 13 {
		t.Error("the secret manager is missed")
	}
}

func TestSelect(t *testing.T) {
	t.Parallel()
	all := modelsOf(t, `model_list:
  - {model_name: a, litellm_params: {model: azure/one}}
  - {model_name: a, litellm_params: {model: azure/two}}
  - {model_name: b, litellm_params: {model: azure/*}, model_info: {health_check_model: azure/three}}
`, processOf(), "")
	for _, c := range []struct{ list, want, unknown string }{
		{"", "azure/one azure/two azure/three", ""},
		{" , \n", "azure/one azure/two azure/three", ""},
		{"a", "azure/one azure/two", ""},
		{"azure/two", "azure/two", ""},
		{"azure/*\r\nA,b, a ", "azure/one azure/two azure/three", "A"},
		{"x,x\ny", "", "x y"},
	} {
		selected, unknown := Select(all, c.list)
		var got []string
		for _, m := range selected {
			got = append(got, m.Call.Model)
		}
		if strings.Join(got, " ") != c.want || strings.Join(unknown, " ") != c.unknown {
			t.Errorf("%q: %v, unknown %v", c.list, got, unknown)
		}
	}
}
