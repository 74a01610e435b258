package preflight_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// manyModels is a world with 12 resources and a configuration of 300 models
// over them, of which each call stands five times.
func manyModels() (*azurelab.World, string) {
	w := azurelab.Healthy()
	first := w.Resources[0]
	var b strings.Builder
	b.WriteString("credential_list:\n  - credential_name: own\n    credential_values:\n      azure_ad_token: oidc/github/api://AzureADTokenExchange\n" +
		"      tenant_id: 6babcaad-604b-40ac-a9d7-9fd97c0b779f\n      client_id: 3f9d4c52-6c1f-4f0e-9b57-1d2f7b1a8c11\n    credential_info: {}\nmodel_list:\n")
	w.Resources = nil
	for i := range 12 {
		r := first
		r.Name = fmt.Sprintf("octo-aoai-%d", i)
		r.Hosts = []string{r.Name + ".openai.azure.com"}
		r.Deployments = nil
		for d := range 5 {
			r.Deployments = append(r.Deployments, azurelab.Deployment{Name: fmt.Sprintf("chat-%d", d), Model: "gpt-4.1-mini", Version: "2025-04-14", Operations: []azurelab.Operation{azurelab.Chat}})
		}
		w.Resources = append(w.Resources, r)
	}
	for i := range 300 {
		fmt.Fprintf(&b, "  - model_name: model-%d\n    litellm_params:\n      model: azure/chat-%d\n      api_base: https://octo-aoai-%d.openai.azure.com\n      api_version: \"2024-10-21\"\n      litellm_credential_name: own\n",
			i, i/12%5, i%12)
	}
	return w, b.String()
}

// TestManyModels counts what a long configuration costs, and what a fault that
// all of it shares comes to.
func TestManyModels(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		harm func(*azurelab.World)
		want string
	}{
		{"healthy", func(*azurelab.World) {}, ""},
		{"one role is missing everywhere", func(w *azurelab.World) {
			for i := range w.Resources {
				w.Resources[i].Roles = nil
			}
		}, "aoai-rbac-missing-data-action"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, config := manyModels()
				c.harm(w)
				o := perform(t, w, func(env map[string]string) {
					env["INPUT_LITELLM-CONFIG"] = "config.yaml"
					checkOut(t, env, map[string]string{"config.yaml": config})
				})
				if got := o.outputs["diagnosis"]; got != c.want {
					t.Fatalf("diagnosis %q, want %q\n%s", got, c.want, shown(o.stdout))
				}
				if len(o.report.Targets) != 300 {
					t.Fatalf("%d targets in the report", len(o.report.Targets))
				}
				for i, target := range o.report.Targets {
					if want := fmt.Sprintf("https://octo-aoai-%d.openai.azure.com", i%12); target.Endpoint != want || target.Location == nil {
						t.Fatalf("target %d is at %s, want %s", i, target.Endpoint, want)
					}
				}
				calls, tokens := map[string]int{}, 0
				for _, r := range w.Requests() {
					switch r.Service {
					case azurelab.ServiceModel:
						calls[r.Host+r.Path]++
					case azurelab.ServiceEntra:
						if strings.HasSuffix(r.Path, "/token") {
							tokens++
						}
					}
				}
				if tokens != 1 {
					t.Errorf("%d tokens were asked for", tokens)
				}
				if c.want == "" && len(calls) != 60 {
					t.Errorf("%d distinct calls, want 60", len(calls))
				}
				for url, n := range calls {
					if n != 1 {
						t.Errorf("%s was called %d times", url, n)
					}
				}
				if c.want != "" {
					primary := o.report.Findings[0]
					listed := 0
					for _, f := range o.report.Findings {
						if f.ID == primary.ID {
							listed += len(f.Targets)
						}
					}
					if listed != 300 {
						t.Errorf("%d models are listed", listed)
					}
				}
			})
		})
	}
}

// TestManyLines: faults that stand in lines of their own are findings of their
// own, each at its line; a notice about many lines is one; and what was not
// called shows no token of others.
func TestManyLines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := azurelab.Healthy()
		var b strings.Builder
		b.WriteString("model_list:\n")
		for i := range 30 {
			model := strings.TrimPrefix(healthyConfig, "model_list:\n")
			if i%3 == 1 {
				model = strings.Replace(model, `"2024-10-21"`, "2024-10-21", 1) // line 5 of 8, a date
			}
			b.WriteString(strings.Replace(model, "name: gpt", fmt.Sprint("name: gpt-", i), 1))
		}
		o := perform(t, w, func(env map[string]string) {
			env["INPUT_LITELLM-CONFIG"] = "config.yaml"
			checkOut(t, env, map[string]string{"config.yaml": b.String()})
		})
		dates, notices := 0, 0
		for _, f := range o.report.Findings {
			switch f.ID {
			case "litellm-api-version-invalid":
				if at := f.Location; at == nil || at.Line != 1+8*(1+3*dates)+5 || at.Column != 7 {
					t.Errorf("date %d is at %v", dates, at)
				}
				if len(f.Evidence) > 0 {
					t.Errorf("a call that was not made shows %q", f.Evidence)
				}
				dates++
			case "litellm-oidc-outlived":
				notices++
				if len(f.Targets) != 20 {
					t.Errorf("the notice is about %d models", len(f.Targets))
				}
			}
		}
		if dates != 10 || notices != 1 {
			t.Errorf("%d findings and %d notices, want 10 and 1", dates, notices)
		}
	})
}
