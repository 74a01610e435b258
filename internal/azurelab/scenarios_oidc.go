package azurelab

import (
	"net/http"
	"strings"
	"time"
)

var oidcScenarios = []Scenario{
	{
		Name: "no-permission", Verdict: fail, Diagnosis: "oidc-permission-missing",
		Story: "The job does not have id-token: write.",
		Break: func(w *World) { w.GitHub.Permission = false },
	},
	{
		Name: "fork", Verdict: fail, Diagnosis: "oidc-untrusted-pr",
		Story: "The run is a pull request from a fork, which gets no ID token.",
		Break: fork,
	},
	{
		Name: "dependabot", Verdict: fail, Diagnosis: "oidc-untrusted-pr",
		Story: "The run is Dependabot's, which gets no ID token.",
		Break: dependabotRun,
	},
	{
		Name: "fork-skipped", Verdict: skipped, Diagnosis: "oidc-untrusted-pr",
		Story: "The run is a pull request from a fork, and the job says to skip those.",
		Break: func(w *World) {
			fork(w)
			w.Job.set("untrusted", "skip")
		},
	},
	{
		Name: "oidc-down", Verdict: fail, Diagnosis: "oidc-request-failed",
		Story: "GitHub's token service answers 500 whatever is tried.",
		Break: func(w *World) {
			w.Faults = []Fault{{Service: ServiceGitHub, Kind: FaultStatus, Status: http.StatusInternalServerError}}
			w.Job.set("timeout", "10s")
		},
	},
	{
		Name: "oidc-unreachable", Verdict: fail, Diagnosis: "oidc-request-failed",
		Story: "The runner's firewall rejects connections to GitHub's token service.",
		Break: func(w *World) {
			w.Faults = []Fault{{Service: ServiceGitHub, Kind: FaultRefused}}
			w.Runner.SelfHosted = true
			w.Job.set("timeout", "10s")
		},
	},
	{
		Name: "wrong-branch", Verdict: fail, Diagnosis: "oidc-subject-mismatch",
		Story: "The credential is for main, the run is on another branch.",
		Break: func(w *World) { w.GitHub.Ref = "refs/heads/feature" },
	},
	{
		Name: "wrong-repository", Verdict: fail, Diagnosis: "oidc-subject-mismatch",
		Story: "The credential names the repository as it was called before it was renamed.",
		Break: func(w *World) {
			w.Tenants[0].Apps[0].Federated[0].Subject = "repo:octo-org/old-app:ref:refs/heads/main"
		},
	},
	{
		Name: "no-federated-credential", Verdict: fail, Diagnosis: "oidc-subject-mismatch",
		Story: "The application has no federated credential at all, for which Entra has a code of its own.",
		Break: func(w *World) { w.Tenants[0].Apps[0].Federated = nil },
	},
	{
		Name: "environment", Verdict: fail, Diagnosis: "oidc-subject-entity-mismatch",
		Story: "The job has an environment, which takes the branch's place in the subject.",
		Break: func(w *World) { w.GitHub.Environment = "production" },
	},
	{
		Name: "pull-request", Verdict: fail, Diagnosis: "oidc-subject-entity-mismatch",
		Story: "The credential is for main, the run is a pull request of the repository's own.",
		Break: func(w *World) { w.GitHub.EventName = "pull_request" },
	},
	{
		Name: "subject-case", Verdict: fail, Diagnosis: "oidc-subject-case",
		Story: "The credential spells the owner with capitals.",
		Break: func(w *World) {
			f := &w.Tenants[0].Apps[0].Federated[0]
			f.Subject = strings.Replace(f.Subject, "octo-org", "Octo-Org", 1)
		},
	},
	{
		Name: "immutable-subject", Verdict: fail, Diagnosis: "oidc-subject-immutable",
		Story: "The repository is new, so its subjects carry ids that the credential does not have.",
		Break: func(w *World) { w.GitHub.Immutable = true },
	},
	{
		Name: "custom-template", Verdict: fail, Diagnosis: "oidc-subject-custom-template",
		Story: "The organisation has customised the subject.",
		Break: func(w *World) {
			w.GitHub.SubjectTemplate = []string{"repository_owner_id", "repository_id", "job_workflow_ref"}
		},
	},
	{
		Name: "custom-template-repo", Verdict: fail, Diagnosis: "oidc-subject-custom-template",
		Story: "The repository has put the reusable workflow into its subject, behind its own name.",
		Break: func(w *World) { w.GitHub.SubjectTemplate = []string{"repo", "job_workflow_ref"} },
	},
	{
		Name: "custom-template-context", Verdict: fail, Diagnosis: "oidc-subject-custom-template",
		Story: "The subject goes on behind the branch.",
		Break: func(w *World) { w.GitHub.SubjectTemplate = []string{"repo", "context", "job_workflow_ref"} },
	},
	{
		Name: "enterprise-claim", Verdict: fail, Diagnosis: "oidc-enterprise-claim",
		Story: "The tenant takes tokens of its own GitHub enterprise only, and the repository belongs to none.",
		Break: func(w *World) { w.Tenants[0].Enterprises = []string{"octo-enterprise", "octo-labs"} },
	},
	{
		Name: "merge-queue", Verdict: fail, Diagnosis: "oidc-subject-mismatch",
		Story: "The run is a merge queue's, whose branch has a name of its own each time.",
		Break: func(w *World) {
			w.GitHub.EventName = "merge_group"
			w.GitHub.Ref = "refs/heads/gh-readonly-queue/main/pr-42-9bd2a1f9f1a4a2c8f0c1b5f8e3d7a6b4c2e1f0a9"
		},
	},
	{
		Name: "issuer-slash", Verdict: fail, Diagnosis: "oidc-issuer-mismatch",
		Story: "The credential's issuer ends in a slash.",
		Break: func(w *World) { w.Tenants[0].Apps[0].Federated[0].Issuer += "/" },
	},
	{
		Name: "issuer-enterprise", Verdict: fail, Diagnosis: "oidc-issuer-mismatch",
		Story: "The enterprise has an issuer of its own, the credential names the general one.",
		Break: func(w *World) { w.GitHub.Issuer = "https://token.actions.githubusercontent.com/octo-enterprise" },
	},
	{
		Name: "issuer-unreachable", Verdict: fail, Diagnosis: "oidc-issuer-unreachable",
		Story: "Entra cannot fetch the keys of the company's Enterprise Server.",
		Break: func(w *World) {
			useEnterpriseServer(w)
			w.GitHub.IssuerPrivate = true
		},
	},
	{
		Name: "wrong-audience", Verdict: fail, Diagnosis: "oidc-audience-mismatch",
		Story: "The job asks for an audience that the credential does not list.",
		Break: func(w *World) { w.Job.set("audience", "api://octo") },
	},
	{
		Name: "credential-audience", Verdict: fail, Diagnosis: "oidc-audience-mismatch",
		Story: "The credential was created with the owner's address as audience.",
		Break: func(w *World) { w.Tenants[0].Apps[0].Federated[0].Audience = "https://github.com/octo-org" },
	},
	{
		Name: "clock-skew", Verdict: fail, Diagnosis: "oidc-assertion-expired",
		Story: "The clock of the company's Enterprise Server is 20 minutes slow, so its tokens have expired for Entra.",
		Break: func(w *World) {
			useEnterpriseServer(w)
			w.GitHub.Skew = -20 * time.Minute
		},
	},
}
