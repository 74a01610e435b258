package preflight_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// notTheirs are the worlds that a user cannot mend: what broke is somebody
// else's, or nothing is wrong.
var notTheirs = map[string]string{
	"oidc-down":          "GitHub's token service fails",
	"model-down":         "the service fails",
	"imds-down":          "the machine's metadata service fails",
	"model-unknown-code": "nobody knows the code",
	"entra-unknown-code": "nobody knows the code",
	"hostile-error":      "the answer is nonsense",
	"oversize-error":     "the answer is nonsense",
	"redirect":           "the resource sends callers away",
}

// rounds are the worlds that take more than one remedy: who leaves a machine's
// identity for GitHub's has to federate it as well.
var rounds = map[string]int{"no-imds": 2, "not-imds": 2, "docker-desktop": 2}

// TestRemedies does in every failing world what the first finding says, and
// nothing else, and expects the next run to pass.
func TestRemedies(t *testing.T) {
	t.Parallel()
	healed := 0
	for _, s := range azurelab.Scenarios() {
		if s.Verdict != "fail" || notTheirs[s.Name] != "" {
			continue
		}
		healed++
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := s.World()
				mend(t, w, perform(t, w, nil), max(rounds[s.Name], 1))
			})
		})
	}
	t.Logf("%d worlds", healed)
}

// mend does what the first finding says, and nothing else, as often as there
// are rounds, and expects the last run to pass.
func mend(t *testing.T, w *azurelab.World, o outcome, rounds int) {
	t.Helper()
	for range rounds {
		if len(o.report.Findings) == 0 {
			break
		}
		f := o.report.Findings[0]
		t.Logf("%s: %s %v", f.ID, f.Remedy.Kind, f.Remedy.Params)
		if err := w.Apply(string(f.Remedy.Kind), f.Remedy.Params); err != nil {
			t.Fatalf("the remedy cannot be applied: %v", err)
		}
		o = perform(t, w, nil)
	}
	if v := o.outputs["verdict"]; v != "pass" && v != "warn" {
		t.Errorf("in the end the verdict is %s (%s)", v, o.outputs["diagnosis"])
	}
}

// TestRoleOfAnotherSubscription: az looks into one subscription only. Where that
// is not the resource's, the printed command fails, and assigns no role to
// something larger.
func TestRoleOfAnotherSubscription(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := scenario(t, "no-role").World()
		o := perform(t, w, nil)
		command := o.report.Findings[0].Remedy.Commands[0]
		elsewhere := strings.ReplaceAll(command, "octo-aoai", "not-in-this-subscription")
		if elsewhere == command {
			t.Fatalf("the command does not name the resource: %s", command)
		}
		if _, err := w.Console().Run(elsewhere); err == nil {
			t.Errorf("it succeeds: %s", elsewhere)
		}
		for _, r := range w.Resources {
			if len(r.Roles) > 0 {
				t.Errorf("%s has the roles %+v", r.Name, r.Roles)
			}
		}
	})
}

// TestPastedAsAWhole: the commands of one remedy are pasted together. None of
// them may undo what another does; the reset of the template would take away the
// subject for which the credential was just created.
func TestPastedAsAWhole(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := perform(t, scenario(t, "custom-template").World(), nil).report.Findings[0].Remedy
		if block := strings.Join(r.Commands, "\n"); strings.Contains(block, "use_default") || !strings.Contains(block, "federated-credential create") {
			t.Errorf("the block does not create a credential, or resets the template:\n%s", block)
		}
	})
}

// TestRemediesSaySo: what the kind of a remedy does in the lab, its words and what
// is pasted have to say as well. Each of these once said something that did not
// turn the run green.
func TestRemediesSaySo(t *testing.T) {
	t.Parallel()
	for world, words := range map[string]struct{ has, not string }{
		"dated-on-v1-variable":       {"api-version: preview", `api-version: ""`},
		"keys-disabled":              {"identity: github-oidc", "az resource update"},
		"private-endpoint":           {"networkAcls.defaultAction=Deny", ""},
		"unexpected-client":          {"correct expect-client-id", "identity: github-oidc"},
		"unexpected-object":          {"correct expect-object-id", "identity: github-oidc"},
		"unexpected-tenant":          {"correct expect-tenant-id", "chain"},
		"tls-expired":                {"renewed", "ca-bundle"},
		"tls-wrong-host":             {"Correct the endpoint's host", "ca-bundle"},
		"certificate-not-registered": {"-fingerprint -sha256", "-sha1"},
		"object-id-as-client-id":     {"az ad sp show", "az ad app list"},
		"no-v1-route":                {"route: deployments", ""},
		"entra-unreachable":          {"nslookup login.microsoftonline.com", ""},
		"key-invalid":                {") && printf %s \"$value\" | gh secret set AZURE_OPENAI_API_KEY --repo octo-org/octo-app", ""},
		"secret-expired":             {") && printf %s \"$value\" | gh secret set AZURE_CLIENT_SECRET --repo octo-org/octo-app", ""},
		"custom-template":            {"gh api -X PUT repos/octo-org/octo-app/actions/oidc/customization/sub -F use_default=true", ""},
		"wrong-branch":               {"give the job an environment", ""},
		"no-permission":              {"what it does not list is none", ""},
		"firewall":                   {"in a step of the job", ""},
	} {
		t.Run(world, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := perform(t, scenario(t, world).World(), nil).report.Findings[0].Remedy
				all := strings.Join(append(r.Commands, r.Text, r.Snippet), "\n")
				if !strings.Contains(all, words.has) || words.not != "" && strings.Contains(all, words.not) {
					t.Errorf("it says\n%s\nand not %q, without %q", all, words.has, words.not)
				}
			})
		})
	}
}
