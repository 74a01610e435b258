package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// A lab is a world behind its proxy, with every value that a combination can
// name. Combinations hold symbols such as <key>, so that they can be printed.
type lab struct {
	world *azurelab.World
	proxy *azurelab.Proxy
	dir   string            // of the driver: home, working directory, files
	value map[string]string // by symbol
	name  map[string]string // symbols by digest of the value
	usual azurelab.Resource // the resource's facts in the usual behaviour
}

// The resource that everything is sent to.
const endpoint = "https://octo-aoai.openai.azure.com"

const (
	cognitive = "https://cognitiveservices.azure.com"
	exchange  = "api://AzureADTokenExchange"
)

// newLab makes the world: [azurelab.Healthy] with deployments of awkward names,
// a second application, a user and a managed identity.
func newLab(ctx context.Context, dir string) (*lab, error) {
	w := azurelab.Healthy()
	t := &w.Tenants[0]
	app := &t.Apps[0]
	app.PublicClient = true
	w.Job.Certificate = true
	second := azurelab.App{
		ClientID: "5b2f0d8e-33aa-4c55-9d3c-7a4e1f6b9c02", ObjectID: "0c7a4d1e-9b5f-4b36-8f61-2f1f6d3f7d55", Name: "octo-other",
		Secrets: []azurelab.Secret{{Value: "second-application-secret-of-the-lab"}},
	}
	t.Apps = append(t.Apps, second)
	app = &t.Apps[0]
	t.Users = []azurelab.User{{Name: "mona@octo.example", Password: "a-password-of-the-lab", ObjectID: "b5a0c1d2-77b4-45a0-a1f3-8a4a3f8a9e11"}}
	w.Cluster = &azurelab.Cluster{
		Issuer: "https://oidc.octo.example/cluster", Subject: "system:serviceaccount:tests:llm", Audience: exchange, Lifetime: 24 * time.Hour,
	}
	app.Federated = append(app.Federated, azurelab.Federated{Issuer: w.Cluster.Issuer, Subject: w.Cluster.Subject, Audience: exchange})
	identity := azurelab.ManagedIdentity{
		ClientID: "d94c1f55-0a8e-4d2b-8a77-51c9f0b2e6a4", ObjectID: "f1d2c3b4-5a69-4788-9a0b-1c2d3e4f5a6b", TenantID: t.ID, Attached: true,
		ResourceID:    "/subscriptions/0/resourceGroups/octo/providers/Microsoft.ManagedIdentity/userAssignedIdentities/octo-runner",
		TokenLifetime: 24 * time.Hour,
	}
	w.Managed = []azurelab.ManagedIdentity{identity}
	w.Strangers = append(w.Strangers, "api.openai.com", "gateway.ai.cloudflare.com")
	r := &w.Resources[0]
	all := []azurelab.Operation{
		azurelab.Chat, azurelab.Responses, azurelab.Embeddings, azurelab.Completions, azurelab.Images, azurelab.Speech, azurelab.Transcriptions,
	}
	r.Hosts = append(r.Hosts, "octo-aoai.cognitiveservices.azure.com", "octo-aoai.services.ai.azure.com")
	for _, name := range deployments {
		r.Deployments = append(r.Deployments, azurelab.Deployment{Name: name, Model: "gpt-4.1-mini", Version: "2025-04-14", Operations: all})
	}
	for _, id := range []string{second.ObjectID, identity.ObjectID, t.Users[0].ObjectID} {
		r.Roles = append(r.Roles, azurelab.RoleAssignment{PrincipalID: id, RoleID: azurelab.OpenAIUser})
	}
	env, err := w.Environ(filepath.Join(dir, "job"))
	if err != nil {
		return nil, err
	}
	certificateFile := env["AZURE_CLIENT_CERTIFICATE_PATH"]
	registered, err := certificate(certificateFile)
	if err != nil {
		return nil, err
	}
	app.Certificates = []*azurelab.ClientCertificate{{Certificate: registered}}
	proxy, err := azurelab.Serve(ctx, w, "")
	if err != nil {
		return nil, err
	}
	l := &lab{world: w, proxy: proxy, dir: dir, usual: *r}
	l.value = map[string]string{
		"<key>":             r.Keys[0],
		"<key-2>":           r.Keys[1],
		"<old-key>":         strings.Repeat("0", len(r.Keys[0])), // regenerated since
		"<openai-key>":      "sk-of-another-provider",
		"<token>":           w.StaticToken(cognitive, time.Minute, time.Hour),
		"<token-2>":         w.StaticToken(cognitive, 2*time.Minute, time.Hour),
		"<stale-token>":     w.StaticToken(cognitive, 2*time.Hour, time.Hour),
		"<arm-token>":       w.StaticToken("https://management.azure.com", time.Minute, time.Hour),
		"<provider-token>":  w.StaticToken(cognitive, 3*time.Minute, time.Hour),
		"<tenant>":          t.ID,
		"<tenant-2>":        w.Tenants[1].ID,
		"<client>":          app.ClientID,
		"<client-2>":        second.ClientID,
		"<identity>":        identity.ClientID,
		"<secret>":          app.Secrets[0].Value,
		"<secret-2>":        second.Secrets[0].Value,
		"<user>":            t.Users[0].Name,
		"<password>":        t.Users[0].Password,
		"<old-password>":    "no-longer-a-password",
		"<id-token>":        w.IDToken(exchange),
		"<id-token-file>":   filepath.Join(dir, "id-token"),
		"<pod-token-file>":  env["AZURE_FEDERATED_TOKEN_FILE"],
		"<missing-file>":    filepath.Join(dir, "missing"),
		"<request-url>":     env["ACTIONS_ID_TOKEN_REQUEST_URL"],
		"<request-token>":   env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"],
		"<endpoint>":        endpoint,
		"<cognitive>":       "https://octo-aoai.cognitiveservices.azure.com",
		"<foundry>":         "https://octo-aoai.services.ai.azure.com",
		"<region>":          "https://" + r.Region + ".api.cognitive.microsoft.com",
		"<dir>":             dir,
		"<certificate>":     certificateFile,
		"<cloudflare>":      "https://gateway.ai.cloudflare.com/v1/octo/gateway/azure-openai/octo-aoai",
		"<authority>":       "https://login.microsoftonline.com",
		"<pod-token>":       readFile(env["AZURE_FEDERATED_TOKEN_FILE"]),
		"<scope-default>":   cognitive + "/.default",
		"<scope-foundry>":   "https://ai.azure.com/.default",
		"<scope-arm>":       "https://management.azure.com/.default",
		"<scope-unknown>":   "api://nowhere/.default",
		"<audience-github>": exchange,
	}
	l.name = map[string]string{"": "(empty)"}
	for symbol, value := range l.value {
		l.name[azurelab.Digest(value)] = symbol
	}
	l.name[azurelab.Digest("None")] = "None"
	// What a combination takes for a credential without its being one.
	for _, all := range []map[string][]any{shadowParams, shadowEnv, shadowGlobals} {
		for _, values := range all {
			for _, v := range values {
				if s, ok := v.(string); ok && !strings.HasPrefix(s, "<") && s != "" {
					l.name[azurelab.Digest(l.fill(s))] = s
				}
			}
		}
	}
	return l, os.WriteFile(l.value["<id-token-file>"], []byte(l.value["<id-token>"]), 0o600)
}

// certificate is that of a PEM file that holds its key as well.
func certificate(name string) (*x509.Certificate, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	for {
		block, rest := pem.Decode(data)
		switch {
		case block == nil:
			return nil, fmt.Errorf("%s holds no certificate", name)
		case block.Type == "CERTIFICATE":
			return x509.ParseCertificate(block.Bytes)
		}
		data = rest
	}
}

func readFile(name string) string {
	data, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	return string(data)
}

// deployments are names that do all operations. o1 and o3 hide in some.
var deployments = []string{
	"all", "demo1", "proto3", "o1-mini", "foo-o4", "gpt-5-mini", "codex-mini", "o3-pro", "gpt-5-codex", "o4-mini", "GPT-4O", "gpt-4o", "gpt-4o-mini", "gpt-4o1",
	"text-embedding-3-small", "gpt-5-chat", "gpt-image-1", "dall-e-3", "whisper", "tts", "my_deployment.v2", "O3-mini", "gpt-35-turbo", "gpt-3.5-turbo-instruct",
}

// fill replaces the symbols of a text by their values.
func (l *lab) fill(text string) string {
	if !strings.Contains(text, "<") {
		return text
	}
	for symbol, value := range l.value {
		text = strings.ReplaceAll(text, symbol, value)
	}
	return text
}

// veil replaces values by their symbols, longest first where one is part of
// another, so that what a client said can be printed.
func (l *lab) veil(text string) string {
	for symbol, value := range l.value {
		if len(value) > 12 && !strings.HasPrefix(value, "https://") && !strings.HasPrefix(value, "api://") {
			text = strings.ReplaceAll(text, value, symbol)
		}
	}
	return text
}

// behave sets how the service behaves from now on.
func (l *lab) behave(behaviour string) {
	l.world.Update(func(w *azurelab.World) {
		r := &w.Resources[0]
		r.KeyAuthDisabled = behaviour == "keys-disabled"
		r.Network.Firewall = behaviour == "firewall"
		r.Roles = l.usual.Roles
		switch behaviour {
		case "no-role":
			r.Roles = nil
		case "one-role":
			r.Roles = r.Roles[:1]
		case "identity-role":
			r.Roles = r.Roles[2:3]
		}
		w.Faults = nil
		switch behaviour {
		case "throttled":
			w.Faults = []azurelab.Fault{{Service: azurelab.ServiceModel, Kind: azurelab.FaultStatus, Status: 429}}
		case "broken":
			w.Faults = []azurelab.Fault{{Service: azurelab.ServiceModel, Kind: azurelab.FaultStatus, Status: 500}}
		}
	})
}

// requestsSince is the log from a position on, and the position after it.
func (l *lab) requestsSince(n int) ([]azurelab.Request, int) {
	all := l.world.Requests()
	return all[n:], len(all)
}

// filled is a copy of a JSON value with the symbols of its strings replaced.
func (l *lab) filled(c *combination) ([]byte, error) {
	d := *c
	d.Env, d.Params, d.Headers = l.fillMap(c.Env), l.fillAny(c.Params), l.fillMap(c.Headers)
	d.Globals, d.Common = l.fillAny(c.Globals), l.fillMap(c.Common)
	d.Provider, d.Scope = l.fill(c.Provider), l.fill(c.Scope)
	return json.Marshal(d)
}

func (l *lab) fillMap(m map[string]string) map[string]string {
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[k] = l.fill(v)
	}
	return out
}

func (l *lab) fillAny(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		if s, ok := v.(string); ok {
			v = l.fill(s)
		}
		out[k] = v
	}
	return out
}
