package preflight_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// nearAnswers are bodies with status 200 that are JSON, or nearly, and that no
// operation of the service answers with.
var nearAnswers = []struct{ name, body string }{
	{"null", `null`},
	{"a word", `"ok"`},
	{"a number", `200`},
	{"an empty list", `[]`},
	{"an empty object", `{}`},
	{"a health check", `{"status":"ok"}`},
	{"an error", `{"error":{"code":"Unauthorized","message":"nobody let you in"}}`},
	{"a gateway's error", `{"statusCode":401,"message":"Access denied"}`},
	{"an echo", `{"messages":[{"role":"user","content":"ping"}],"max_completion_tokens":16,"model":"chat"}`},
	{"no choices", `{"object":"chat.completion","model":"gpt-4.1-mini","choices":[]}`},
	{"no data", `{"object":"list","model":"text-embedding-3-large","data":[]}`},
	{"no images", `{"created":1764144000,"data":[]}`},
	{"an image that is none", `{"created":1764144000,"data":[{"revised_prompt":"ping"},{"url":""},7]}`},
	{"an empty vector", `{"object":"list","model":"text-embedding-3-large","data":[{"embedding":[]}]}`},
	{"half an answer", `{"object":"chat.completion","model":"gpt-4.1-mini","choices":[{"index":0,"message":{"role":"assis`},
	{"an answer and more", `{"object":"chat.completion","model":"m","choices":[{"message":{"content":"pong"}}]}<script>`},
	{"wrong types", `{"object":1,"model":{},"choices":"yes","data":0,"output":0}`},
	{"nested deep", strings.Repeat(`[`, 200_000) + strings.Repeat(`]`, 200_000)},
	{"nested too deep", strings.Repeat(`{"choices":`, 20_000)},
}

// TestNearAnswers gives every operation each of them, for ever: none is a pass,
// and none breaks the program.
func TestNearAnswers(t *testing.T) {
	t.Parallel()
	for _, deployment := range []string{"chat", "codex:responses", "embeddings:embeddings", "legacy:completions", "images:images", "speech:audio", "whisper:audio"} {
		for _, c := range nearAnswers {
			t.Run(deployment+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := azurelab.Healthy()
					w.Faults = []azurelab.Fault{{Service: azurelab.ServiceModel, Kind: azurelab.FaultAnswer, Body: c.body}}
					o := perform(t, w, func(env map[string]string) { env["INPUT_DEPLOYMENT"] = deployment })
					if o.exit != 1 || o.told() != foreign {
						t.Errorf("exit code %d, %q, want %q\n%s", o.exit, o.told(), foreign, shown(o.stdout))
					}
					checkLeaks(t, w, o)
				})
			})
		}
	}
}

// TestNearTokens gives the two steps that fetch a token answers without one.
func TestNearTokens(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		step faultStep
		want string
		body string
	}{
		{faultSteps[0], noOIDC, `{}`},
		{faultSteps[0], noOIDC, `null`},
		{faultSteps[0], noOIDC, `{"count":1}`},
		{faultSteps[0], noOIDC, `{"value":""}`},
		{faultSteps[0], noOIDC, `{"value":{"token":"x"}}`},
		{faultSteps[0], noOIDC, `[{"value":"x"}]`},
		{faultSteps[1], foreign, `{}`},
		{faultSteps[1], foreign, `null`},
		{faultSteps[1], foreign, `{"issuer":"https://login.evil.example"}`},
		{faultSteps[2], foreign, `{}`},
		{faultSteps[2], foreign, `null`},
		{faultSteps[2], foreign, `{"token_type":"Bearer","expires_in":3600}`},
		{faultSteps[2], foreign, `{"token_type":"Bearer","expires_in":3600,"access_token":""}`},
		{faultSteps[2], foreign, `{"access_token":["a","b"],"expires_in":3600}`},
		{faultSteps[2], foreign, `["token"]`},
	} {
		t.Run(c.step.name+"/"+c.body, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := azurelab.Healthy()
				w.Faults = []azurelab.Fault{{Service: c.step.service, Skip: c.step.skip, Kind: azurelab.FaultAnswer, Body: c.body}}
				o := perform(t, w, nil)
				if o.exit != 1 || o.told() != c.want {
					t.Errorf("exit code %d, %q, want %q\n%s", o.exit, o.told(), c.want, shown(o.stdout))
				}
				checkLeaks(t, w, o)
				checkContainment(t, w)
				checkAgreement(t, o)
			})
		})
	}
}
