package preflight_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
	"github.com/aoai-preflight/aoai-preflight/preflight"
)

// TestSpread calls 300 deployments of 12 resources: each once, no resource with
// more than a few at a time, all in about the time of six requests in a row,
// and reported in the order of the configuration.
func TestSpread(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const latency = 50 * time.Millisecond
		w, config := fleet(12, 25)
		w.Latency = latency
		begin := time.Now()
		o := perform(t, w, withConfig(t, config))
		// Assertion and token, the 12 that go ahead, and 288 by 64.
		if took := time.Since(begin); o.told() != passes || took != 8*latency {
			t.Errorf("the run ended in %q after %s\n%s", o.told(), took, shown(o.stdout))
		}
		for i, r := range o.report.Targets {
			if want := fmt.Sprintf("model-%d-%d", i/25, i%25); r.Name != want || r.Verdict != preflight.Pass || r.HTTPStatus != 200 {
				t.Fatalf("target %d is %+v, want %s", i, r, want)
			}
		}
		made := calls(w)
		all := map[time.Time]int{} // requests that end together were under way together
		for host, list := range made {
			distinct, atOnce := map[string]int{}, map[time.Time]int{}
			for _, r := range list {
				distinct[r.Path]++
				atOnce[r.Time]++
				all[r.Time]++
			}
			if len(list) != 25 || len(distinct) != 25 {
				t.Errorf("%s got %d calls for %d deployments", host, len(list), len(distinct))
			}
			if most := slices.Max(slices.Collect(maps.Values(atOnce))); most > 8 {
				t.Errorf("%s got %d calls at once", host, most)
			}
		}
		if most := slices.Max(slices.Collect(maps.Values(all))); most > 64 {
			t.Errorf("%d calls at once", most)
		}
		checkHonest(t, o)
		checkLeaks(t, w, o)
	})
}

// TestSharedFailure breaks what all targets of a resource share, and counts the
// calls that it takes to know.
func TestSharedFailure(t *testing.T) {
	t.Parallel()
	noRole := func(of ...int) func(*azurelab.World) {
		return func(w *azurelab.World) {
			for _, i := range of {
				w.Resources[i].Roles = nil
			}
		}
	}
	every := func(harm func(*azurelab.Resource)) func(*azurelab.World) {
		return func(w *azurelab.World) {
			for i := range w.Resources {
				harm(&w.Resources[i])
			}
		}
	}
	at := func(host string, kind azurelab.FaultKind) func(*azurelab.World) {
		return func(w *azurelab.World) {
			w.Faults = []azurelab.Fault{{Service: azurelab.ServiceModel, Host: host, Kind: kind}}
		}
	}
	for _, c := range []struct {
		name                   string
		resources, deployments int
		harm                   func(*azurelab.World)
		want                   string
		calls                  int // -1: none arrives
		listed                 int // by the one finding
	}{
		{"one resource, no role", 1, 300, noRole(0), "aoai-rbac-missing-data-action", 1, 300},
		{"one of twelve, no role", 12, 25, noRole(7), "aoai-rbac-missing-data-action", 11*25 + 1, 25},
		{"no role at any of twelve", 12, 25, noRole(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), "aoai-rbac-missing-data-action", 12, 300},
		{"firewall", 2, 20, every(func(r *azurelab.Resource) { r.Network.Firewall = true }), "net-firewall-denied", 2, 40},
		{"private endpoint", 1, 20, every(func(r *azurelab.Resource) { r.Network.PublicAccessDisabled = true }), "net-public-access-disabled", 1, 20},
		{"another tenant", 1, 20, every(func(r *azurelab.Resource) { r.TenantID = "c2a1d7d0-35f2-4f4e-8b0a-7f3f5a0f6e9d" }), "aoai-tenant-mismatch", 1, 20},
		{"certificate of a proxy", 2, 20, at("octo-aoai-1.openai.azure.com", azurelab.FaultTLSUntrusted), "net-tls-untrusted", 20, 20},
		{"no such name", 2, 20, at("octo-aoai-1.openai.azure.com", azurelab.FaultDNSNotFound), "net-dns-not-found", 20, 20},
		{"connection refused", 2, 20, at("octo-aoai-1.openai.azure.com", azurelab.FaultRefused), "net-unreachable", 20, 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, config := fleet(c.resources, c.deployments)
				w.Latency = 50 * time.Millisecond
				c.harm(w)
				o := perform(t, w, withConfig(t, config))
				if o.told() != c.want {
					t.Fatalf("the run ended in %q, want %q\n%s", o.told(), c.want, shown(o.stdout))
				}
				answered := 0
				for _, list := range calls(w) {
					for _, r := range list {
						if r.Fault == "" {
							answered++
						}
					}
				}
				if answered != c.calls {
					t.Errorf("%d calls, want %d", answered, c.calls)
				}
				f := o.report.Findings[0]
				if len(f.Targets) != c.listed || errorsOf(o) != 1 {
					t.Errorf("%d errors, the first of %d targets, want %d", errorsOf(o), len(f.Targets), c.listed)
				}
				if n := notCalled(o); n == 0 || !strings.Contains(f.Cause, fmt.Sprintf("%d of the %d targets were not called", n, c.listed)) {
					t.Errorf("the cause does not say that %d were not called: %s", n, f.Cause)
				}
				if !strings.Contains(o.summary, c.want) || len(o.report.Targets) != c.resources*c.deployments {
					t.Errorf("%d targets in the report", len(o.report.Targets))
				}
				checkHonest(t, o)
				checkAgreement(t, o)
				checkAnnotations(t, o)
				checkLeaks(t, w, o)
			})
		})
	}
}

// TestSharedRemedy: one finding for several resources has what is to be done at
// each of them.
func TestSharedRemedy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, config := fleet(3, 10)
		for i := range w.Resources {
			w.Resources[i].Roles = nil
		}
		f := perform(t, w, withConfig(t, config)).report.Findings[0]
		for i := range 3 {
			name := fmt.Sprintf("octo-aoai-%d", i)
			if !strings.Contains(f.Cause, name) || !slices.ContainsFunc(f.Remedy.Commands, func(c string) bool { return strings.Contains(c, "'"+name+"'") }) ||
				!slices.ContainsFunc(f.Evidence, func(line string) bool { return strings.Contains(line, name+".openai.azure.com") }) {
				t.Errorf("%s is not in the cause, the commands and the evidence: %+v", name, f)
			}
		}
		if got := f.Remedy.Params["scope-resources"]; got != "octo-aoai-0,octo-aoai-1,octo-aoai-2" || f.Remedy.Params["scope-resource"] != "octo-aoai-0" {
			t.Errorf("the remedy's parameters are %v", f.Remedy.Params)
		}
	})
}

// TestOwnFailure breaks what is a deployment's own: the others are called.
func TestOwnFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, config := fleet(2, 20)
		w.Resources[0].Deployments = w.Resources[0].Deployments[1:]
		o := perform(t, w, withConfig(t, config))
		if n := total(calls(w)); o.told() != "aoai-deployment-not-found" || n != 40 || notCalled(o) != 0 {
			t.Errorf("the run ended in %q after %d calls\n%s", o.told(), n, shown(o.stdout))
		}
		if got := o.report.Findings[0].Targets; !slices.Equal(got, []string{"model-0-0:chat"}) {
			t.Errorf("the finding lists %v", got)
		}
		checkHonest(t, o)
	})
}

// TestSharedByOperation: a role may have the data action of one operation and
// not of another. Few calls all go at once.
func TestSharedByOperation(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ of, calls int }{{3, 6}, {150, 2}} {
		t.Run(fmt.Sprint(c.of), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := azurelab.Healthy()
				w.Resources[0].Roles = nil
				var names []string
				for i := range c.of {
					names = append(names, fmt.Sprintf("chat-%d", i), fmt.Sprintf("embed-%d:embeddings", i))
				}
				o := perform(t, w, func(env map[string]string) { env["INPUT_DEPLOYMENT"] = strings.Join(names, ",") })
				if n := total(calls(w)); n != c.calls || o.told() != "aoai-rbac-missing-data-action" {
					t.Errorf("the run ended in %q after %d calls\n%s", o.told(), n, shown(o.stdout))
				}
				if n := len(o.report.Findings[0].Targets); n != 2*c.of || errorsOf(o) != 1 {
					t.Errorf("%d errors, the first of %d targets", errorsOf(o), n)
				}
				checkHonest(t, o)
			})
		})
	}
}

// TestNoTimeLeft: what was not called in time is no pass, and what took the
// time leads.
func TestNoTimeLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, config := fleet(2, 100)
		w.Latency = 50 * time.Millisecond
		w.Faults = []azurelab.Fault{{Service: azurelab.ServiceModel, Host: "octo-aoai-0.openai.azure.com", Kind: azurelab.FaultHang}}
		begin := time.Now()
		o := perform(t, w, withConfig(t, config))
		if took := time.Since(begin); took > time.Minute || o.told() != "net-timeout" {
			t.Errorf("%q after %s\n%s", o.told(), took, shown(o.stdout))
		}
		if n := notCalled(o); n < 80 || n > 99 {
			t.Errorf("%d were not called", n)
		}
		if cause := o.report.Findings[0].Cause; !strings.Contains(cause, "octo-aoai-0") {
			t.Errorf("the first finding is not of what took the time: %s", cause)
		}
		for i, r := range o.report.Targets {
			if i >= 100 && r.Verdict != preflight.Pass {
				t.Errorf("%s: %s", r.Name, r.Verdict)
			}
		}
		checkHonest(t, o)
		checkAgreement(t, o)
	})
}

// TestSlowScout: a first call that takes its time does not hold the others up.
func TestSlowScout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, config := fleet(1, 25)
		w.Latency = 50 * time.Millisecond
		w.Faults = []azurelab.Fault{{Service: azurelab.ServiceModel, Kind: azurelab.FaultHang, Times: 1}}
		begin := time.Now()
		o := perform(t, w, withConfig(t, config))
		if o.told() != passes {
			t.Errorf("the run ended in %q\n%s", o.told(), shown(o.stdout))
		}
		late := 0
		for _, r := range calls(w)["octo-aoai-0.openai.azure.com"] {
			if r.Time.Sub(begin) > 2*time.Second {
				late++
			}
		}
		if late > 1 {
			t.Errorf("%d calls waited for the one that hangs", late)
		}
	})
}

// TestOneTokenForAnIdentity: what a configuration adds to a call makes it
// another call, and no other identity.
func TestOneTokenForAnIdentity(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, config := fleet(1, 3)
		config += "  - model_name: more\n    litellm_params:\n      model: azure/chat-0\n      api_base: https://octo-aoai-0.openai.azure.com\n      api_version: \"2024-10-21\"\n      litellm_credential_name: own\n      extra_headers: {x-team: blue}\n"
		o := perform(t, w, withConfig(t, config))
		tokens := 0
		for _, r := range w.Requests() {
			if strings.HasSuffix(r.Path, "/token") && r.Service == azurelab.ServiceEntra {
				tokens++
			}
		}
		if n := total(calls(w)); o.told() != passes || tokens != 1 || n != 4 {
			t.Errorf("the run ended in %q with %d tokens and %d calls\n%s", o.told(), tokens, n, shown(o.stdout))
		}
	})
}

// TestSharedAcrossCredentials: a name that does not exist does not for whoever
// asks, and a role that one principal lacks another may have.
func TestSharedAcrossCredentials(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		harm  func(*azurelab.World)
		want  string
		calls int
	}{
		{"firewall", func(w *azurelab.World) { w.Resources[0].Network.Firewall = true }, "net-firewall-denied", 1},
		{"no role", func(w *azurelab.World) { w.Resources[0].Roles = nil }, "aoai-rbac-missing-data-action", 1 + 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, config := fleet(1, 10)
				for d := range 10 {
					config += fmt.Sprintf("  - model_name: keyed-%d\n    litellm_params:\n      model: azure/chat-%d\n      api_base: https://octo-aoai-0.openai.azure.com\n      api_version: \"2024-10-21\"\n      api_key: os.environ/SUITE_KEY\n", d, d)
				}
				w.Latency = 50 * time.Millisecond
				c.harm(w)
				o := perform(t, w, func(env map[string]string) {
					withConfig(t, config)(env)
					env["SUITE_KEY"] = w.Resources[0].Keys[0]
				})
				if n := total(calls(w)); o.told() != c.want || n != c.calls {
					t.Errorf("the run ended in %q after %d calls, want %d\n%s", o.told(), n, c.calls, shown(o.stdout))
				}
				checkHonest(t, o)
				checkLeaks(t, w, o)
			})
		})
	}
}

// TestManyDeployments calls twenty of one resource with the check's own
// credential. Behind a gateway every path may lead to another backend, so there
// nothing is concluded from a refusal.
func TestManyDeployments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, world string
		harm        func(*azurelab.World)
		want        string
		calls       int
	}{
		{"keys disabled", "api-key", func(w *azurelab.World) { w.Resources[0].KeyAuthDisabled = true }, "aoai-key-auth-disabled", 1},
		{"wrong key", "api-key", func(w *azurelab.World) { w.Resources[0].Keys = []string{strings.Repeat("0", 32)} }, "aoai-key-invalid", 1},
		{"no role", "no-role", func(*azurelab.World) {}, "aoai-rbac-missing-data-action", 1},
		{"no such deployment", "healthy", func(*azurelab.World) {}, "aoai-deployment-not-found", 20},
		{"gateway", "gateway-without-role", func(*azurelab.World) {}, "apim-backend-auth", 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := scenario(t, c.world).World()
				var names []string
				for i := range 20 {
					names = append(names, fmt.Sprintf("many-%d", i))
				}
				o := perform(t, w, func(env map[string]string) {
					c.harm(w) // after the job has its key
					env["INPUT_DEPLOYMENT"] = strings.Join(names, "\n")
				})
				n := 0
				for _, r := range w.Requests() {
					// A gateway passes a call on: it is in the log twice.
					if r.Method == "POST" && (r.Service == azurelab.ServiceGateway || r.Service == azurelab.ServiceModel && c.world != "gateway-without-role") {
						n++
					}
				}
				if o.told() != c.want || n != c.calls {
					t.Errorf("the run ended in %q after %d calls, want %d\n%s", o.told(), n, c.calls, shown(o.stdout))
				}
				if len(o.report.Targets) != 20 || len(o.report.Findings[0].Targets) != 20 {
					t.Errorf("%d targets, %d of them in the finding", len(o.report.Targets), len(o.report.Findings[0].Targets))
				}
				checkHonest(t, o)
				checkLeaks(t, w, o)
			})
		})
	}
}
