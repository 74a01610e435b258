package preflight

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// GitHub's ID token: whether the job gets one, and whether Entra takes it.
// Stage tells where a fault shows: what GitHub refuses shows at oidc, what
// Entra refuses of the assertion at token.
var oidcDiagnoses = []*Diagnosis{
	{
		ID:    "oidc-fic-propagation",
		Stage: StageToken,
		Area:  AreaAuth,
		Title: "The federated credential needed time to become effective",
		When:  when("Entra first found no federated credential for the assertion and took it later in the same run", healed(ServiceEntra, func(x *Exchange) bool { return noRecord(x.AADSTS) })),
		Cause: func(e *Evidence) string {
			return "Entra found no federated credential for the subject " + quoted(subjectOf(e)) + " at first and took it later in the same run: time was what was missing, not a fix."
		},
		Remedy:   waitLonger("Nothing has to be changed. Where credentials are created right before the suite runs, set wait-for-propagation."),
		Severity: SeverityNotice,
		About: "A federated credential that was created minutes ago is not yet known to every server of Entra. Only a later success proves that it was this: " +
			"until then the texts are those of a credential that does not exist.",
		Verify: "The next run succeeds at once.",
		Docs:   docsFederation,
		Source: documented(docsFederation),
	},
	{
		ID:    "oidc-untrusted-pr",
		Stage: StageOIDC,
		Area:  AreaAuth,
		Title: "GitHub gives this kind of run no ID token",
		When: when("the job has no token service, and the run is a fork's pull request or Dependabot's", func(e *Evidence) bool {
			return tokenServiceMissing(e) && e.Job.Untrusted()
		}),
		Cause: func(e *Evidence) string {
			who := "a pull request from a fork"
			if e.Job.Dependabot {
				who = "started by Dependabot"
			}
			return "The job has no access to GitHub's OIDC token service, and the run is " + who + ": GitHub withholds the ID token from it whatever the workflow's permissions say."
		},
		Remedy: runTrusted,
		About: "GitHub lowers the permissions of a run that a fork's pull request or Dependabot triggers: id-token: write cannot be granted there. " +
			"The suite has to run on an event of the repository itself, or be skipped.",
		Verify: "A run on push or workflow_dispatch reaches the token step.",
		Docs:   docsOIDC,
		Source: observed("https://github.com/Azure/login/issues/298"),
	},
	{
		ID:    "oidc-unsupported-host",
		Stage: StageOIDC,
		Area:  AreaRuntime,
		Title: "This GitHub server does not issue ID tokens",
		When:  says("The key 'id-token' is not allowed", "Unexpected value 'id-token'"),
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
		ID:    "oidc-permission-missing",
		Stage: StageOIDC,
		Area:  AreaAuth,
		Title: "The job does not have the permission id-token: write",
		When: either(
			when("the job has no token service, and could have one", func(e *Evidence) bool { return tokenServiceMissing(e) && !e.Job.Untrusted() }),
			says("Unable to get ACTIONS_ID_TOKEN_REQUEST_URL", "Unable to get ACTIONS_ID_TOKEN_REQUEST_TOKEN",
				"ACTIONS_ID_TOKEN_REQUEST_URL or ACTIONS_ID_TOKEN_REQUEST_TOKEN not found in environment",
				"did not inject $ACTIONS_ID_TOKEN_REQUEST_TOKEN", "missing ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_URL is not set", "ACTIONS_ID_TOKEN_REQUEST_TOKEN is not set",
				"ACTIONS_ID_TOKEN_REQUEST_URL environment variable is not set")),
		Cause:  permissionCause,
		Remedy: grantIDToken,
		Certain: func(e *Evidence) Certainty {
			return certainIf(e.Job.Actions && tokenServiceMissing(e))
		},
		Others: []string{"oidc-untrusted-pr"},
		About: "A job gets GitHub's token service only with permissions: id-token: write. A permissions block of the job replaces the workflow's, a reusable workflow needs the permission on the calling job too, " +
			"and a docker run inside a step does not see the two variables unless it is given them. An AADSTS50027 that follows is a consequence.",
		Verify: "The step \"GitHub issues an ID token\" succeeds and shows the token's subject.",
		Docs:   docsOIDC,
		Source: observed("https://github.com/microsoft/ebpf-for-windows/pull/2867"),
	},
	{
		ID:    "oidc-request-failed",
		Stage: StageOIDC,
		Area:  AreaRuntime,
		Title: "GitHub's OIDC token service cannot be reached or refuses",
		When: either(
			when("the request for the ID token fails although the job has the permission", func(e *Evidence) bool { return failedAt(e, ServiceGitHub) != nil }),
			says("Please make sure to give write permissions to id-token in the workflow", "Failed to get ID Token", "Error message: Unable to get ID Token", "getIDToken call failed", "GetIDToken call failed")),
		Cause:  tokenServiceCause,
		Remedy: reachTokenService,
		Certain: func(e *Evidence) Certainty {
			return certainIf(failedAt(e, ServiceGitHub) != nil && !e.Pasted)
		},
		Others: []string{"oidc-permission-missing", "oidc-untrusted-pr"},
		About: "The variables of the token service are set, so the permission is there, but the request for the token fails: a self-hosted runner without a way out, a proxy, a private certificate authority, or an answer that is not a token. " +
			"azure/login asks for write permissions after every failure of this request.",
		Verify: "`curl -sS -o /dev/null -w '%{http_code}' -H \"Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN\" \"$ACTIONS_ID_TOKEN_REQUEST_URL\"` prints 200 in the job.",
		Docs:   docsOIDC,
		Source: observed("https://github.com/Azure/login/issues/477"),
	},
	// Entra compares subjects byte by byte since August 2024.
	{
		ID:    "oidc-subject-case",
		Stage: StageToken,
		Area:  AreaAuth,
		Title: "The federated credential's subject differs only in letter case",
		When:  either(aadsts(7002138), says("matches with case-insensitive comparison, but not with case-sensitive comparison")),
		Cause: func(e *Evidence) string {
			return "GitHub presented the subject " + quoted(subjectOf(e)) + ", and the federated credential has the same letters in another case."
		},
		Remedy: createFederatedCredential("Create the federated credential again with exactly this subject: the owner, the repository and the environment are compared letter by letter."),
		About:  "Entra compares the subject of an assertion with the credential's letter by letter, so Octo/App is not octo/app. GitHub writes owner, repository and environment as they were created.",
		Verify: "The token step succeeds.",
		Docs:   docsSubjectCase,
		Source: observed("https://github.com/Azure/login/issues/515"),
	},
	{
		ID:    "oidc-audience-mismatch",
		Stage: StageToken,
		Area:  AreaAuth,
		Title: "The ID token's audience is not one that the federated credential lists",
		When: either(aadsts(700212),
			all(aadsts(70021), when("the assertion is for another audience than Entra's", foreignAudience))),
		Cause: func(e *Evidence) string {
			return "The assertion is for the audience " + quoted(audienceOf(e)) + ", which the federated credential does not list; usual in this cloud is " + exchangeAudience(e) + "."
		},
		Remedy: useAudience,
		About: "The audience that is asked of GitHub must be one that the federated credential lists: api://AzureADTokenExchange in the public cloud, " +
			"api://AzureADTokenExchangeUSGov and api://AzureADTokenExchangeChina in the others. Without an audience GitHub puts the owner's address there.",
		Verify: "The report's identity shows the audience, and the token step succeeds.",
		Docs:   docsFederation,
		Source: documented(docsFederation),
	},
	{
		ID:    "oidc-issuer-unreachable",
		Stage: StageToken,
		Area:  AreaAuth,
		Title: "Entra cannot fetch the issuer's keys",
		When:  aadsts(501661, 50166),
		Cause: func(e *Evidence) string {
			return "Entra could not fetch the keys of the issuer " + quoted(issuerOf(e)) + ": it asks over the internet."
		},
		Remedy: publishIssuer,
		About:  "Entra verifies an assertion with the keys that its issuer publishes, and fetches them over the internet. A GitHub Enterprise Server behind a firewall has to publish two paths, or use a secret or certificate instead.",
		Verify: "`curl` from outside the network gets the issuer's /.well-known/openid-configuration and the keys it names.",
		Docs:   docsGHES,
		Source: documented(docsGHES),
	},
	{
		ID:    "oidc-assertion-not-allowed",
		Stage: StageToken,
		Area:  AreaAuth,
		Title: "This issuer's tokens may not be used as an assertion",
		When:  aadsts(700236, 700222),
		Cause: func(e *Evidence) string {
			return "The assertion was issued by " + quoted(issuerOf(e)) + ", whose tokens Entra does not take as a federated credential here."
		},
		Remedy: func(e *Evidence) Remedy {
			return useOIDC("Present GitHub's ID token instead of a token of Entra's own, or use the supported way of a managed identity as credential within one tenant.")
		},
		About:  "Tokens that Entra itself issued are no assertions for a federated credential, apart from the supported pattern of a managed identity in the same tenant. The wrong token file or variable was presented.",
		Verify: "The assertion's issuer is GitHub's, and the token step succeeds.",
		Docs:   docsFederation,
		Source: documented(docsFederation),
	},
	{
		ID:    "oidc-assertion-lifetime",
		Stage: StageToken,
		Area:  AreaAuth,
		Title: "The assertion lives too long to be a federated token",
		When:  either(aadsts(70023), says("External OIDC Provider token must have a lifetime of less than")),
		Cause: lifetimeCause,
		Remedy: func(e *Evidence) Remedy {
			return Remedy{
				Text: "Present the projected service account token, whose audience is api://AzureADTokenExchange, not the legacy token of a service account; in GitHub Actions present GitHub's ID token.",
				Kind: ProvideFile, Params: params("path", e.Setup.TokenFile),
			}
		},
		About:  "Entra takes assertions that live a day at most. A legacy Kubernetes service account token never expires, so this is the wrong token file.",
		Verify: "The assertion's exp is less than 24 hours after its iat.",
		Docs:   docsFederation,
		Source: documented(docsCodes),
	},
	{
		ID:     "oidc-assertion-expired",
		Stage:  StageToken,
		Area:   AreaAuth,
		Title:  "The assertion is outside its validity",
		When:   either(aadsts(700024, 500133), says("Client assertion is not within its valid time range", "Assertion is not within its valid time range")),
		Cause:  expiredAssertionCause,
		Remedy: freshAssertion,
		About: "GitHub's ID token lives for minutes. It was exchanged too late (fetched at the start of a long job, cached, or refreshed by a client after an hour), " +
			"or the clock of the machine that made or checked it is wrong.",
		Verify: "Fetched right before the exchange, the assertion is accepted.",
		Docs:   docsCodes,
		Source: observed("https://github.com/Azure/login/issues/372"),
	},
	{
		ID:    "oidc-subject-immutable",
		Stage: StageToken,
		Area:  AreaAuth,
		Title: "The subject holds ids of owner and repository, or the credential does",
		When:  all(aadsts(700213, 70021, 7002137), when("the subject has the immutable form, owner@id/repository@id", func(e *Evidence) bool { return immutableSubject().MatchString(subjectOf(e)) })),
		Cause: func(e *Evidence) string {
			return "GitHub presented the immutable subject " + quoted(subjectOf(e)) + ", and no federated credential has it; one without the ids does not match."
		},
		Remedy:  createFederatedCredential("Add a second federated credential with exactly this subject, and keep the old one until every repository has moved."),
		Certain: subjectCertainty,
		Others:  []string{"oidc-subject-mismatch", "oidc-fic-propagation"},
		About: "Repositories that were created, renamed or transferred since 15 July 2026 present subjects with the ids of owner and repository; others can opt in. " +
			"A credential without the ids does not match such a subject, nor the other way round.",
		Verify: "The token step succeeds with the subject that the report shows.",
		Docs:   docsImmutable,
		Source: observed("https://github.com/Azure/login/issues/617"),
	},
	{
		ID:    "oidc-subject-custom-template",
		Stage: StageToken,
		Area:  AreaAuth,
		Title: "The subject follows a template that the credential does not",
		When:  all(aadsts(700213, 70021, 7002137), when("the subject does not have GitHub's default form", customSubject)),
		Cause: func(e *Evidence) string {
			return "GitHub presented the subject " + quoted(subjectOf(e)) + ", which is not of the default form: the organisation or the repository has customised it, and no federated credential has it."
		},
		Remedy:  followTemplate,
		Certain: subjectCertainty,
		Others:  []string{"oidc-subject-mismatch", "oidc-fic-propagation"},
		About:   "An organisation or a repository can choose which claims make up the subject. The federated credential must then hold the subject in that form, or the customisation be reset.",
		Verify:  "`gh api repos/OWNER/REPO/actions/oidc/customization/sub` shows the template, and the token step succeeds.",
		Docs:    docsOIDC,
		Source:  documented(docsOIDC),
	},
	{
		ID:    "oidc-subject-entity-mismatch",
		Stage: StageToken,
		Area:  AreaAuth,
		Title: "The subject is of another kind than the credential's",
		When: all(aadsts(700213, 70021, 7002137), when("the subject ends in an environment, a tag or pull_request", func(e *Evidence) bool {
			return entityOf(subjectOf(e)) != "" && entityOf(subjectOf(e)) != "branch"
		})),
		Cause: func(e *Evidence) string {
			return "GitHub presented the subject " + quoted(subjectOf(e)) + ", of the kind " + entityOf(subjectOf(e)) + ", and no federated credential of the application " + applicationOf(e) + " has it."
		},
		Remedy:  createFederatedCredential("Add a federated credential for exactly this subject, or change the job so that it presents the one that exists: environment on a job makes the subject end in environment, a pull request makes it end in pull_request, anything else in the ref."),
		Certain: subjectCertainty,
		Others:  []string{"oidc-subject-mismatch", "oidc-fic-propagation"},
		About: "The end of the subject depends on the job: environment:NAME when the job has an environment, pull_request on pull requests, ref:refs/heads/BRANCH or ref:refs/tags/TAG otherwise. " +
			"A credential for one kind does not match another, and there are no wildcards.",
		Verify: "The token step succeeds with the subject that the report shows.",
		Docs:   docsOIDC,
		Source: observed("https://github.com/Azure/login/issues/453"),
	},
	{
		ID:    "oidc-issuer-mismatch",
		Stage: StageToken,
		Area:  AreaAuth,
		Title: "No federated credential has the assertion's issuer",
		When: either(aadsts(700211),
			all(aadsts(70021), when("the issuer or nothing else of the assertion explains it", issuerLeft))),
		Cause:  issuerCause,
		Remedy: createFederatedCredential("Set the issuer of the federated credential to exactly the assertion's, without a slash at the end."),
		Certain: func(e *Evidence) Certainty {
			return certainIf(firstCode(e) == 700211)
		},
		Others: []string{"oidc-subject-mismatch", "oidc-audience-mismatch", "oidc-fic-propagation"},
		About: "The credential's issuer must equal the token's iss to the letter: a trailing slash, an enterprise's slug, the host of a GitHub Enterprise Server and the wrong cluster are the usual differences. " +
			"The older code AADSTS70021 does not say which of issuer, subject and audience differs; when all three look right, it is a slash on the credential's side.",
		Verify: "`az ad app federated-credential list --id` with the client id shows the issuer as the report shows it.",
		Docs:   docsFederation,
		Source: observed("https://github.com/Azure/azure-workload-identity/issues/340"),
	},
	{
		ID:    "oidc-subject-mismatch",
		Stage: StageToken,
		Area:  AreaAuth,
		Title: "No federated credential has the subject that GitHub presents",
		When:  aadsts(700213, 70021, 7002137),
		Cause: func(e *Evidence) string {
			return "GitHub presented the subject " + quoted(subjectOf(e)) + ", and no federated credential of the application " + applicationOf(e) + " has exactly that subject."
		},
		Remedy:  createFederatedCredential("Create a federated credential with exactly this subject on the application that client-id names; if there is one, client-id names another application."),
		Certain: subjectCertainty,
		Others:  []string{"oidc-subject-entity-mismatch", "oidc-fic-propagation", "entra-app-not-found"},
		About: "A federated credential belongs to one application or identity and matches one subject, letter by letter. Another branch, another repository, a renamed one, or a client id of another application: each ends here. " +
			"The report shows the decoded subject, which logs often mask.",
		Verify: "The token step succeeds with the subject that the report shows.",
		Docs:   docsFederation,
		Source: observed("https://github.com/Azure/login/issues/482"),
	},
}

// noRecord reports whether codes say that no federated credential matches.
func noRecord(codes []int) bool {
	for _, c := range codes {
		switch c {
		case 70021, 700211, 700212, 700213, 7002137, 7002138:
			return true
		}
	}
	return false
}

// healed reports whether a failure of s that f knows was followed by a success.
func healed(s Service, f func(*Exchange) bool) func(*Evidence) bool {
	return func(e *Evidence) bool {
		if e.Problem != nil || failing(e) != nil {
			return false
		}
		failedBefore := false
		for i := range e.Exchanges {
			x := &e.Exchanges[i]
			switch {
			case x.Service != s:
			case !x.OK() && f(x):
				failedBefore = true
			case x.OK() && failedBefore:
				return true
			}
		}
		return false
	}
}

// tokenServiceMissing reports whether a run that needs GitHub's ID token has
// nobody to ask for it.
func tokenServiceMissing(e *Evidence) bool {
	return e.Problem == nil && e.Job.Actions && e.Setup.Method == MethodGitHubOIDC &&
		!(e.Job.IDTokenURL && e.Job.IDTokenToken) && e.Last(ServiceGitHub) == nil
}

// The forms of a subject.
var (
	immutableSubject = lazy(`^repo:[^/@]+@[^/]+/[^:@]+@[^:]+:`)
	defaultSubject   = lazy(`^repo:[^/:]+/[^:]+(:|$)`)
)

func customSubject(e *Evidence) bool {
	s := subjectOf(e)
	return s != "" && strings.Trim(s, "*") != "" && gitHubIssued(e) && !defaultSubject().MatchString(s)
}

// gitHubIssued reports whether the assertion is GitHub's, as far as is known.
func gitHubIssued(e *Evidence) bool {
	iss := issuerOf(e)
	if iss == "" {
		s := subjectOf(e)
		return !strings.HasPrefix(s, "system:serviceaccount:") && !strings.HasPrefix(s, "/eid1/") && !strings.HasPrefix(s, "sc://") && !strings.HasPrefix(s, "p://") && !guid().MatchString(s)
	}
	return strings.Contains(iss, "actions.githubusercontent.com") || strings.HasSuffix(strings.TrimRight(iss, "/"), "/_services/token")
}

// entityOf is the kind of a subject of the default form, "" for any other.
func entityOf(subject string) string {
	if !strings.HasPrefix(subject, "repo:") {
		return ""
	}
	_, rest, _ := strings.Cut(strings.TrimPrefix(subject, "repo:"), ":")
	switch {
	case rest == "pull_request":
		return "pull request"
	case strings.HasPrefix(rest, "environment:"):
		return "environment"
	case strings.HasPrefix(rest, "ref:refs/tags/"):
		return "tag"
	case strings.HasPrefix(rest, "ref:refs/heads/"):
		return "branch"
	}
	return ""
}

// foreignAudience reports whether the assertion's audience is known and is
// none that a federated credential for Entra usually lists.
func foreignAudience(e *Evidence) bool {
	aud := audienceOf(e)
	if aud == "" || (e.Setup.Audience != "" && aud == e.Setup.Audience && strings.HasPrefix(aud, "api://")) {
		return false
	}
	return !strings.HasPrefix(aud, "api://AzureADTokenExchange") && !strings.HasPrefix(aud, "***")
}

// issuerLeft reports whether AADSTS70021, which names no culprit, leaves the
// issuer: the subject is a branch's or unknown, so that nothing about it looks
// wrong, and the audience is right.
func issuerLeft(e *Evidence) bool {
	if iss := issuerOf(e); strings.HasSuffix(iss, "/") {
		return true
	}
	if !e.Pasted && e.Assertion != nil {
		// Our own decoded subject is exact; Entra has not said what differs.
		return false
	}
	kind := entityOf(subjectOf(e))
	return subjectOf(e) == "" || kind == "branch"
}

// subjectCertainty: 7002137 and 700213 say that it is the subject, but not
// which of the ways to get it wrong; a credential that is minutes old is never
// excluded.
func subjectCertainty(*Evidence) Certainty { return Likely }

func subjectOf(e *Evidence) string {
	if e.Assertion != nil {
		return e.Assertion.Subject
	}
	return ""
}

func issuerOf(e *Evidence) string {
	if e.Assertion != nil {
		return e.Assertion.Issuer
	}
	return ""
}

func audienceOf(e *Evidence) string {
	if e.Assertion != nil && len(e.Assertion.Audience) > 0 {
		return e.Assertion.Audience[0]
	}
	return ""
}

// exchangeAudience is the audience of a federated credential in the run's cloud.
func exchangeAudience(e *Evidence) string {
	if c := cloudNamed(e.Setup.Cloud); c != nil {
		return c.Audience
	}
	return clouds[0].Audience
}

// applicationOf is the client id that the run used, or that Entra's text names.
func applicationOf(e *Evidence) string {
	return orElse(inert.Line(clientID(e)), "that client-id names")
}

func clientID(e *Evidence) string {
	switch {
	case e.Setup.ClientID != "":
		return e.Setup.ClientID
	case e.Token != nil && e.Token.AppID != "":
		return e.Token.AppID
	}
	return find(e, namedApplication())
}

// namedApplication is the application in Entra's texts.
var namedApplication = lazy(`(?i)(?:application with identifier|for app|application|app id)\s+'([0-9a-fA-F]{8}-[0-9a-fA-F-]{27})'`)

func serverName(e *Evidence) string {
	if e.Job.Server == "" {
		return ""
	}
	return " " + inert.Line(e.Job.Server)
}

func permissionCause(e *Evidence) string {
	job := "The job"
	if e.Job.JobID != "" {
		job = "The job " + quoted(e.Job.JobID)
	}
	cause := job + " has no access to GitHub's OIDC token service (ACTIONS_ID_TOKEN_REQUEST_URL is not set), so it was not granted the permission id-token: write"
	if e.Pasted {
		return cause + "; for a fork's pull request or Dependabot it cannot be granted."
	}
	return cause + "."
}

func tokenServiceCause(e *Evidence) string {
	x := failedAt(e, ServiceGitHub)
	switch {
	case x == nil:
		return "The request for GitHub's ID token failed, which azure/login reports as a missing permission whatever the reason was."
	case x.Fault != FaultNone:
		return "The job has the permission, but the request to GitHub's OIDC token service at " + quoted(x.Host) + " failed: " + faultWords(x) + "."
	}
	return fmt.Sprintf("The job has the permission, but GitHub's OIDC token service at %s answered %d%s.", quoted(x.Host), x.Status, colon(x.Message))
}

func lifetimeCause(e *Evidence) string {
	if a := e.Assertion; a != nil && !a.IssuedAt.IsZero() && a.ExpiresAt.After(a.IssuedAt) {
		return "The assertion of " + quoted(a.Issuer) + " lives for " + span(a.ExpiresAt.Sub(a.IssuedAt)) + ", and Entra takes 24 hours at most."
	}
	return "The assertion lives for longer than Entra allows for a federated token, so it is not the projected token."
}

// expiredAssertionCause tells a late exchange from a wrong clock by the
// server's date.
func expiredAssertionCause(e *Evidence) string {
	a := e.Assertion
	x := failed(e, ServiceEntra)
	if a == nil || x == nil || x.ServerDate().IsZero() || a.ExpiresAt.IsZero() {
		return "The assertion was presented outside its validity: too late after it was issued, or the clocks differ."
	}
	date := x.ServerDate()
	switch {
	case date.After(a.ExpiresAt):
		return "The assertion expired " + span(date.Sub(a.ExpiresAt)) + " before Entra saw it (" + a.ExpiresAt.UTC().Format(time.RFC3339) + " by its exp)" + skewClause(e) + "."
	case date.Before(a.NotBefore):
		return "The assertion becomes valid " + span(a.NotBefore.Sub(date)) + " after the moment at which Entra saw it" + skewClause(e) + "."
	}
	return "Entra took the assertion for one outside its validity, although by the date of its answer it is inside" + skewClause(e) + "."
}

// tolerated is the difference of two clocks that nobody needs to hear about.
const tolerated = 2 * time.Minute

// skew is how far our clock is ahead of the server's that refused us, 0 when
// that is not known or not worth mentioning.
func skew(e *Evidence) time.Duration {
	for i := len(e.Exchanges) - 1; i >= 0; i-- {
		x := &e.Exchanges[i]
		if date := x.ServerDate(); !date.IsZero() && !x.At.IsZero() {
			if d := x.At.Sub(date); d > tolerated || d < -tolerated {
				return d
			}
			return 0
		}
	}
	return 0
}

func skewClause(e *Evidence) string {
	switch d := skew(e); {
	case d > 0:
		return "; this machine's clock is " + span(d) + " ahead of the server's"
	case d < 0:
		return "; this machine's clock is " + span(-d) + " behind the server's"
	}
	return ""
}

func issuerCause(e *Evidence) string {
	iss := issuerOf(e)
	switch {
	case firstCode(e) == 700211:
		return "The assertion's issuer is " + quoted(iss) + ", and no federated credential of the application " + applicationOf(e) + " has exactly that issuer."
	case iss != "":
		return "The assertion's issuer " + quoted(iss) + ", subject and audience look right, so the credential's own issuer probably differs, by a slash at its end say."
	}
	return "Entra found no federated credential for the assertion without saying what differs; a slash at the end of the credential's issuer is the likeliest."
}

// The remedies of this file.

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
			issuer = strings.TrimRight(issuer, "/")
		}
		return Remedy{
			Text:     text,
			Commands: federatedCommands(e, issuer, subject, audience),
			Kind:     AddFederated,
			Params:   params("issuer", issuer, "subject", subjectOf(e), "audience", audience, "client-id", clientID(e)),
		}
	}
}

// federatedCommands create the credential on an app registration, or on a
// user-assigned identity: the client id does not tell which it is.
func federatedCommands(e *Evidence, issuer, subject, audience string) []string {
	parameters, err := json.Marshal(struct {
		Name      string   `json:"name"`
		Issuer    string   `json:"issuer"`
		Subject   string   `json:"subject"`
		Audiences []string `json:"audiences"`
	}{"github-actions", inert.Line(issuer), inert.Line(subject), []string{inert.Line(audience)}})
	if err != nil {
		return nil
	}
	return []string{
		command("az", "ad", "app", "federated-credential", "create", "--id", arg(clientID(e), "<client-id>"), "--parameters", string(parameters)),
		command("az", "identity", "federated-credential", "create", "--name", "github-actions", "--identity-name", "<name of the identity>", "-g", "<resource-group>",
			"--issuer", arg(issuer, "<issuer>"), "--subject", arg(subject, "<subject>"), "--audiences", arg(audience, "<audience>")),
	}
}

func followTemplate(e *Evidence) Remedy {
	r := createFederatedCredential("Create the federated credential with exactly this subject, or reset the customisation so that the subject has the default form again.")(e)
	if repo := arg(e.Job.Repository, "<owner>/<repository>"); repo != "" {
		r.Commands = append(r.Commands, command("gh", "api", "-X", "PUT", "repos/"+repo+"/actions/oidc/customization/sub", "-F", "use_default=true"))
	}
	return r
}

func useAudience(e *Evidence) Remedy {
	want := exchangeAudience(e)
	return Remedy{
		Text:     "Ask GitHub for the audience that the federated credential lists (leave the input audience empty for the usual one), or list the assertion's audience on the credential.",
		Commands: federatedCommands(e, orElse(issuerOf(e), "https://token.actions.githubusercontent.com"), orElse(subjectOf(e), "<subject>"), want),
		Snippet:  "with:\n  audience: " + want + "\n",
		Kind:     UseAudience,
		Params:   map[string]string{"audience": want},
	}
}

func publishIssuer(e *Evidence) Remedy {
	issuer := strings.TrimRight(orElse(issuerOf(e), "https://<host>/_services/token"), "/")
	return Remedy{
		Text: "Let the internet reach two paths of the issuer, the OpenID configuration and the keys, or use a client secret or certificate instead of OIDC.",
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
		return Remedy{
			Text:     "Set the clock of the machine by NTP: it is " + span(d.Abs()) + " off.",
			Commands: []string{"timedatectl status", "sudo timedatectl set-ntp true"},
			Kind:     FixClock,
			Params:   map[string]string{"skew-seconds": fmt.Sprint(int(d.Seconds()))},
		}
	}
	return Remedy{
		Text: "Fetch the assertion right before the exchange: in a long job log in again before the step that needs the token, or use a credential that fetches a fresh assertion for each token, as this check does.",
		Kind: UseIdentity, Params: map[string]string{"identity": string(MethodGitHubOIDC)},
	}
}

func grantIDToken(e *Evidence) Remedy {
	text := "Grant the permission on the job"
	if e.Job.JobID != "" {
		text += " " + quoted(e.Job.JobID)
	}
	text += " (a permissions block of the job replaces the workflow's), and for a reusable workflow on the calling job as well."
	return Remedy{
		Text:    text,
		Snippet: "permissions:\n  id-token: write\n  contents: read\n",
		Kind:    GrantPermission,
		Params:  map[string]string{"permission": "id-token: write"},
	}
}

func runTrusted(e *Evidence) Remedy {
	return Remedy{
		Text:    "Run the suite on push or workflow_dispatch, skip it for such runs (untrusted: skip), or use pull_request_target with an environment that needs a reviewer, and then never check out or run the pull request's code.",
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
	if x != nil && (x.Fault == FaultTLSTrust || x.Fault == FaultTLSHost) {
		r.Kind = TrustCA
	}
	return r
}

// colon is a message behind a colon, nothing when there is none.
func colon(message string) string {
	if message == "" {
		return ""
	}
	return ": " + inert.Clip(inert.Line(message), 300)
}
