package preflight

import (
	"net/url"
	"time"
)

// What Entra says of an assertion. Its codes narrow the cause down to issuer,
// subject or audience at best; which mistake it was the assertion's own claims
// tell. All of this shows at the token stage.
var federationDiagnoses = []*Diagnosis{
	{
		ID:      "oidc-fic-propagation",
		Stage:   StageToken,
		Area:    AreaAuth,
		Title:   "The federated credential needed time to take effect",
		Setting: SettingCredential,
		Cure:    Propagation,
		When:    when("Entra first found no federated credential for the assertion and took it later in the same run", healed(ServiceEntra, func(x *Exchange) bool { return noRecord(x.AADSTS) })),
		Cause: func(e *Evidence) string {
			return "Entra found no federated credential for the subject " + orElse(quotedOr(subjectOf(e)), "of the assertion") + " at first and took it later in the same run: it only needed time, not a fix."
		},
		Remedy:   waitLonger("Nothing has to be changed. Where credentials are created right before the suite runs, set wait-for-propagation."),
		Severity: SeverityNotice,
		About: "A federated credential that was created minutes ago is not yet known to every server of Entra. Only a later success proves that it was this: " +
			"until then the texts are those of a credential that does not exist.",
		Verify: "The next run succeeds at once.",
		Docs:   docsFederation,
		Source: documented(docsFederation),
	},
	// Entra compares subjects byte by byte since August 2024.
	{
		ID:      "oidc-subject-case",
		Stage:   StageToken,
		Area:    AreaAuth,
		Title:   "The federated credential's subject differs only in letter case",
		Setting: SettingCredential,
		When:    either(aadsts(7002138), says("matches with case-insensitive comparison, but not with case-sensitive comparison")),
		Cause: func(e *Evidence) string {
			return presented(e) + ", and the federated credential has the same letters in another case."
		},
		Remedy: createFederatedCredential("Create the federated credential again with exactly this subject: the owner, the repository and the environment are compared letter by letter."),
		About:  "Entra compares the subject of an assertion with the credential's letter by letter, so Octo/App is not octo/app. GitHub writes owner, repository and environment as they were created.",
		Verify: "The token step succeeds.",
		Docs:   docsSubjectCase,
		Source: observed("https://github.com/Azure/login/issues/515"),
	},
	{
		ID:      "oidc-enterprise-claim",
		Stage:   StageToken,
		Area:    AreaAuth,
		Title:   "The tenant takes GitHub's tokens from certain enterprises only",
		Setting: SettingCredential,
		When:    aadsts(7002381),
		Cause: func(e *Evidence) string {
			cause := "The tenant " + tenantOf(e) + " takes GitHub's ID tokens only with the enterprise claim of certain GitHub enterprises" + prefixed(", ", find(e, wantedEnterprise()))
			if find(e, emptyEnterprise()) != "" {
				return cause + ", and the assertion has no such claim."
			}
			return cause + ", and the assertion's is another."
		},
		Remedy: func(e *Evidence) Remedy {
			return Remedy{
				Text: "If earlier runs of this job passed, run it again: GitHub is known to leave the claim out now and then. Otherwise run in a repository whose owner belongs to one of these enterprises (a personal account's never does), or have an Entra administrator of the tenant admit yours.",
				Kind: ExcludeFromPolicy, Params: params("client-id", clientID(e)),
			}
		},
		About:  "A tenant can demand that GitHub's tokens carry the claim enterprise with a value that it lists. GitHub puts it into the tokens of repositories whose owner belongs to an enterprise, and was seen to leave it out of some runs.",
		Verify: "The token step succeeds.",
		Docs:   docsFederation,
		Source: observed("https://github.com/triton-lang/triton/issues/10680"),
	},
	{
		ID:      "oidc-audience-mismatch",
		Stage:   StageToken,
		Area:    AreaAuth,
		Title:   "The federated credential does not list the ID token's audience",
		Setting: SettingCredential,
		When: either(aadsts(700212),
			all(aadsts(70021), when("the assertion is for another audience than Entra's", foreignAudience))),
		Cause: func(e *Evidence) string {
			return "The assertion is for the audience " + orElse(quotedOr(audienceOf(e)), "that the text does not mention") + ", which the federated credential does not list; the usual one in this cloud is " + exchangeAudience(e) + "."
		},
		Remedy: useAudience,
		About: "The audience that is asked of GitHub must be one that the federated credential lists: api://AzureADTokenExchange in the public cloud, " +
			"api://AzureADTokenExchangeUSGov and api://AzureADTokenExchangeChina in the others. Without an audience GitHub puts the owner's address there.",
		Verify: "The report's identity shows the audience, and the token step succeeds.",
		Docs:   docsFederation,
		Source: documented(docsFederation),
	},
	{
		ID:      "oidc-issuer-unreachable",
		Stage:   StageToken,
		Area:    AreaAuth,
		Title:   "Entra cannot fetch the issuer's keys",
		Setting: SettingCredential,
		When:    aadsts(501661, 50166),
		Cause: func(e *Evidence) string {
			return "Entra could not fetch the keys of the issuer " + orElse(quotedOr(issuerOf(e)), "of the assertion") + ", for which it asks over the internet."
		},
		Remedy: publishIssuer,
		About:  "Entra verifies an assertion with the keys that its issuer publishes, and fetches them over the internet. A GitHub Enterprise Server behind a firewall has to publish two paths, or use a secret or certificate instead.",
		Verify: "`curl` from outside the network gets the issuer's /.well-known/openid-configuration and the keys it names.",
		Docs:   docsGHES,
		Source: documented(docsGHES),
	},
	{
		ID:      "oidc-assertion-not-allowed",
		Stage:   StageToken,
		Area:    AreaAuth,
		Title:   "This issuer's tokens cannot be used as an assertion",
		Setting: SettingCredential,
		When:    aadsts(700236, 700222, 700229),
		Cause: func(e *Evidence) string {
			return "The assertion was issued by " + orElse(quotedOr(issuerOf(e)), "an issuer of Entra's own") + ", whose tokens Entra does not take as a federated credential here."
		},
		Remedy: func(e *Evidence) Remedy {
			return useOIDC(e, "Present GitHub's ID token instead of a token of Entra's own, or use the supported way of a managed identity as credential within one tenant.")
		},
		About:  "Tokens that Entra itself issued are no assertions for a federated credential, apart from the supported pattern of a managed identity in the same tenant. The wrong token file or variable was presented.",
		Verify: "The assertion's issuer is GitHub's, and the token step succeeds.",
		Docs:   docsFederation,
		Source: documented(docsFederation),
	},
	{
		ID:      "oidc-assertion-lifetime",
		Stage:   StageToken,
		Area:    AreaAuth,
		Title:   "The assertion's lifetime is too long for a federated token",
		Setting: SettingCredential,
		When:    either(aadsts(70023), says("External OIDC Provider token must have a lifetime of less than")),
		Cause:   lifetimeCause,
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
		ID:      "oidc-assertion-expired",
		Stage:   StageToken,
		Area:    AreaAuth,
		Title:   "The assertion has expired or is not valid yet",
		Setting: SettingCredential,
		When:    either(aadsts(700024, 500133), says("Client assertion is not within its valid time range", "Assertion is not within its valid time range")),
		Cause:   expiredAssertionCause,
		Remedy:  freshAssertion,
		About: "GitHub's ID token lives for minutes. It was exchanged too late (fetched at the start of a long job, cached, or refreshed by a client after an hour), " +
			"or the clock of the machine that made or checked it is wrong.",
		Verify: "Fetched right before the exchange, the assertion is accepted.",
		Docs:   docsCodes,
		Source: observed("https://github.com/Azure/login/issues/372"),
	},
	{
		ID:      "oidc-subject-immutable",
		Stage:   StageToken,
		Area:    AreaAuth,
		Title:   "Only one of subject and federated credential contains the immutable ids",
		Setting: SettingCredential,
		Cure:    Propagation,
		When:    all(aadsts(700213, 70021, 7002137), when("the subject has the immutable form, owner@id/repository@id", func(e *Evidence) bool { return immutableSubject().MatchString(subjectOf(e)) })),
		Cause: func(e *Evidence) string {
			return presented(e) + ", which holds the ids of owner and repository, and no federated credential has it; one without the ids does not match."
		},
		Remedy:  createFederatedCredential("Add a second federated credential with exactly this subject, and keep the old one until every repository has moved."),
		Certain: subjectCertainty,
		Others:  []string{"oidc-subject-mismatch", "oidc-fic-propagation"},
		Settle:  "the subjects of the federated credentials beside the one presented, and how old the credential is",
		About: "Repositories that were created, renamed or transferred since 15 July 2026 present subjects with the ids of owner and repository; others can opt in. " +
			"A credential without the ids does not match such a subject, nor the other way round.",
		Verify: "The token step succeeds with the subject that the report shows.",
		Docs:   docsImmutable,
		Source: observed("https://github.com/Azure/login/issues/617"),
	},
	{
		ID:      "oidc-subject-custom-template",
		Stage:   StageToken,
		Area:    AreaAuth,
		Title:   "The subject follows a customised template, and the federated credential does not",
		Setting: SettingCredential,
		Cure:    Propagation,
		When:    all(aadsts(700213, 70021, 7002137), when("the subject does not have GitHub's default form", customSubject)),
		Cause: func(e *Evidence) string {
			return presented(e) + ", which is not of the default form: the organisation or the repository has customised it, and no federated credential has it."
		},
		Remedy:  followTemplate,
		Certain: subjectCertainty,
		Others:  []string{"oidc-subject-mismatch", "oidc-fic-propagation"},
		Settle:  "the repository's subject customisation, and the subjects of the federated credentials",
		About:   "An organisation or a repository can choose which claims make up the subject. The federated credential must then hold the subject in that form, or the customisation be reset.",
		Verify:  "`gh api repos/OWNER/REPO/actions/oidc/customization/sub` shows the template, and the token step succeeds.",
		Docs:    docsOIDC,
		Source:  documented(docsOIDC),
	},
	{
		ID:      "oidc-subject-entity-mismatch",
		Stage:   StageToken,
		Area:    AreaAuth,
		Title:   "The subject is of a different kind from the federated credential's",
		Setting: SettingCredential,
		Cure:    Propagation,
		When: all(aadsts(700213, 70021, 7002137), when("the subject ends in an environment, a tag or pull_request", func(e *Evidence) bool {
			return entityOf(subjectOf(e)) != "" && entityOf(subjectOf(e)) != "branch"
		})),
		Cause: func(e *Evidence) string {
			return presented(e) + ", of the kind " + entityOf(subjectOf(e)) + ", and no federated credential of the application " + applicationOf(e) + " has it."
		},
		Remedy:  createFederatedCredential("Add a federated credential for exactly this subject, or change the job so that it presents the one that exists: environment on a job makes the subject end in environment, a pull request makes it end in pull_request, anything else in the ref. Each tag and each branch has a subject of its own; an environment's is the same for all."),
		Certain: subjectCertainty,
		Others:  []string{"oidc-subject-mismatch", "oidc-fic-propagation"},
		Settle:  "the subjects of the federated credentials beside the one presented, and how old the credential is",
		About: "The end of the subject depends on the job: environment:NAME when the job has an environment, pull_request on pull requests, ref:refs/heads/BRANCH or ref:refs/tags/TAG otherwise. " +
			"A credential for one kind does not match another, and its subject has no wildcards; only a flexible federated credential, which has an expression in place of the subject, can match several.",
		Verify: "The token step succeeds with the subject that the report shows.",
		Docs:   docsOIDC,
		Source: observed("https://github.com/Azure/login/issues/453"),
	},
	{
		ID:      "oidc-issuer-mismatch",
		Stage:   StageToken,
		Area:    AreaAuth,
		Title:   "No federated credential has the assertion's issuer",
		Setting: SettingCredential,
		When: either(aadsts(700211),
			all(aadsts(70021), when("the issuer or nothing else of the assertion explains it", issuerLeft))),
		Cause:  issuerCause,
		Remedy: issuerRemedy,
		Certain: func(e *Evidence) Certainty {
			return certainIf(firstCode(e) == 700211)
		},
		Others: []string{"oidc-subject-mismatch", "oidc-audience-mismatch", "oidc-fic-propagation"},
		Settle: "issuer, subject and audiences of the federated credential, character by character, beside the assertion's",
		About: "The credential's issuer must equal the token's iss to the letter: a trailing slash, an enterprise's slug, the host of a GitHub Enterprise Server and the wrong cluster are the usual differences. " +
			"The older code AADSTS70021 does not say which of issuer, subject and audience differs; when all three look right, it is a slash on the credential's side.",
		Verify: "`az ad app federated-credential list --id` with the client id shows the issuer as the report shows it.",
		Docs:   docsFederation,
		Source: observed("https://github.com/Azure/azure-workload-identity/issues/340"),
	},
	{
		ID:      "oidc-subject-mismatch",
		Stage:   StageToken,
		Area:    AreaAuth,
		Title:   "No federated credential has the subject that GitHub presents",
		Setting: SettingCredential,
		Cure:    Propagation,
		When:    aadsts(700213, 70021, 7002137, 70025),
		Cause: func(e *Evidence) string {
			if firstCode(e) == 70025 {
				return "The application " + applicationOf(e) + " has no federated credential at all; " + presented(e) + "."
			}
			return presented(e) + ", and no federated credential of the application " + applicationOf(e) + " has exactly that subject."
		},
		Remedy:  admitSubject,
		Certain: noSuchSubject,
		Others:  []string{"oidc-subject-entity-mismatch", "oidc-fic-propagation", "entra-app-not-found"},
		Settle:  "the subjects of the federated credentials of the application beside the one presented, and how old the credential is",
		About: "A federated credential belongs to one application or identity and matches one subject, letter by letter. Another branch, another repository, a renamed one, or a client id of another application: each ends here. " +
			"The report shows the decoded subject, which logs often mask.",
		Verify: "The token step succeeds with the subject that the report shows.",
		Docs:   docsFederation,
		Source: observed("https://github.com/Azure/login/issues/482"),
	},
}

// Pieces of Entra's text about the enterprise claim.
var (
	wantedEnterprise = lazy(`(?i)enterprise claim with value (.{1,200}?) but actual value`)
	emptyEnterprise  = lazy(`(?i)(actual value is '')`)
)

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

func issuerCause(e *Evidence) string {
	iss := issuerOf(e)
	switch {
	case inCluster(iss):
		return "The assertion's issuer " + quoted(iss) + " is an address inside of a Kubernetes cluster, where Entra cannot fetch its keys: the cluster has no public issuer yet, or the pod's token is older than that."
	case firstCode(e) == 700211:
		return "The assertion's issuer is " + orElse(quotedOr(iss), "one that the text does not mention") + ", and no federated credential of the application " + applicationOf(e) + " has exactly that issuer."
	case iss != "":
		return "The assertion's issuer " + quoted(iss) + ", subject and audience look right, so the credential's own issuer probably differs, for example by a trailing slash."
	}
	return "Entra found no federated credential for the assertion without saying what differs; most likely, the credential's issuer has a trailing slash."
}

// inCluster reports whether an issuer is the default one of a Kubernetes
// cluster, which nobody outside of it can reach.
// https://github.com/Azure/azure-workload-identity/issues/616
func inCluster(issuer string) bool {
	u, err := url.Parse(issuer)
	return err == nil && (under(u.Hostname(), "default.svc") || under(u.Hostname(), "cluster.local"))
}
