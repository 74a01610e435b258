package preflight

import "strconv"

// What Entra answers when it is Entra that cannot: nothing is known of the
// identity then. A code that says more comes before.
var entraBusyDiagnoses = []*Diagnosis{
	{
		ID:    "entra-throttled",
		Stage: StageToken,
		Area:  AreaQuota,
		Title: "Entra is throttling requests",
		When: either(aadsts(50196, 90055), when("the token authority answers 429", func(e *Evidence) bool {
			x := failedAt(e, ServiceEntra)
			return x != nil && x.Fault == FaultNone && x.Status == 429
		})),
		Cause: func(e *Evidence) string {
			cause := "The token authority " + authorityOf(e) + " answered " + entraCode(e) + colon(messageOf(e))
			if w := failing(e).RetryAfter(); w > 0 {
				cause += "; it asks to wait for " + span(w)
			}
			return cause + "."
		},
		Remedy: waitForEntra("Run again after the wait, and let fewer jobs ask for a token at the same moment: one token, kept until it expires, does for all calls of a job."),
		About: "Entra limits how often an application, a tenant or an address asks for tokens. The limit says nothing of the identity: whether it may have the token is not known yet. " +
			"The check waits as long as it is asked to, when its timeout has room for it.",
		Verify: "The token step succeeds after the wait.",
		Docs:   docsThrottling,
		Source: documented(docsThrottling),
	},
	{
		ID:    "entra-server-error",
		Stage: StageToken,
		Area:  AreaAuth,
		Title: "Entra fails with a server error",
		Cure:  Passing,
		// The codes are those that Microsoft documents as transient.
		When: either(aadsts(50033, 90006, 90012, 90024, 90033), when("the token authority answers with a status from 500 on, or 408", func(e *Evidence) bool {
			x := failedAt(e, ServiceEntra)
			return x != nil && x.Fault == FaultNone && (x.Status >= 500 || x.Status == 408)
		})),
		Cause: func(e *Evidence) string {
			return "The token authority " + authorityOf(e) + " answered " + statusWords(failing(e)) + codeClause(e) + colon(messageOf(e)) + "."
		},
		Remedy:  waitForEntra("Run again later. If the error persists, check Azure's status page, and the proxy in between if there is one."),
		Certain: func(e *Evidence) Certainty { return certainIf(!e.Pasted || firstCode(e) != 0) },
		Others:  []string{"net-entra-unreachable"},
		Settle:  "whether the answer has an x-ms-request-id header: a proxy's has none",
		About: "A server error of the token authority, or of a proxy that speaks for it, is no refusal: whether the identity may have the token is not known yet. " +
			"The check has asked again by the time it says so.",
		Verify: "The token step succeeds.",
		Docs:   docsCodes,
		Source: documented(docsCodes),
	},
}

// authorityOf is the host that was asked for the token.
func authorityOf(e *Evidence) string {
	return quoted(orElse(hostOf(e), orElse(e.Setup.Authority, "login.microsoftonline.com")))
}

// waitForEntra is the remedy where time alone helps with a token.
func waitForEntra(text string) func(*Evidence) Remedy {
	return func(e *Evidence) Remedy {
		r := Remedy{Text: text, Kind: Wait, Params: map[string]string{}}
		if x := failing(e); x != nil && x.RetryAfter() > 0 {
			r.Params["seconds"] = strconv.Itoa(int(x.RetryAfter().Seconds()))
		}
		return r
	}
}
