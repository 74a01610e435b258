package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/aoai-preflight/aoai-preflight/internal/actionsrunner"
	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// An appRow is what happens to a job that runs in an app, and what must come of
// it.
type appRow struct {
	name      string
	world     func(w *azurelab.World)
	env       [2]string // a variable and its value
	diagnosis string    // "" for a pass
	says      string    // in the report
}

func appRows() []appRow {
	fault := func(f azurelab.Fault, times int) func(*azurelab.World) {
		f.Service, f.Times = azurelab.ServiceApp, times
		return func(w *azurelab.World) { w.Faults = []azurelab.Fault{f} }
	}
	status := func(code int) azurelab.Fault { return azurelab.Fault{Kind: azurelab.FaultStatus, Status: code} }
	kind := func(k azurelab.FaultKind) azurelab.Fault { return azurelab.Fault{Kind: k} }
	system := func(w *azurelab.World) { w.Managed[0].SystemAssigned = true }
	return []appRow{
		{"healthy", nil, [2]string{}, "", ""},
		{"system-assigned", system, [2]string{"INPUT_CLIENT-ID", ""}, "", ""},
		{"no role", func(w *azurelab.World) { w.Resources[0].Roles = nil }, [2]string{}, "aoai-rbac-missing-data-action", ""},
		{"no client id", nil, [2]string{"INPUT_CLIENT-ID", ""}, "msi-identity-not-found", "No User Assigned"},
		{"another client id", nil, [2]string{"INPUT_CLIENT-ID", "11111111-2222-4333-8444-555555555555"}, "msi-identity-not-found", "No User Assigned"},
		{"another secret", nil, [2]string{"IDENTITY_HEADER", "another"}, "msi-unknown", "401"},
		{"nobody listens", nil, [2]string{"IDENTITY_ENDPOINT", "http://127.0.0.1:1/msi/token"}, "msi-imds-timeout", "refused"},
		{"another machine", nil, [2]string{"IDENTITY_ENDPOINT", "http://msi.example/msi/token"}, "cfg-input-invalid", "msi.example"},
		{"429 once", fault(status(429), 1), [2]string{}, "", ""},
		{"500 once", fault(status(500), 1), [2]string{}, "", ""},
		{"500", fault(status(500), 0), [2]string{}, "msi-server-error", "500"},
		{"reset once", fault(kind(azurelab.FaultReset), 1), [2]string{}, "", ""},
		{"reset", fault(kind(azurelab.FaultReset), 0), [2]string{}, "msi-imds-timeout", "closed before an answer came"},
		{"truncated", fault(kind(azurelab.FaultTruncated), 0), [2]string{}, "msi-imds-timeout", "cut short"},
		{"hang", fault(kind(azurelab.FaultHang), 0), [2]string{"INPUT_TIMEOUT", "8s"}, "msi-imds-timeout", "at the answer's headers"},
		{"HTML once", fault(kind(azurelab.FaultLoginPage), 1), [2]string{}, "", ""},
		{"HTML", fault(kind(azurelab.FaultLoginPage), 0), [2]string{}, "msi-not-imds", "text/html"},
		{"empty", fault(kind(azurelab.FaultEmpty), 0), [2]string{}, "msi-not-imds", "empty body"},
		{"redirect", fault(azurelab.Fault{Kind: azurelab.FaultRedirect, Location: "https://login.guest-wifi.example/collect"}, 0), [2]string{}, "msi-not-imds", "307"},
	}
}

// TestContainerApp runs the program where an app's identity is served. azidentity
// reads where that is from the environment of its process.
func TestContainerApp(t *testing.T) {
	t.Parallel()
	for _, row := range appRows() {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			x := injection{
				verdict: "fail", silent: true, start: azurelab.InContainerApp, world: row.world,
				job: func(env map[string]string, _ func(string, string)) {
					if row.env[0] != "" {
						env[row.env[0]] = row.env[1]
					}
				},
			}
			if row.diagnosis == "" {
				x.verdict = "pass"
			}
			s := perform(t, x, "")
			s.check(t, x)
			pairs, err := actionsrunner.Pairs(s.outputs)
			if err != nil || !slices.Contains(pairs, actionsrunner.Pair{Name: "diagnosis", Value: row.diagnosis}) {
				t.Errorf("the outputs are %q, %v, want the diagnosis %q", pairs, err, row.diagnosis)
			}
			if !strings.Contains(s.reports[0], row.says) {
				t.Errorf("the report does not say %q", row.says)
			}
			asked := slices.ContainsFunc(s.world.Requests(), func(r azurelab.Request) bool { return r.Service == azurelab.ServiceApp })
			if want := row.env[0] != "IDENTITY_ENDPOINT"; asked != want {
				t.Errorf("the app's endpoint was asked: %t", asked)
			}
			if t.Failed() {
				t.Logf("stdout:\n%.4000s", s.withoutMasks())
			}
		})
	}
}
