package preflight

import (
	"slices"
	"strconv"
	"time"
)

// What a deployment cannot serve right now, or ever at its size. All of these
// prove that access is granted: the caller was let in and then turned away.
var capacityDiagnoses = []*Diagnosis{
	{
		ID:    "aoai-quota-too-small",
		Stage: StageCapacity,
		Area:  AreaQuota,
		Title: "The deployment's quota is too small for even one request",
		When: all(throttled, byService, either(
			when("the service asks to wait for an hour or longer", func(e *Evidence) bool { return waitOf(e) >= time.Hour }),
			says("insufficient_quota", "exceeded your current quota", "Request too large for"))),
		Cause: func(e *Evidence) string {
			cause := "The service lets this identity in, but refuses the request for lack of quota"
			if w := waitOf(e); w > 0 {
				cause += " and asks to wait for " + span(w) + ", which is no passing limit"
			}
			return cause + "."
		},
		Remedy: func(e *Evidence) Remedy {
			return raiseQuota(e, "Raise the deployment's tokens-per-minute quota, or move to another region or tier; waiting does not help. If a single request exceeds the quota, a smaller request may still fit.")
		},
		About:  "A wait of a day is what the service asks for when a single request exceeds the tokens per minute of the deployment, or when the subscription has hardly any quota. No retry cures it.",
		Verify: "The call is answered with 200 after the quota was raised.",
		Docs:   docsQuota,
		Source: observed("https://github.com/jasonacox/TinyLLM/issues/17"),
	},
	{
		ID:       "aoai-service-capacity",
		Stage:    StageCapacity,
		Area:     AreaProvider,
		Severity: SeverityWarning,
		Title:    "The service itself is short of capacity",
		When: all(byService, either(coded("NoCapacity"),
			says("The system is currently experiencing high demand", "currently experiencing high demand", "engine is currently overloaded", "model is currently overloaded", "That model is currently overloaded", "exceeds the maximum usage size allowed during peak load"))),
		Cause: func(e *Evidence) string {
			return "The service lets this identity in, but has no capacity for the model in this region at the moment" + waitClause(e) + "."
		},
		Remedy: func(e *Evidence) Remedy {
			return waitLonger("Try again later; for steady work use another region, a global deployment or provisioned throughput.")(e)
		},
		About:  "The region or the model is overloaded for everybody. Access is proven; the suite may fail on the same limit.",
		Verify: "A later call is answered with 200.",
		Docs:   docsQuota,
		Source: observed("https://github.com/pollinations/pollinations/issues/6260"),
	},
	{
		ID:       "aoai-rate-limited",
		Stage:    StageCapacity,
		Area:     AreaQuota,
		Severity: SeverityWarning,
		Title:    "The deployment's rate limit is reached",
		When:     throttled,
		Grave:    func(e *Evidence) bool { return !limited(e) },
		Cause: func(e *Evidence) string {
			if !limited(e) {
				return "What answers at " + hostOr(e) + " speaks of a limit and answered " + statusWords(failing(e)) + colon(messageOf(e)) + waitClause(e) + "; whether it is the service, which would have let this identity in, its answer does not show."
			}
			return "The service lets this identity in, but the deployment's limit of tokens or requests per minute is used up" + waitClause(e) + "."
		},
		Remedy: func(e *Evidence) Remedy {
			r := raiseQuota(e, "Let the suite wait as long as the service asks, make fewer calls at a time, or raise the deployment's tokens-per-minute quota.")
			if w := waitOf(e); w > 0 {
				r.Params["seconds"] = strconv.Itoa(int(w.Seconds()))
			}
			r.Kind = Wait
			return r
		},
		Certain: func(e *Evidence) Certainty {
			return certainIf(limited(e) && (!e.Pasted || failedAt(e, ServiceModel) != nil || saysAny(e, "pricing tier", "azure")))
		},
		Others: []string{"aoai-quota-too-small", "aoai-service-capacity"},
		Settle: "whose answer it is, and the wait that it asks for",
		About:  "Other callers of the same deployment, or the suite itself, have used up its tokens or requests per minute. Access is proven where the service itself says so: a 429 of its own is no failure of authentication. A gateway or proxy can answer 429 before it looks at anything, and then the check fails.",
		Verify: "A call after the wait is answered with 200.",
		Docs:   docsQuota,
		Source: observed("https://github.com/microsoft/sample-app-aoai-chatGPT/issues/406"),
	},
}

// throttled holds when the service lets the caller in and turns it away.
var throttled = either(all(answered(429), when("the text, where there is no more than that, speaks of a limit", speaksOfLimit)),
	says("Rate limit is exceeded. Try again in", "have exceeded token rate limit", "have exceeded call rate limit", "Request too large for", "exceeded the call rate limit", "exceeded the token rate limit", "too_many_requests", "rate_limit_exceeded", "RateLimitReached", "insufficient_quota", "exceeded your current quota"))

// byService holds when it is the service that has no room.
var byService = when("the answer is the service's own and no page or gateway's", limited)

// speaksOfLimit tells a model's limit from a bare status of anybody's.
func speaksOfLimit(e *Evidence) bool {
	if !e.Pasted || failedAt(e, ServiceModel) != nil {
		return true
	}
	return slices.ContainsFunc(said(e), limitWords().MatchString)
}

var limitWords = lazy(`(?i)rate.?limit|quota|too many requests|throttl|capacity|tokens|\berror code: 429|openai|azure|litellm`)

var retryAfterText = lazy(`(?i)retry after (\d{1,7}) (second|millisecond|day)`)

// waitOf is the wait that the service asks for, by its headers or in words.
func waitOf(e *Evidence) time.Duration {
	if x := failed(e, ServiceModel); x != nil {
		if d := x.RetryAfter(); d > 0 {
			return d
		}
	}
	for _, t := range said(e) {
		if m := retryAfterText().FindStringSubmatch(t); m != nil {
			n, _ := strconv.Atoi(m[1])
			switch m[2] {
			case "millisecond":
				return time.Duration(n) * time.Millisecond
			case "day":
				return time.Duration(n) * 24 * time.Hour
			}
			return time.Duration(n) * time.Second
		}
	}
	return 0
}

func waitClause(e *Evidence) string {
	if w := waitOf(e); w > 0 {
		return "; it asks to wait for " + span(w)
	}
	return ""
}

// The remedies of this file.

func raiseQuota(e *Evidence, text string) Remedy {
	return Remedy{
		// az sends the model and the size only, with PUT.
		Text: text + " The second command sets the deployment of that name anew: see afterwards whether its content filter is still the one that it had.",
		Commands: []string{
			command("az", "cognitiveservices", "account", "deployment", "show", "-n", orElse(resourceName(e), "<resource>"), "-g", "<resource-group>", "--deployment-name", arg(deploymentOf(e), "<deployment>"), "--query", "{model:properties.model,sku:sku}"),
			command("az", "cognitiveservices", "account", "deployment", "create", "-n", orElse(resourceName(e), "<resource>"), "-g", "<resource-group>", "--deployment-name", arg(deploymentOf(e), "<deployment>"),
				"--model-format", "OpenAI", "--model-name", "<model>", "--model-version", "<version>", "--sku-name", "<sku>", "--sku-capacity", "<thousands of tokens per minute>"),
		},
		Kind:   RaiseQuota,
		Params: params("deployment", deploymentOf(e)),
	}
}

// waitLonger is the remedy where time alone helps.
func waitLonger(text string) func(*Evidence) Remedy {
	return func(e *Evidence) Remedy {
		r := Remedy{Text: text, Kind: Wait, Params: map[string]string{}}
		if w := waitOf(e); w > 0 {
			r.Params["seconds"] = strconv.Itoa(int(w.Seconds()))
		}
		return r
	}
}
