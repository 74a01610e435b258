package preflight_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// TestEchoes: a service that sends a credential back does not get it into any
// channel.
func TestEchoes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		world   string
		service azurelab.Service
		secret  func(w *azurelab.World) string
	}{
		{"api-key", azurelab.ServiceModel, func(w *azurelab.World) string { return w.Resources[0].Keys[0] }},
		{"client-secret", azurelab.ServiceEntra, func(w *azurelab.World) string { return w.Tenants[0].Apps[0].Secrets[0].Value }},
		{"healthy", azurelab.ServiceGitHub, func(w *azurelab.World) string {
			env, err := w.Environ(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			return env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
		}},
	} {
		t.Run(c.world, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := scenario(t, c.world).World()
				secret := c.secret(w)
				if len(secret) < 6 {
					t.Fatalf("the world has no secret: %q", secret)
				}
				body := fmt.Sprintf(`{"error":{"code":"%s","message":"no: %s, said %s"}}`, secret, secret, secret)
				w.Faults = []azurelab.Fault{{Service: c.service, Kind: azurelab.FaultRawClosed,
					Body: fmt.Sprintf("HTTP/1.1 400 No\r\nContent-Type: application/json\r\nX-Request-Id: %s\r\nServer: %s\r\nContent-Length: %d\r\n\r\n%s", secret, secret, len(body), body)}}
				o := perform(t, w, func(env map[string]string) { env["RUNNER_DEBUG"] = "1" })
				if o.exit != 1 || !strings.Contains(o.stdout, "***") {
					t.Errorf("exit code %d, and nothing was taken out:\n%s", o.exit, shown(o.stdout))
				}
				checkLeaks(t, w, o)
			})
		})
	}
}

// TestEchoesInPieces: neither is a credential shown that is cut off where a
// text becomes too long, nor one that characters which show nothing stand in.
func TestEchoesInPieces(t *testing.T) {
	t.Parallel()
	const few = 20 // characters of the key that nobody may see in a row
	for _, form := range []string{`{"error":{"code":"x","message":"%s"}}`, `{"error":{"code":"%s","message":"no"}}`, `{"error":{"code":"x","message":"no","param":"%s"}}`, "%s"} {
		for _, filler := range []int{0, 30, 60, 80, 120, 150, 190, 280, 480, 900, 940, 1950} {
			synctest.Test(t, func(t *testing.T) {
				w := scenario(t, "api-key").World()
				key := w.Resources[0].Keys[0]
				before := strings.Repeat("y", filler) + " "
				text := before + key
				if filler == 0 {
					text = key[:few/2] + "\u200b" + key[few/2:2*few] + "\u00ad" + key[2*few:]
				}
				body := fmt.Sprintf(form, text)
				w.Faults = []azurelab.Fault{{Service: azurelab.ServiceModel, Kind: azurelab.FaultRawClosed,
					Body: fmt.Sprintf("HTTP/1.1 400 No\r\nContent-Type: %s\r\nX-Request-Id: %s\r\nContent-Length: %d\r\n\r\n%s", text, text, len(body), body)}}
				o := perform(t, w, func(env map[string]string) { env["RUNNER_DEBUG"] = "1" })
				for name, s := range map[string]string{"stdout": shown(o.stdout), "stderr": o.stderr, "report": string(o.reportFile), "summary": o.summary} {
					if i := strings.Index(s, key[:few]); i >= 0 {
						t.Errorf("%s with %d characters before it: %s shows %q", form, filler, name, s[i:min(len(s), i+len(key))])
					}
				}
				checkLeaks(t, w, o)
			})
		}
	}
}

// TestTokenRequest: what a request for a token carries is not in its headers,
// and it is not nothing.
func TestTokenRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := azurelab.Healthy()
		const body = `{"error":"invalid_client","error_description":"AADSTS700027: no"}`
		w.Faults = []azurelab.Fault{{Service: azurelab.ServiceEntra, Kind: azurelab.FaultRawClosed, Skip: 1,
			Body: fmt.Sprintf("HTTP/1.1 401 No\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)}}
		o := perform(t, w, func(env map[string]string) { env["RUNNER_DEBUG"] = "1" })
		if !strings.Contains(o.stdout, "credential sent: in the body") || !strings.Contains(o.stderr, "/oauth2/v2.0/token sent in the body") {
			t.Errorf("%s\n%s", shown(o.stdout), o.stderr)
		}
	})
}

// TestEchoedModel: the name of the model that answered is foreign text, even on
// a pass.
func TestEchoedModel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := scenario(t, "api-key").World()
		body := fmt.Sprintf(`{"object":"chat.completion","model":"gpt %s \u001b[31m%s","choices":[{"message":{"content":"pong"},"finish_reason":"stop"}]}`, w.Resources[0].Keys[0], strings.Repeat("x", 5000))
		w.Faults = []azurelab.Fault{{Service: azurelab.ServiceModel, Kind: azurelab.FaultRawClosed,
			Body: fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)}}
		o := perform(t, w, nil)
		checkLeaks(t, w, o)
		if m := o.report.Targets[0].Model; o.exit != 0 || !strings.HasPrefix(m, "gpt *** ") || strings.Contains(m, "\x1b") || len(m) > 200 {
			t.Errorf("exit code %d, model %q", o.exit, m)
		}
	})
}

// TestMasked: the runner is told to hide every token that is handed out, the
// one too for which the service's challenge asks while the calls are made.
func TestMasked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := azurelab.Healthy()
		// Claims are base64: {"access_token":{"nbf":{"essential":true,"value":"1"}}}
		w.Faults = []azurelab.Fault{{Service: azurelab.ServiceModel, Kind: azurelab.FaultRawClosed, Times: 1,
			Body: "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", error=\"insufficient_claims\", claims=\"eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxIn19fQ==\"\r\nContent-Length: 0\r\n\r\n"}}
		o := perform(t, w, nil)
		if o.exit != 0 {
			t.Errorf("exit code %d\n%s", o.exit, shown(o.stdout))
		}
		tokens := 0
		for _, secret := range w.Secrets() {
			if !strings.HasPrefix(secret, "eyJ") {
				continue
			}
			tokens++
			if !strings.Contains(o.stdout, "::add-mask::"+secret+"\n") {
				t.Errorf("a token is not masked (%.12s…)", secret)
			}
		}
		asked := 0
		for _, r := range w.Requests() {
			if r.Service == azurelab.ServiceEntra && strings.HasSuffix(r.Path, "/token") {
				asked++
			}
		}
		if tokens < 3 || asked != 2 {
			t.Errorf("%d tokens, and Entra was asked for one %d times: no challenge was met", tokens, asked)
		}
	})
}
