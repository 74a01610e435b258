package preflight_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
	"github.com/aoai-preflight/aoai-preflight/preflight"
)

// fleet is a world with so many resources of so many chat deployments each, and
// a configuration with a model for each deployment, the resources in blocks.
func fleet(resources, deployments int) (*azurelab.World, string) {
	w := azurelab.Healthy()
	first := w.Resources[0]
	w.Resources = nil
	var b strings.Builder
	b.WriteString(fleetCredential)
	for i := range resources {
		r := first
		r.Name = fmt.Sprintf("octo-aoai-%d", i)
		r.Hosts = []string{r.Name + ".openai.azure.com"}
		r.Roles = slices.Clone(first.Roles)
		r.Deployments = nil
		for d := range deployments {
			name := fmt.Sprintf("chat-%d", d)
			r.Deployments = append(r.Deployments, azurelab.Deployment{Name: name, Model: "gpt-4.1-mini", Version: "2025-04-14", Operations: []azurelab.Operation{azurelab.Chat}})
			fmt.Fprintf(&b, "  - model_name: model-%d-%d\n    litellm_params:\n      model: azure/%s\n      api_base: https://%s\n      api_version: \"2024-10-21\"\n      litellm_credential_name: own\n", i, d, name, r.Hosts[0])
		}
		w.Resources = append(w.Resources, r)
	}
	return w, b.String()
}

const fleetCredential = `credential_list:
  - credential_name: own
    credential_values:
      azure_ad_token: oidc/github/api://AzureADTokenExchange
      tenant_id: 6babcaad-604b-40ac-a9d7-9fd97c0b779f
      client_id: 3f9d4c52-6c1f-4f0e-9b57-1d2f7b1a8c11
    credential_info: {}
model_list:
`

// withConfig gives a job the configuration of its client.
func withConfig(t *testing.T, config string) func(map[string]string) {
	return func(env map[string]string) {
		env["INPUT_LITELLM-CONFIG"] = "config.yaml"
		delete(env, "INPUT_ENDPOINT")
		delete(env, "INPUT_DEPLOYMENT")
		checkOut(t, env, map[string]string{"config.yaml": config})
	}
}

// calls are the requests for models, by host.
func calls(w *azurelab.World) map[string][]azurelab.Request {
	out := map[string][]azurelab.Request{}
	for _, r := range w.Requests() {
		if r.Method == "POST" && strings.HasSuffix(r.Host, ".openai.azure.com") {
			out[r.Host] = append(out[r.Host], r)
		}
	}
	return out
}

func total(calls map[string][]azurelab.Request) int {
	n := 0
	for _, list := range calls {
		n += len(list)
	}
	return n
}

// checkHonest sees that no target passes that nobody answered, and that what a
// finding lists is what failed.
func checkHonest(t *testing.T, o outcome) {
	t.Helper()
	listed := map[string]bool{}
	for _, f := range o.report.Findings {
		if f.Severity != preflight.SeverityNotice {
			for _, name := range f.Targets {
				listed[name] = true
			}
		}
	}
	for _, r := range o.report.Targets {
		name := r.Name
		if name == "" {
			name = r.Deployment
		}
		name += ":" + string(r.Operation)
		if r.NotCalled && (r.Verdict != preflight.Fail || r.HTTPStatus != 0 || r.Model != "") {
			t.Errorf("%s was not called and has the verdict %s, status %d", name, r.Verdict, r.HTTPStatus)
		}
		if !r.NotCalled && r.Verdict == preflight.Pass && r.HTTPStatus != 200 {
			t.Errorf("%s passes with status %d", name, r.HTTPStatus)
		}
		if (r.Verdict != preflight.Pass) != listed[name] {
			t.Errorf("%s has the verdict %s; listed by a finding: %v", name, r.Verdict, listed[name])
		}
	}
}

// notCalled counts the targets that were not called.
func notCalled(o outcome) int {
	n := 0
	for _, r := range o.report.Targets {
		if r.NotCalled {
			n++
		}
	}
	return n
}

// errorsOf counts the findings that fail the job.
func errorsOf(o outcome) int {
	n := 0
	for _, f := range o.report.Findings {
		if f.Severity == preflight.SeverityError {
			n++
		}
	}
	return n
}
