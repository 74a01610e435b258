package preflight

import (
	"encoding/json"
	"net/url"
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// The remedies of what Entra says of an assertion: the commands that create or
// correct a federated credential, with the assertion's own claims filled in.

func issuerRemedy(e *Evidence) Remedy {
	switch iss := issuerOf(e); {
	case inCluster(iss):
		return Remedy{
			Text:     "Let the cluster publish its issuer and restart the pod, so that it gets a token of that issuer; then set the federated credential's issuer to the one that the second command prints.",
			Commands: []string{command("az", "aks", "update", "-g", "<resource-group>", "-n", "<cluster>", "--enable-oidc-issuer"), command("az", "aks", "show", "-g", "<resource-group>", "-n", "<cluster>", "--query", "oidcIssuerProfile.issuerUrl", "-o", "tsv")},
		}
	case strings.HasSuffix(trimIssuer(iss), "/"):
		return createFederatedCredential("Set the federated credential's issuer to exactly the assertion's, with the slash at its end.")(e)
	}
	return createFederatedCredential("Set the federated credential's issuer to exactly the assertion's, without a trailing slash.")(e)
}

// createFederatedCredential fills in issuer, subject and audience of the
// assertion as it was presented.
func createFederatedCredential(text string) func(*Evidence) Remedy {
	return func(e *Evidence) Remedy {
		issuer := orElse(issuerOf(e), "https://token.actions.githubusercontent.com")
		subject, audience := orElse(subjectOf(e), "<subject>"), audienceOf(e)
		if !strings.HasPrefix(audience, "api://") {
			audience = orElse(e.Setup.Audience, exchangeAudience(e))
		}
		if firstCode(e) == 70021 || e.Pasted {
			issuer = trimIssuer(issuer)
		}
		if repo := mergeQueue(subject); repo != "" {
			return Remedy{
				Text:     "Give the job an environment and add a federated credential for that: a merge queue's branch has another name in every run, so that a credential for this subject would hold once." + whoseCredential,
				Commands: federatedCommands(e, issuer, repo+":environment:<environment>", audience),
				Snippet:  "jobs:\n  " + arg(e.Job.JobID, "<job>") + ":\n    environment: <environment>\n",
				Kind:     AddFederated,
				Params:   params("issuer", issuer, "subject", subject, "audience", audience, "client-id", clientID(e)),
			}
		}
		return Remedy{
			Text:     text + whoseCredential,
			Commands: federatedCommands(e, issuer, subject, audience),
			Kind:     AddFederated,
			Params:   params("issuer", issuer, "subject", subjectOf(e), "audience", audience, "client-id", clientID(e)),
		}
	}
}

// mergeQueue finds what stands before the ref in the subject of a merge
// queue's run, whose branch no later run has; "" for any other subject.
// https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue
func mergeQueue(subject string) string {
	repo, _, ok := strings.Cut(subject, ":ref:refs/heads/gh-readonly-queue/")
	if !ok {
		return ""
	}
	return repo
}

// whoseCredential tells the two commands of [federatedCommands] apart.
const whoseCredential = " Run the first command where client-id is that of an app registration, the second where it is a managed identity's."

// federatedCommands create the credential on an app registration, or on a
// user-assigned identity: the client id does not tell which it is.
func federatedCommands(e *Evidence, issuer, subject, audience string) []string {
	name := credentialName(orElse(prefixed("github-", entityOf(subject)), "github"), issuer, subject)
	if strings.Contains(subject, "<") {
		name = "<name of the credential>" // of a subject that is yet to be filled in
	}
	var parameters strings.Builder
	enc := json.NewEncoder(&parameters)
	enc.SetEscapeHTML(false) // a placeholder is to be seen as one
	err := enc.Encode(struct {
		Name      string   `json:"name"`
		Issuer    string   `json:"issuer"`
		Subject   string   `json:"subject"`
		Audiences []string `json:"audiences"`
	}{name, inert.Line(issuer), inert.Line(subject), []string{inert.Line(audience)}})
	if err != nil {
		return nil
	}
	return []string{
		command("az", "ad", "app", "federated-credential", "create", "--id", arg(clientID(e), "<client-id>"), "--parameters", strings.TrimSpace(parameters.String())),
		command("az", "identity", "federated-credential", "create", "--name", name, "--identity-name", "<name of the identity>", "-g", "<resource-group>",
			"--issuer", arg(issuer, "<issuer>"), "--subject", arg(subject, "<subject>"), "--audiences", arg(audience, "<audience>")),
	}
}

func admitSubject(e *Evidence) Remedy {
	text := "Create a federated credential with exactly this subject on the application that client-id names. If it already exists, client-id names a different application."
	if entityOf(subjectOf(e)) == "branch" {
		text += " It holds for this branch alone: where the suite runs on many, give the job an environment, whose subject is the same for all of them."
	}
	return createFederatedCredential(text)(e)
}

func followTemplate(e *Evidence) Remedy {
	r := createFederatedCredential("Create the federated credential with exactly this subject.")(e)
	// Not one of the commands: whoever pastes all of a block would create a
	// credential for a subject that the next run no longer presents.
	r.Text += " Or reset the customisation, for all workflows of the repository, so that the subject has the default form again: " +
		command("gh", "api", "-X", "PUT", "repos/"+arg(e.Job.Repository, "<owner>/<repository>")+"/actions/oidc/customization/sub", "-F", "use_default=true") + "."
	return r
}

func useAudience(e *Evidence) Remedy {
	want := exchangeAudience(e)
	id := arg(clientID(e), "<client-id>")
	r := Remedy{
		Commands: []string{
			command("az", "ad", "app", "federated-credential", "list", "--id", id, "--query", "[].{name:name,subject:subject,audiences:audiences}"),
			command("az", "identity", "federated-credential", "list", "--identity-name", "<name of the identity>", "-g", "<resource-group>", "--query", "[].{name:name,subject:subject,audiences:audiences}"),
		},
	}
	if e.Assertion == nil || e.Pasted || !e.Assertion.HasAudience(want) {
		r.Text = "Request the audience that the federated credential lists (leave the input audience empty for the usual one), or add the assertion's audience to the credential. The commands show what is listed: the first where client-id is that of an app registration, the second where it is a managed identity's."
		r.Snippet, r.Kind, r.Params = "with:\n  audience: "+want+"\n", UseAudience, map[string]string{"audience": want}
		return r
	}
	// There is a credential of this issuer and subject already, and there can
	// be no second one.
	issuer, subject := issuerOf(e), subjectOf(e)
	parameters, err := json.Marshal(map[string]any{"issuer": inert.Line(issuer), "subject": inert.Line(subject), "audiences": []string{want}})
	if err != nil {
		return r
	}
	r.Text = "The assertion has the usual audience, so the federated credential lists another: find the one with the subject " + quoted(subject) + " and put this audience into it. The first two commands are for an app registration, the others for a managed identity."
	r.Commands = []string{
		r.Commands[0],
		command("az", "ad", "app", "federated-credential", "update", "--id", id, "--federated-credential-id", "<name of the credential>", "--parameters", string(parameters)),
		r.Commands[1],
		command("az", "identity", "federated-credential", "update", "--name", "<name of the credential>", "--identity-name", "<name of the identity>", "-g", "<resource-group>",
			"--issuer", arg(issuer, "<issuer>"), "--subject", arg(subject, "<subject>"), "--audiences", arg(want, "<audience>")),
	}
	r.Kind, r.Params = AddFederated, params("issuer", issuer, "subject", subject, "audience", want, "client-id", clientID(e))
	return r
}

func publishIssuer(e *Evidence) Remedy {
	issuer := strings.TrimRight(orElse(issuerOf(e), "https://<host>/_services/token"), "/")
	return Remedy{
		Text: "Make two paths of the issuer reachable from the internet, the OpenID configuration and the keys, or use a client secret or certificate instead of OIDC.",
		Commands: []string{
			command("curl", "-fsS", arg(issuer, "<issuer>")+"/.well-known/openid-configuration"),
			command("curl", "-fsS", arg(issuer, "<issuer>")+"/.well-known/jwks"),
		},
		Kind:   PublishIssuer,
		Params: params("issuer", issuerOf(e)),
	}
}

func freshAssertion(e *Evidence) Remedy {
	if d := skew(e); d != 0 {
		return fixClock(d)
	}
	if d := issuerSkew(e); d != 0 {
		r := fixClock(d)
		r.Text = "Synchronise the clock of the server that issues the assertions (NTP): it is " + span(d.Abs()) + " off."
		return r
	}
	return Remedy{
		Text: "Fetch the assertion right before the exchange: in a long job, log in again before the step that needs the token, or use a credential that fetches a fresh assertion for each token, as this check does.",
		Kind: UseIdentity, Params: map[string]string{"identity": string(MethodGitHubOIDC)},
	}
}

// trimIssuer takes the slash from an issuer of GitHub's, which a text may add.
// That of a cluster of AKS has one at its end.
func trimIssuer(issuer string) string {
	if u, err := url.Parse(issuer); err == nil && !under(u.Hostname(), "actions.githubusercontent.com") {
		return issuer
	}
	return strings.TrimRight(issuer, "/")
}
