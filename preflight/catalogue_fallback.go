package preflight

import (
	"strconv"
	"strings"
)

// idUnknown is the diagnosis of a text that shows an error and nothing of whose.
const idUnknown = "unknown"

// What is left: connections that failed for a reason that nobody told, a chain
// of credentials none of which had a cause of its own, and errors that nobody
// has explained yet. These show the raw code, never silence and never a guess.
var fallbackDiagnoses = []*Diagnosis{
	{
		ID:      "net-timeout",
		Stage:   StageNetwork,
		Area:    AreaRuntime,
		Title:   "The service did not answer in time",
		Setting: SettingBase,
		Cure:    Passing,
		When:    all(fault("the connection stands, but no whole answer comes in time", ServiceModel, FaultTimeout), aClients),
		Cause: func(e *Evidence) string {
			return "The connection to " + hostOr(e) + " was established, but no whole answer came" + tookClause(e) + "."
		},
		Remedy: func(e *Evidence) Remedy {
			return Remedy{
				Text: "Run again. If it persists, check whether a proxy, gateway or firewall is holding back the answer, and raise the input timeout if the model is just slow.",
				Kind: AllowEgress, Params: params("host", hostOf(e)),
			}
		},
		Certain: func(*Evidence) Certainty { return Likely },
		Others:  []string{"net-unreachable", "aoai-server-error"},
		Settle:  "how long each step took: name, TCP, TLS, answer",
		About:   "The way to the service is open, but the answer is late: a deployment under load, a reasoning model, a proxy that buffers, or a firewall that drops the answer.",
		Verify:  "The call is answered within the timeout.",
		Docs:    docsNetwork,
		Source:  documented("https://pkg.go.dev/net#OpError"),
	},
	{
		ID:      "net-unreachable",
		Stage:   StageNetwork,
		Area:    AreaRuntime,
		Title:   "No connection to the endpoint can be established",
		Setting: SettingBase,
		Cure:    Passing,
		When: all(fault("the connection to the service is refused, reset, cut or gets no answer", ServiceModel,
			FaultDNS, FaultRefused, FaultConnect, FaultReset, FaultTLS, FaultTruncated), aClients),
		Cause: func(e *Evidence) string {
			return "The connection to " + hostOr(e) + " failed: " + faultWords(failing(e)) + "."
		},
		Remedy: func(e *Evidence) Remedy {
			return allowEgress(e, "Trace the connection from the runner step by step (name, TCP, TLS, HTTP), and open the firewall, network security group or proxy where it ends.")
		},
		Certain: func(*Evidence) Certainty { return Likely },
		Others:  []string{"net-private-dns", "net-proxy-refused"},
		Settle:  "the step at which the connection ends: name, TCP, TLS, answer",
		About:   "Something on the way ends the connection: an egress firewall, a network security group, a private endpoint without a listener, a proxy that was not configured.",
		Verify:  "`curl -v` to the host reaches an HTTP answer.",
		Docs:    docsNetwork,
		Source:  documented(docsNetwork),
	},
	{
		ID:    "cfg-no-credential",
		Stage: StageConfig,
		Area:  AreaRuntime,
		Title: "No credential is available",
		When: either(problem("cfg-no-credential"),
			when("several credentials were tried and none of them had what it needs", func(e *Evidence) bool { return chainLength(e.Text) >= 2 && len(codesOf(e)) == 0 }),
			says("DefaultAzureCredential: failed to acquire a token", "DefaultAzureCredential failed to retrieve a token", "ChainedTokenCredential failed to retrieve a token", "EnvironmentCredential authentication unavailable",
				"Environment variables are not fully configured", "methods to get an access token, but none of them worked",
				"workload options are not fully configured", "federatedTokenFilePath are required parameters"),
			emptyHanded),
		Cause:   chainCause,
		Remedy:  chooseCredential,
		Certain: func(e *Evidence) Certainty { return certainIf(e.Problem != nil || chainLength(e.Text) >= 2) },
		Others:  []string{"cfg-credential-incomplete", "oidc-permission-missing", "msi-imds-timeout"},
		Settle:  "the line of every member of the chain, and which credential was meant",
		About: "A chain tries its members one after the other: environment, federated token file, managed identity, command line tools. When none of them has what it needs the last line is no more the cause than the first. " +
			"None of them knows GitHub's token service. The OpenAI clients have no chain: they send what code gives them, or a key from a variable.",
		Verify: "The token step succeeds, and the summary's details name the identity that was chosen.",
		Docs:   docsChain,
		Source: documented(docsChain),
	},
	{
		ID:    "entra-unknown",
		Stage: StageToken,
		Area:  AreaAuth,
		Title: "Entra refuses the token for a reason that is not in the catalogue",
		When: when("Entra answers with a code or an error that no other diagnosis knows", func(e *Evidence) bool {
			return len(codesOf(e)) > 0 || failedAt(e, ServiceEntra) != nil
		}),
		Cause: func(e *Evidence) string {
			return "Entra refused the token with " + entraCode(e) + colon(strings.TrimPrefix(messageOf(e), entraCode(e)+": ")) + "."
		},
		Remedy:  lookUpCode,
		Certain: func(*Evidence) Certainty { return Likely },
		About:   "The code is shown as Entra sent it. Microsoft's page explains most of them.",
		Verify:  "The token step succeeds.",
		Docs:    docsCodes,
		Source:  documented(docsCodes),
	},
	{
		ID:    "msi-unknown",
		Stage: StageToken,
		Area:  AreaRuntime,
		Title: "The managed identity's endpoint refuses for an unknown reason",
		When: either(
			when("a managed identity's endpoint answers with an error that no other diagnosis knows", func(e *Evidence) bool { return failedAt(e, ServiceIMDS) != nil }),
			says("Failed to connect to MSI", "MSI: Failed to retrieve a token from", identityRefused, identityTried,
				"the authentication response was not in the expected format", "the authentication response received did not contain the expected fields")),
		Cause: func(e *Evidence) string {
			return "The managed identity's endpoint answered " + statusWords(failing(e)) + codeClause(e) + colon(messageOf(e)) + "."
		},
		Remedy:  leaveMetadata,
		Certain: func(*Evidence) Certainty { return Likely },
		About:   "The answer is shown as it came.",
		Verify:  "The token step succeeds.",
		Docs:    docsManaged,
		Source:  documented(docsManaged),
	},
	{
		ID:    "aoai-unknown",
		Stage: StageDataPlane,
		Area:  AreaProvider,
		Title: "The service answers with an error that is not in the catalogue",
		When:  when("the model's service answers with an error that no other diagnosis knows", func(e *Evidence) bool { return failedAt(e, ServiceModel) != nil }),
		Cause: func(e *Evidence) string {
			return "The service at " + hostOr(e) + " answered " + statusWords(failing(e)) + codeClause(e) + colon(messageOf(e)) + "."
		},
		Remedy: func(e *Evidence) Remedy {
			return Remedy{
				Text: "Look up the code in the vendor's documentation, and please report the text so that the next release can name its cause.",
				Kind: ContactSupport, Params: params("request-id", requestID(e)),
			}
		},
		Certain: func(*Evidence) Certainty { return Likely },
		About:   "The status, code and text are shown as the service sent them.",
		Verify:  "The call is answered.",
		Docs:    docsVersions,
		Source:  documented(docsVersions),
	},
	{
		ID:    idUnknown,
		Stage: StageDataPlane,
		Area:  AreaRuntime,
		Title: "The error is not in the catalogue",
		When: when("a failure that no other diagnosis knows", func(e *Evidence) bool {
			return e.Problem != nil || failing(e) != nil || e.Text != ""
		}),
		Cause: unknownCause,
		Remedy: func(e *Evidence) Remedy {
			return Remedy{Text: "Run the check itself in the job: it sees the exchanges and claims that a text leaves out. Please report the text, so that the next release can name its cause."}
		},
		Certain: func(*Evidence) Certainty { return Likely },
		About:   "The text is an error, but of no family that is known. It is shown as it came.",
		Verify:  "The check passes, or names the cause.",
		Docs:    docsInputs,
		Source:  documented(docsInputs),
	},
}

// aClients holds for a connection's failure that a model's client may have had:
// every program loses connections.
var aClients = either(placed, says("Connection error.", "Request timed out.", "Cannot connect to API", "HttpClient.Timeout"))

func chainCause(e *Evidence) string {
	if e.Problem != nil {
		return problemCause(e.Problem)
	}
	if emptyHanded.Holds(e) {
		return "The OpenAI client was given neither a key nor a token, and it looks for no identity by itself."
	}
	if trouble := toolTrouble(e); trouble != "" {
		return trouble
	}
	seen := map[string]bool{}
	var names []string
	for _, m := range chainMember().FindAllStringSubmatch(e.Text, -1) {
		if n := m[1]; !seen[n] && n != "DefaultAzureCredential" && n != "ChainedTokenCredential" {
			seen[n] = true
			names = append(names, n)
		}
	}
	if len(names) == 0 {
		return "The client found no credential: neither variables, nor a managed identity, nor a login of a command line tool."
	}
	return "The client tried " + strings.Join(names, ", ") + ", and none of them had what it needs."
}

func entraCode(e *Evidence) string {
	if codes := codesOf(e); len(codes) > 0 {
		texts := make([]string, len(codes))
		for i, c := range codes {
			texts[i] = "AADSTS" + strconv.Itoa(c)
		}
		return strings.Join(texts, ", ")
	}
	return statusWords(failing(e)) + codeClause(e)
}

// statusWords is what is left of an answer when nothing else is known of it.
func statusWords(x *Exchange) string {
	switch {
	case x == nil:
		return "an error"
	case x.Status != 0:
		return "status " + strconv.Itoa(x.Status)
	case x.Fault != FaultNone:
		return "nothing: " + faultWords(x)
	}
	return "an error"
}

func unknownCause(e *Evidence) string {
	if e.Problem != nil {
		return problemCause(e.Problem)
	}
	what := e.Text
	if x := failing(e); x != nil && what == "" {
		what = statusWords(x) + codeClause(e) + colon(messageOf(e))
	}
	return "The failure is none that is known" + colon(what) + "."
}

// The remedies of this file.

// emptyHanded is what the OpenAI clients say that were given nothing to send.
var emptyHanded = says("Missing credentials. Please pass one of", "The api_key client option must be set either by passing api_key",
	"Error: Azure OpenAI API key not found", "Azure OpenAI API key or Token Provider not found")

// onADesk reports whether a chain was tried outside of Actions, where there is
// no ID token of GitHub's to use instead.
func onADesk(e *Evidence) bool {
	return !e.Job.Actions && !e.Pasted && e.Setup.Method == MethodDefault
}

func chooseCredential(e *Evidence) Remedy {
	if emptyHanded.Holds(e) {
		return useOIDC(e, "Give the client a credential in code: a token provider, in Python get_bearer_token_provider(DefaultAzureCredential(), \"https://cognitiveservices.azure.com/.default\"), or else a key in AZURE_OPENAI_API_KEY. For the workflow's own identity azure/login comes before it, in a job with the permission id-token: write.")
	}
	if toolTrouble(e) != "" {
		r := Remedy{
			Text:   "Run the tool by hand where the client runs it, and see what it waits for or prints; then sign in with it. Or name another credential in AZURE_TOKEN_CREDENTIALS.",
			Kind:   SetVariable,
			Params: map[string]string{"name": "AZURE_TOKEN_CREDENTIALS"},
		}
		if saysAny(e, "AzureCLICredential") {
			r.Commands = []string{command("az", "account", "get-access-token", "--resource", strings.TrimSuffix(scopeOf(e), "/.default"), "--query", "expiresOn", "-o", "tsv")}
		}
		return r
	}
	if e.Job.Actions || e.Pasted {
		return useOIDC(e, "Choose one method explicitly: in GitHub Actions the workflow's own identity (identity github-oidc with the permission id-token: write), elsewhere one credential by AZURE_TOKEN_CREDENTIALS.")
	}
	return Remedy{
		Text:     "Choose one method explicitly: sign in with az login, or name one credential in AZURE_TOKEN_CREDENTIALS and give it what it needs.",
		Commands: []string{"az login", "export AZURE_TOKEN_CREDENTIALS=AzureCLICredential"},
		Kind:     SetVariable,
		Params:   map[string]string{"name": "AZURE_TOKEN_CREDENTIALS"},
	}
}

func lookUpCode(e *Evidence) Remedy {
	r := Remedy{Text: "Look the error up; for support give the trace and correlation id and the timestamp in Entra's text."}
	if c := firstCode(e); c != 0 {
		r.Text = "Look up AADSTS" + strconv.Itoa(c) + " at https://login.microsoftonline.com/error?code=" + strconv.Itoa(c) + "; for support give the trace and correlation id and the timestamp in Entra's text."
		r.Params = map[string]string{"code": strconv.Itoa(c)}
	}
	r.Kind = ContactSupport
	return r
}
