package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// A fleet is a configuration of LiteLLM with many models, each of its own
// deployment, and the resources that they are on.
type fleet struct {
	name      string // of the flag -world
	title     string
	resources int
	models    int
	role      bool // the principal has the role
}

var fleets = []fleet{
	{"fleet", "300 models on 12 resources", 12, 300, true},
	{"one", "300 models on 1 resource", 1, 300, true},
	{"fleet-no-role", "300 models on 12 resources, no role at any", 12, 300, false},
	{"one-no-role", "300 models on 1 resource, no role", 1, 300, false},
}

// worldOf is the healthy world, or one with a fleet's resources instead of its
// own.
func worldOf(name string) (*azurelab.World, *fleet, error) {
	w := azurelab.Healthy()
	if name == "" {
		return w, nil, nil
	}
	for i := range fleets {
		if f := &fleets[i]; f.name == name {
			first := w.Resources[0]
			w.Resources = nil
			for n := range f.resources {
				r := first
				r.Name = fmt.Sprintf("octo-aoai-%d", n)
				r.Hosts = []string{r.Name + ".openai.azure.com"}
				if !f.role {
					r.Roles = nil
				}
				r.Deployments = nil
				for d := range f.models / f.resources {
					r.Deployments = append(r.Deployments, azurelab.Deployment{Name: fmt.Sprintf("chat-%d", d), Model: "gpt-4.1-mini", Version: "2025-04-14", Operations: []azurelab.Operation{azurelab.Chat}})
				}
				w.Resources = append(w.Resources, r)
			}
			return w, f, nil
		}
	}
	return nil, nil, fmt.Errorf("there is no world %q", name)
}

// configure writes the fleet's configuration into the job's workspace, and tells
// the job to check that.
func (f *fleet) configure(w *azurelab.World, env map[string]string) error {
	in := w.Job.Inputs
	var b strings.Builder
	fmt.Fprintf(&b, "credential_list:\n  - credential_name: own\n    credential_values:\n      azure_ad_token: oidc/github/api://AzureADTokenExchange\n      tenant_id: %s\n      client_id: %s\n    credential_info: {}\nmodel_list:\n", in["tenant-id"], in["client-id"])
	for i := range f.models {
		fmt.Fprintf(&b, "  - model_name: model-%d\n    litellm_params:\n      model: azure/chat-%d\n      api_base: https://octo-aoai-%d.openai.azure.com\n      api_version: \"2024-10-21\"\n      litellm_credential_name: own\n",
			i, i/f.resources, i%f.resources)
	}
	delete(env, "INPUT_ENDPOINT")
	delete(env, "INPUT_DEPLOYMENT")
	env["INPUT_LITELLM-CONFIG"] = "config.yaml"
	return os.WriteFile(filepath.Join(env["GITHUB_WORKSPACE"], "config.yaml"), []byte(b.String()), 0o600)
}
