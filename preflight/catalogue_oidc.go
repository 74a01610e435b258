package preflight

import (
	"fmt"
	"slices"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// GitHub's ID token: whether the job gets one. What Entra makes of it is in
// [federationDiagnoses].
var oidcDiagnoses = append([]*Diagnosis{
	{
		ID:      "oidc-untrusted-pr",
		Stage:   StageOIDC,
		Area:    AreaAuth,
		Title:   "GitHub issues no ID token to this kind of run",
		Setting: SettingCredential,
		When: either(
			when("the job has no token service, and the run is a fork's pull request or Dependabot's", func(e *Evidence) bool {
				return tokenServiceMissing(e) && e.Job.Untrusted()
			}),
			all(noTokenService, when("the text says that Dependabot started the run", func(e *Evidence) bool { return e.Job.Untrusted() }))),
		Cause: func(e *Evidence) string {
			if e.Job.Dependabot {
				return "The job has no access to GitHub's OIDC token service, and the run was started by Dependabot, whose runs get a read-only token by default."
			}
			return "The job has no access to GitHub's OIDC token service, and the run is a pull request from a fork: GitHub withholds the ID token from it whatever the workflow's permissions say."
		},
		Remedy: runTrusted,
		// A fork's token cannot be raised; whether Dependabot's was left as it is
		// or lowered by the workflow the run does not show.
		Certain: func(e *Evidence) Certainty { return certainIf(e.Job.Fork) },
		Others:  []string{"oidc-permission-missing"},
		Settle:  "the permissions block of the job, and whether the run is a fork's",
		About: "A run that a fork's pull request triggers cannot be granted id-token: write, and Dependabot's runs have a read-only token unless the workflow raises it. " +
			"The suite has to run on an event of the repository itself, or be skipped.",
		Verify: "A run on push or workflow_dispatch reaches the token step.",
		Docs:   docsOIDC,
		Source: documented(docsOIDC),
	},
	{
		ID:      "oidc-unsupported-host",
		Stage:   StageOIDC,
		Area:    AreaRuntime,
		Title:   "This GitHub server does not issue ID tokens",
		Setting: SettingCredential,
		When:    says("The key 'id-token' is not allowed", "Unexpected value 'id-token'"),
		Cause: func(e *Evidence) string {
			return "The server" + serverName(e) + " does not know the permission id-token, so it has no OIDC token service."
		},
		Remedy:  upgradeServer,
		Certain: func(*Evidence) Certainty { return Proven },
		About:   "GitHub Enterprise Server issues ID tokens from version 3.5. Older servers reject the permission id-token in a workflow file.",
		Verify:  "The workflow file is accepted with permissions: id-token: write.",
		Docs:    docsGHES,
		Source:  documented(docsGHES),
	},
	{
		ID:      "oidc-permission-missing",
		Stage:   StageOIDC,
		Area:    AreaAuth,
		Title:   "The job does not have the permission id-token: write",
		Setting: SettingCredential,
		When: either(
			when("the job has no token service, and could have one", func(e *Evidence) bool { return tokenServiceMissing(e) && !e.Job.Untrusted() }),
			noTokenService, calledWithout),
		Cause:  permissionCause,
		Remedy: grantIDToken,
		Certain: func(e *Evidence) Certainty {
			// GitHub sets both variables or none: where one is there, somebody in
			// between has lost the other.
			return certainIf(e.Job.Actions && tokenServiceMissing(e) && e.Job.IDTokenURL == e.Job.IDTokenToken && !e.Job.ForkUnknown || calledWithout.Holds(e))
		},
		Others: []string{"oidc-untrusted-pr"},
		Settle: "the event and the actor of the run, and the permissions of the job and of its caller",
		About: "A job gets GitHub's token service only with permissions: id-token: write. A permissions block of the job replaces the workflow's, a reusable workflow needs the permission on the calling job too, " +
			"and a docker run inside a step does not see the two variables unless it is given them. An AADSTS50027 that follows is a consequence.",
		Verify: "The step \"GitHub issues an ID token\" succeeds and shows the token's subject.",
		Docs:   docsOIDC,
		Source: observed("https://github.com/microsoft/ebpf-for-windows/pull/2867"),
	},
	{
		ID:      "oidc-request-failed",
		Stage:   StageOIDC,
		Area:    AreaRuntime,
		Title:   "GitHub's OIDC token service cannot be reached, or refuses",
		Setting: SettingCredential,
		Cure:    Passing,
		When: either(
			when("the request for the ID token fails although the job has the permission", func(e *Evidence) bool { return failedAt(e, ServiceGitHub) != nil }),
			says(providersRefused...), says("Please make sure to give write permissions to id-token in the workflow", "Failed to get ID Token", "Error message: Unable to get ID Token", "getIDToken call failed", "Error message: Cannot read properties of undefined")),
		Cause:  tokenServiceCause,
		Remedy: reachTokenService,
		Certain: func(e *Evidence) Certainty {
			return certainIf(failedAt(e, ServiceGitHub) != nil && !e.Pasted)
		},
		Others: []string{"oidc-permission-missing", "oidc-untrusted-pr"},
		Settle: "whether ACTIONS_ID_TOKEN_REQUEST_URL is set in the job: if it is, the permission is not what is missing",
		About: "The variables of the token service are set, so the permission is there, but the request for the token fails: a self-hosted runner without a way out, a proxy, a private certificate authority, or an answer that is not a token. " +
			"azure/login asks for write permissions after every failure of this request.",
		Verify: "`curl -sS -o /dev/null -w '%{http_code}' -H \"Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN\" \"$ACTIONS_ID_TOKEN_REQUEST_URL\"` prints 200 in the job.",
		Docs:   docsOIDC,
		Source: observed("https://github.com/Azure/login/issues/477"),
	},
}, federationDiagnoses...)

// noTokenService is what GitHub's toolkit and others say when the job has none.
var noTokenService = says("Unable to get ACTIONS_ID_TOKEN_REQUEST_URL", "Unable to get ACTIONS_ID_TOKEN_REQUEST_TOKEN",
	"ACTIONS_ID_TOKEN_REQUEST_URL or ACTIONS_ID_TOKEN_REQUEST_TOKEN not found in environment",
	"did not inject $ACTIONS_ID_TOKEN_REQUEST_TOKEN", "missing ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_URL is not set", "ACTIONS_ID_TOKEN_REQUEST_TOKEN is not set",
	"ACTIONS_ID_TOKEN_REQUEST_URL environment variable is not set", "ACTIONS_ID_TOKEN_REQUEST_URL environment variable was unset", "ACTIONS_ID_TOKEN_REQUEST_TOKEN environment variable was unset",
	// The Azure providers of Terraform ask whatever the variable holds.
	`githubAssertion: cannot request token: Get "?audience=`, `GitHubOIDCAuthorizer: cannot request token: Get "?audience=`)

// providersRefused is how the Azure providers of Terraform and Pulumi say that
// the token service answered with an error. They name no address. Report:
// pulumi-azure-native issue 2609.
var providersRefused = []string{"githubAssertion: received HTTP status", "GitHubOIDCAuthorizer: received HTTP status"}

// calledWithout is how GitHub refuses to start a workflow that calls another.
var (
	calledWithout = Match{func(e *Evidence) bool {
		return slices.ContainsFunc(said(e), func(t string) bool { return askedOfCaller().MatchString(squeezed(t)) })
	}, func() string {
		return "GitHub says that a called workflow asks for id-token: write and its caller does not allow it"
	}, []string{"id-token: write', but is only allowed", "but is only allowed '"}}
	askedOfCaller = lazy(`id[-_]token:write[^']*',butisonlyallowed'[^']*id[-_]token:(?:none|read)`)
)

// tokenServiceMissing reports whether a run that needs GitHub's ID token has
// nobody to ask for it.
func tokenServiceMissing(e *Evidence) bool {
	return e.Problem == nil && e.Job.Actions && e.Setup.Method == MethodGitHubOIDC &&
		!(e.Job.IDTokenURL && e.Job.IDTokenToken) && e.Last(ServiceGitHub) == nil
}

func serverName(e *Evidence) string {
	if e.Job.Server == "" {
		return ""
	}
	return " " + inert.Line(e.Job.Server)
}

func permissionCause(e *Evidence) string {
	if calledWithout.Holds(e) {
		return "The called workflow asks for id-token: write, and the job that calls it does not allow it."
	}
	job := "The job"
	if e.Job.JobID != "" {
		job = "The job " + quoted(e.Job.JobID)
	}
	missing := "ACTIONS_ID_TOKEN_REQUEST_URL"
	if e.Job.IDTokenURL || saysAny(e, "ACTIONS_ID_TOKEN_REQUEST_TOKEN") && !saysAny(e, missing) {
		missing = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
	}
	cause := job + " has no access to GitHub's OIDC token service (" + missing + " is not set), so it was not granted the permission id-token: write"
	if e.Pasted {
		return cause + "; for a fork's pull request it cannot be granted, and Dependabot's runs are read-only by default."
	}
	return cause + "."
}

func tokenServiceCause(e *Evidence) string {
	x := failedAt(e, ServiceGitHub)
	switch {
	case x == nil:
		return "The request for GitHub's ID token failed, which azure/login reports as a missing permission whatever the reason was."
	case x.Fault != FaultNone:
		return "The job has the permission, but the request to GitHub's OIDC token service at " + hostOr(e) + " failed: " + faultWords(x) + "."
	}
	at := ""
	if x.Host != "" {
		at = " at " + hostOr(e)
	}
	return fmt.Sprintf("The job has the permission, but GitHub's OIDC token service%s answered %d%s.", at, x.Status, colon(x.Message))
}

// The remedies of this file.

func grantIDToken(e *Evidence) Remedy {
	text := "Grant the permission on the job"
	if e.Job.JobID != "" {
		text += " " + quoted(e.Job.JobID)
	}
	text += ", beside the others that it needs: a permissions block of the job replaces the workflow's, and what it does not list is none. For a reusable workflow grant it on the calling job as well."
	return Remedy{
		Text:    text,
		Snippet: "permissions:\n  id-token: write\n  contents: read\n",
		Kind:    GrantPermission,
		Params:  map[string]string{"permission": "id-token: write"},
	}
}

func runTrusted(e *Evidence) Remedy {
	// GitHub documents the permissions key as what raises Dependabot's token;
	// reports differ on whether that reaches the ID token.
	first, run := "", "Run"
	if e.Job.Dependabot {
		first, run = "Give the job the permission id-token: write, if it does not have it: that can raise what Dependabot's runs get by default. If it does not help, ", "run"
	}
	return Remedy{
		Text:    first + run + " the suite on push or workflow_dispatch, skip such runs (untrusted: skip), or use pull_request_target with an environment that requires a reviewer, but then never check out or run the pull request's code.",
		Snippet: "on:\n  push:\n    branches: [main]\n  workflow_dispatch:\n",
		Kind:    RunElsewhere,
		Params:  params("event", e.Job.EventName),
	}
}

func upgradeServer(e *Evidence) Remedy {
	return Remedy{
		Text:   "Upgrade the server to a version that issues ID tokens, or use a client secret or certificate.",
		Kind:   UpgradeServer,
		Params: params("server", e.Job.Server),
	}
}

func reachTokenService(e *Evidence) Remedy {
	host := "*.actions.githubusercontent.com"
	x := failedAt(e, ServiceGitHub)
	if x != nil && x.Host != "" {
		host = x.Host
	}
	r := Remedy{
		Text: "Let the runner reach *.actions.githubusercontent.com on port 443 (on GitHub Enterprise Server, the server's /_services/token), through HTTPS_PROXY if there is one, and trust the proxy's certificate authority. " +
			"If the job has no id-token: write, grant it.",
		Commands: []string{`curl -sS -o /dev/null -w '%{http_code}\n' -H "Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" "$ACTIONS_ID_TOKEN_REQUEST_URL"`},
		Kind:     AllowEgress,
		Params:   map[string]string{"host": host},
	}
	switch {
	case x != nil && (x.Fault == FaultTLSTrust || x.Fault == FaultTLSHost):
		r.Kind = TrustCA
	case x != nil && x.Status >= 500:
		r.Text = "Run the job again later and check GitHub's status page: the token service itself is failing."
		r.Commands, r.Kind, r.Params = nil, ContactSupport, params("request-id", requestID(e))
	}
	return r
}
