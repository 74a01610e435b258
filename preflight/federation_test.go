package preflight

import (
	"strings"
	"testing"
)

// TestFederatedNames: a remedy for one subject never takes the place of the
// credential that the remedy for another has made.
func TestFederatedNames(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, subject := range []string{
		"repo:octo-org/evals:ref:refs/heads/main", "repo:octo-org/evals:ref:refs/heads/Main", "repo:octo-org/evals:pull_request",
		"repo:octo-org/evals:environment:prod", "repo:octo-org/evals:environment:" + strings.Repeat("long-", 60) + "a", "repo:octo-org/evals:environment:" + strings.Repeat("long-", 60) + "b",
	} {
		e := healthy()
		atEntra(401, 700213, nil)(e)
		e.Assertion.Subject = subject
		r := createFederatedCredential("")(e)
		_, rest, ok := strings.Cut(r.Commands[0], `"name":"`)
		name, _, _ := strings.Cut(rest, `"`)
		if !ok || len(name) < 3 || len(name) > 120 || seen[name] != "" || !strings.Contains(r.Commands[1], " --name "+name+" ") {
			t.Errorf("%s: the name %q, which %q has too\n%s", subject, name, seen[name], strings.Join(r.Commands, "\n"))
		}
		seen[name] = subject
	}
}

// TestMergeQueue: what is to be done for a merge queue's run holds for the next
// one too.
func TestMergeQueue(t *testing.T) {
	t.Parallel()
	e := healthy()
	atEntra(401, 700213, nil)(e)
	e.Assertion.Subject = "repo:octo-org/evals:ref:refs/heads/gh-readonly-queue/main/pr-7-0123456789abcdef"
	r := createFederatedCredential("")(e)
	for _, c := range r.Commands {
		if strings.Contains(c, "gh-readonly-queue") || !strings.Contains(c, "repo:octo-org/evals:environment:<environment>") {
			t.Errorf("the command %s", c)
		}
	}
	if !strings.Contains(r.Snippet, "environment: ") {
		t.Errorf("the snippet %q", r.Snippet)
	}
}

// TestIssuerRemedy: the credential's issuer has the slash of a cluster of AKS,
// and not the one that a text may put behind GitHub's; for a cluster without a
// public issuer no credential can be created.
func TestIssuerRemedy(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ issuer, command, text string }{
		{"https://westeurope.oic.prod-aks.azure.com/" + caseTenant + "/" + caseObject + "/", `"issuer":"https://westeurope.oic.prod-aks.azure.com/` + caseTenant + "/" + caseObject + `/"`, "with the slash at its end"},
		{caseIssuer + "/", `"issuer":"` + caseIssuer + `"`, "without a trailing slash"},
		{"https://kubernetes.default.svc.cluster.local", "--enable-oidc-issuer", "Let the cluster publish its issuer"},
	} {
		f, err := DiagnoseInput(strings.NewReader(entraText(700211, "No matching federated identity record found for presented assertion issuer '"+test.issuer+"'.")))
		if err != nil || len(f) != 1 || f[0].ID != "oidc-issuer-mismatch" || !strings.Contains(f[0].Remedy.Commands[0], test.command) || !strings.Contains(f[0].Remedy.Text, test.text) {
			t.Errorf("%s: got %+v", test.issuer, f)
		}
	}
}

// TestIdentityEndpoint: what App Service and Container Apps have instead of the
// metadata address is not that address, and is asked about where it is.
func TestIdentityEndpoint(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"MSI: Failed to retrieve a token from 'http://localhost:42356/msi/token/?api-version=2017-09-01' with an error of 'Failed to establish a new connection: [Errno 111] Connection refused'",
		"java.io.IOException: Server returned HTTP response code: 403 for URL: http://172.16.0.4:8081/msi/token?api-version=2017-09-01",
	} {
		f, err := DiagnoseInput(strings.NewReader(text))
		if err != nil || len(f) != 1 || !strings.HasPrefix(f[0].ID, "msi-") || f[0].ID == "msi-not-imds" || strings.Contains(f[0].Cause+f[0].Remedy.Text, "169.254") {
			t.Errorf("%s\ngot %+v", text, f)
		}
	}
}
