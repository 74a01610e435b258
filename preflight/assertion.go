package preflight

import "strings"

// What an assertion's claims tell about why no federated credential matches.

// noRecord reports whether codes say that no federated credential matches.
func noRecord(codes []int) bool {
	for _, c := range codes {
		switch c {
		case 70021, 70025, 700211, 700212, 700213, 7002137, 7002138:
			return true
		}
	}
	return false
}

// The forms of a subject.
var (
	immutableSubject = lazy(`^repo:[^/@]+@[^/]+/[^:@]+@[^:]+:`)
	defaultSubject   = lazy(`^repo:[^/:]+/[^:]+(:|$)`)
	// moreClaims are those that a template can put behind the repository. What
	// stands there by default holds no colon: git allows none in a ref, and
	// GitHub escapes those of an environment's name.
	moreClaims = lazy(`^repo:[^:]+:(?:.*:)?(?:actor|actor_id|base_ref|context|enterprise|enterprise_id|event_name|head_ref|job_workflow_ref|job_workflow_sha|ref_type|repository|repository_id|repository_owner|repository_owner_id|repository_visibility|run_id|runner_environment|sha|workflow|workflow_ref):`)
)

func customSubject(e *Evidence) bool {
	s := subjectOf(e)
	return s != "" && strings.Trim(s, "*") != "" && gitHubIssued(e) && (!defaultSubject().MatchString(s) || moreClaims().MatchString(s))
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
	if iss := issuerOf(e); strings.HasSuffix(iss, "/") || inCluster(iss) {
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

// noSuchSubject is the certainty that no credential has the subject: Entra
// says so, and a run knows the subject from the assertion itself.
func noSuchSubject(e *Evidence) Certainty {
	return certainIf(!e.Pasted && subjectOf(e) != "" && (firstCode(e) == 700213 || firstCode(e) == 70025))
}

// presented begins the sentence about a subject that nobody was waiting for.
func presented(e *Evidence) string {
	who := "GitHub"
	if !gitHubIssued(e) {
		who = "The workload"
	}
	return who + " presented " + orElse(prefixed("the subject ", quotedOr(subjectOf(e))), "a subject that the text does not mention")
}

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
