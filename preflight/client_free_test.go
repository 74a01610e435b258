package preflight_test

import (
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// TestWithoutClient: a check that stands for no client looks at nothing that
// only a client would load, however much of it the workspace has. It is not
// parallel, since it measures what is allocated.
func TestWithoutClient(t *testing.T) {
	files := map[string]string{
		"uv.lock":                 "[[package]]\nname = \"litellm\"\nversion = \"1.82.8\"\n" + strings.Repeat("[[package]]\nname = \"other\"\nversion = \"1.0\"\n", 100_000),
		"poetry.lock":             "[[package]]\nname = \"litellm\"\nversion = \"1.66.0\"\n" + strings.Repeat("# x\n", 1_000_000),
		"requirements.txt":        "litellm==1.82.7\n",
		"pyproject.toml":          "[project]\ndependencies = [\"litellm==1.66.0\"\n", // broken as well
		".env":                    "AZURE_API_KEY=0123456789abcdef0123456789abcdef\nAZURE_OPENAI_AD_TOKEN=x\n",
		".venv/pyvenv.cfg":        "home = /usr/bin\n",
		"config.yaml":             "model_list:\n\t- x\n",
		"below/requirements.txt":  "litellm==1.82.8\n",
		"requirements/common.txt": "litellm==1.82.8\n",
	}
	type seen struct {
		verdict, diagnosis string
		findings           []string
		requests           []string
	}
	look := func(t *testing.T, files map[string]string, harm func(*azurelab.World)) (s seen, allocated uint64) {
		synctest.Test(t, func(t *testing.T) {
			w := azurelab.Healthy()
			if harm != nil {
				harm(w)
			}
			var before, after runtime.MemStats
			o := perform(t, w, func(env map[string]string) {
				checkOut(t, env, files)
				runtime.ReadMemStats(&before)
			})
			runtime.ReadMemStats(&after)
			s = seen{verdict: o.outputs["verdict"], diagnosis: o.outputs["diagnosis"]}
			for _, f := range o.report.Findings {
				s.findings = append(s.findings, f.ID)
			}
			for _, r := range w.Requests() {
				s.requests = append(s.requests, r.Method+" "+r.Host+r.Path+" "+r.Credential)
			}
			slices.Sort(s.requests) // some go side by side
			allocated = after.TotalAlloc - before.TotalAlloc
		})
		return s, allocated
	}
	for name, harm := range map[string]func(*azurelab.World){
		"healthy":         nil,
		"no role":         func(w *azurelab.World) { w.Resources[0].Roles = nil },
		"no such subject": func(w *azurelab.World) { w.Tenants[0].Apps[0].Federated = nil },
	} {
		t.Run(name, func(t *testing.T) {
			look(t, nil, harm) // what is made once in a process
			bare, few := look(t, nil, harm)
			full, many := look(t, files, harm)
			if !reflect.DeepEqual(bare, full) {
				t.Errorf("with files of a client's:\n%+v\nwithout:\n%+v", full, bare)
			}
			if many > few+1<<20 {
				t.Errorf("%d bytes were allocated, and %d without the files", many, few)
			}
		})
	}
}
