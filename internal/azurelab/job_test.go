package azurelab

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// scenario finds a scenario by name.
func scenario(t *testing.T, name string) Scenario {
	t.Helper()
	for _, s := range Scenarios() {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no scenario %s", name)
	return Scenario{}
}

// door is an HTTP client in a world.
type door func(testing.TB, *World) *http.Client

// doors are the two ways in.
var doors = map[string]door{"transport": inProcess, "proxy": throughProxy}

func inProcess(_ testing.TB, w *World) *http.Client {
	return &http.Client{Transport: w.Transport(), CheckRedirect: noRedirect}
}

func throughProxy(t testing.TB, w *World) *http.Client {
	p, err := Serve(t.Context(), w, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return behind(t, p)
}

// behind is a client behind p that trusts it.
func behind(t testing.TB, p *Proxy) *http.Client {
	proxy, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(p.CAPEM) {
		t.Fatal("no certificate in CAPEM")
	}
	transport := &http.Transport{
		Proxy:             http.ProxyURL(proxy),
		TLSClientConfig:   &tls.Config{RootCAs: roots},
		ForceAttemptHTTP2: true,
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, CheckRedirect: noRedirect}
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// job is a small check inside the job, enough of one to meet every fault: it
// has no diagnoses and reports what it was told.
type job struct {
	world  *World
	client *http.Client
	env    map[string]string
}

func newJob(t testing.TB, w *World, open door) *job {
	t.Helper()
	env, err := w.Environ(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return &job{w, open(t, w), env}
}

// value is an input, or the variable that stands in for it.
func (j *job) value(input, variable string) string {
	return cmp.Or(j.env["INPUT_"+strings.ToUpper(input)], j.env[variable])
}

// credential makes the credential that the job's values call for.
func (j *job) credential() (azcore.TokenCredential, error) {
	tenant, client := j.value("tenant-id", "AZURE_TENANT_ID"), j.value("client-id", "AZURE_CLIENT_ID")
	options := azcore.ClientOptions{Transport: j.client, Cloud: j.cloud(), Retry: policy.RetryOptions{MaxRetries: -1}}
	switch {
	case j.env["AZURE_CLIENT_SECRET"] != "":
		return azidentity.NewClientSecretCredential(tenant, client, j.env["AZURE_CLIENT_SECRET"], &azidentity.ClientSecretCredentialOptions{ClientOptions: options})
	case j.env["AZURE_CLIENT_CERTIFICATE_PATH"] != "":
		pem, err := os.ReadFile(j.env["AZURE_CLIENT_CERTIFICATE_PATH"])
		if err != nil {
			return nil, err
		}
		certs, key, err := azidentity.ParseCertificates(pem, nil)
		if err != nil {
			return nil, err
		}
		return azidentity.NewClientCertificateCredential(tenant, client, certs, key, &azidentity.ClientCertificateCredentialOptions{ClientOptions: options})
	case j.env["AZURE_FEDERATED_TOKEN_FILE"] != "":
		return azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{
			ClientOptions: options, TenantID: tenant, ClientID: client, TokenFilePath: j.env["AZURE_FEDERATED_TOKEN_FILE"]})
	case tenant == "":
		o := &azidentity.ManagedIdentityCredentialOptions{ClientOptions: options}
		if client != "" {
			o.ID = azidentity.ClientID(client)
		}
		return azidentity.NewManagedIdentityCredential(o)
	}
	return azidentity.NewClientAssertionCredential(tenant, client, j.idToken, &azidentity.ClientAssertionCredentialOptions{ClientOptions: options})
}

func (j *job) facts() *cloudFacts {
	if c := j.env["INPUT_CLOUD"]; c != "" {
		return Cloud(c).facts()
	}
	for i := range clouds {
		if strings.HasSuffix(j.value("endpoint", "AZURE_OPENAI_ENDPOINT"), clouds[i].openAI) {
			return &clouds[i]
		}
	}
	return Public.facts()
}

func (j *job) cloud() cloud.Configuration {
	return map[Cloud]cloud.Configuration{Public: cloud.AzurePublic, USGov: cloud.AzureGovernment, China: cloud.AzureChina}[j.facts().name]
}

// idToken asks GitHub for the job's assertion.
func (j *job) idToken(ctx context.Context) (string, error) {
	address := j.env["ACTIONS_ID_TOKEN_REQUEST_URL"]
	if address == "" {
		return "", fmt.Errorf("no token service")
	}
	audience := cmp.Or(j.value("audience", ""), j.facts().exchange)
	status, body, err := j.do(ctx, http.MethodGet, address+"&audience="+url.QueryEscape(audience), "", "Authorization", "Bearer "+j.env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"])
	if err != nil {
		return "", err
	}
	if status != http.StatusOK {
		return "", fmt.Errorf("token service: %d %s", status, body)
	}
	var token struct{ Value string }
	err = json.Unmarshal([]byte(body), &token)
	return token.Value, err
}

func (j *job) token(ctx context.Context) (azcore.AccessToken, error) {
	credential, err := j.credential()
	if err != nil {
		return azcore.AccessToken{}, err
	}
	scope := cmp.Or(j.value("scope", ""), j.facts().cognitive+"/.default")
	return credential.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{scope}, EnableCAE: true})
}

// do sends one request and reads the answer.
func (j *job) do(ctx context.Context, method, address, body string, headers ...string) (int, string, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := j.client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return resp.StatusCode, string(b), err
}

// operation is a minimal request. Images and audio are asked for what cannot be
// made, so that nothing is.
type operation struct{ path, body string }

var minimal = map[string]operation{
	"chat":        {"chat/completions", `"messages":[{"role":"user","content":"Hi"}],"max_completion_tokens":16`},
	"responses":   {"responses", `"input":"Hi","max_output_tokens":16`},
	"embeddings":  {"embeddings", `"input":"Hi"`},
	"completions": {"completions", `"prompt":"Hi","max_tokens":1`},
	"images":      {"images/generations", `"prompt":"Hi","n":0`},
	"audio":       {"audio/speech", `"input":"Hi","voice":"none"`},
}

// request is the address and the body of a call to a deployment, named name or
// name:operation.
func (j *job) request(deployment string) (address, body string) {
	name, op, _ := strings.Cut(deployment, ":")
	m := minimal[cmp.Or(op, j.value("operation", ""), "chat")]
	base := strings.TrimSuffix(j.value("endpoint", "AZURE_OPENAI_ENDPOINT"), "/")
	version := j.value("api-version", "AZURE_API_VERSION")
	if version != "" && j.value("route", "") != "v1" {
		return base + "/openai/deployments/" + name + "/" + m.path + "?api-version=" + version, "{" + m.body + "}"
	}
	address = base + "/openai/v1/" + m.path
	if version != "" {
		address += "?api-version=" + version
	}
	return address, `{"model":"` + name + `",` + m.body + "}"
}

// call calls one deployment, again as long as the failure is transient.
func (j *job) call(ctx context.Context, deployment string, headers ...string) string {
	address, body := j.request(deployment)
	if k := j.value("subscription-key", ""); k != "" {
		headers = append(headers, j.world.Gateways[0].keyHeader(), k)
	}
	headers = append(headers, "Content-Type", "application/json")
	var said string
	for range 3 {
		status, answer, err := j.do(ctx, http.MethodPost, address, body, headers...)
		switch {
		case err != nil:
			said = err.Error()
		case status == http.StatusOK && strings.HasPrefix(answer, "{"), proves(answer):
			return ""
		default:
			said = fmt.Sprintf("%d %s", status, answer)
		}
		if !errors.Is(err, io.ErrUnexpectedEOF) && status != http.StatusServiceUnavailable && status != http.StatusTooManyRequests {
			return said
		}
		if sleep(ctx, 2*time.Second) != nil {
			return said
		}
	}
	return said
}

// proves reports whether an error shows that access is granted.
func proves(answer string) bool {
	return strings.Contains(answer, `"code":"content_filter"`) || strings.Contains(answer, "Could not finish the message") ||
		strings.Contains(answer, "Extra inputs are not permitted") || strings.Contains(answer, "audioSpeech operation does not work") ||
		strings.Contains(answer, `"code":"integer_below_min_value"`) || strings.Contains(answer, `"code":"invalid_value"`)
}

// check walks the chain and returns "" or what it was told first.
func (j *job) check(ctx context.Context) string {
	var headers []string
	if j.value("identity", "") == "api-key" {
		headers = []string{"Api-Key", j.env["AZURE_OPENAI_API_KEY"]}
	} else {
		token, err := j.token(ctx)
		for range 2 {
			if err != nil && strings.Contains(err.Error(), "503") {
				token, err = j.token(ctx)
			}
		}
		if err != nil {
			return err.Error()
		}
		headers = []string{"Authorization", "Bearer " + token.Token}
	}
	for _, d := range strings.FieldsFunc(j.value("deployment", ""), func(r rune) bool { return r == ',' || r == '\n' || r == ' ' }) {
		if said := j.call(ctx, d, headers...); said != "" {
			return said
		}
	}
	return ""
}
