package preflight

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aoai-preflight/aoai-preflight/preflight/litellm"
)

// What makes LiteLLM, DSPy or openai-python send another credential than was
// meant, or none. What the client would do is decided by package litellm; here
// stands what it means and how to mend it.
var litellmDiagnoses = slices.Concat(clientVersionDiagnoses, clientConfigDiagnoses, clientCredentialDiagnoses, clientCallDiagnoses)

// Where the signatures of the family come from.
const (
	litellmIssues = "https://github.com/BerriAI/litellm/issues/"
	litellmPulls  = "https://github.com/BerriAI/litellm/pull/"
	openaiPulls   = "https://github.com/openai/openai-python/pull/"
	docsLiteLLM   = "https://docs.litellm.ai/docs/providers/azure/"
	docsConfig    = "https://docs.litellm.ai/docs/proxy/configs"
)

// leading is the cause of the client's that explains what the evidence shows:
// one that breaks the call whatever anybody says, else the first that what was
// answered follows from. It is nil when there is none.
func leading(e *Evidence) *ClientCause {
	if e.Target == nil || e.Target.Client == nil || e.Problem != nil {
		return nil
	}
	causes := e.Target.Client.Causes
	if e.Target.Client.broken() {
		var none *ClientCause // the consequence of all the others
		for i := range causes {
			c := &causes[i]
			switch {
			case c.ID == litellm.NoCredential:
				none = c
			case c.Breaks, c.unfilled(), c.ID == litellm.RefreshOff && c.At.File != "":
				return c
			}
		}
		if none != nil {
			return none
		}
	}
	for i := range causes {
		if causes[i].explains(e) {
			return &causes[i]
		}
	}
	return nil
}

// locate is where the cause stands in a file: where a version is pinned, if the
// version is the matter.
func (c *ClientCause) locate(e *Evidence) *Location {
	if c == nil {
		return nil
	}
	at := c.At
	switch c.ID {
	case litellm.ProviderDropped, litellm.OSeriesDropsToken, litellm.V1DropsToken:
		if e.Target.Client.StatedAt.File != "" {
			at = e.Target.Client.StatedAt
		}
	}
	if at.File == "" {
		return nil
	}
	return &at
}

// unfilled reports whether the configuration leaves a credential, or where it
// goes, without a value: what breaks the call then is a consequence.
func (c *ClientCause) unfilled() bool {
	switch c.ID {
	case litellm.EnvMissing, litellm.CredentialNotFound:
		return c.Param == "" || slices.Contains([]string{"api_key", "api_base", "base_url", "azure_ad_token", "tenant_id", "client_id", "client_secret",
			"azure_username", "azure_password", "api_version", "model", "litellm_credential_name"}, c.Param[strings.LastIndexByte(c.Param, '.')+1:])
	}
	return false
}

// explains reports whether what the services said follows from the cause.
func (c *ClientCause) explains(e *Evidence) bool {
	entra := failedAt(e, ServiceEntra)
	unissued := entra != nil && entra.Status != 0 || failedAt(e, ServiceIMDS) != nil || len(e.Exchanges) == 0 && e.Text != ""
	switch c.ID {
	case litellm.KeyShadowsToken, litellm.HeaderOverridden, litellm.KeyOnly, litellm.ProviderDropped, litellm.OSeriesDropsToken, litellm.V1DropsToken:
		return refused(e)
	case litellm.EnvMissing, litellm.CredentialNotFound:
		return c.unfilled() && (refused(e) || unissued)
	case litellm.StaticTokenShadows:
		return refused(e) || e.Refuted != ""
	case litellm.ManagedByAccident, litellm.NamedCredential, litellm.UserSignIn, litellm.MixedPrincipal, litellm.OIDCIncomplete:
		return unissued || refused(e)
	case litellm.ScopeOverridden, litellm.SovereignScope:
		codes := codesOf(e)
		return unissued && (len(codes) == 0 || slices.ContainsFunc(codes, func(code int) bool { return slices.Contains(aboutScope, code) })) || e.Refuted != "" || refused(e)
	case litellm.BasePath, litellm.VersionInvalid:
		x := failed(e, ServiceModel)
		return x != nil && (x.Status == 404 || x.Status == 400)
	}
	return false
}

// aboutScope are Entra's complaints of what is asked for, and not of who asks.
var aboutScope = []int{1002012, 70011, 28002, 28003, 500011, 50001, 65001, 650057}

// caused holds when the client's own cause id leads; text says what it means.
func caused(id, text string) Match {
	return when(text, func(e *Evidence) bool {
		c := leading(e)
		return c != nil && c.ID == id || e.Problem != nil && e.Problem.ID == id
	})
}

// raised is a cause's sentence, and in place of it what a pasted text shows:
// the client's own exception, without the configuration that led to it.
func raised(shown string, f func(*Evidence) string) func(*Evidence) string {
	return func(e *Evidence) string {
		if e.Pasted {
			return shown
		}
		return f(e)
	}
}

// raisedRemedy is the same for a remedy.
func raisedRemedy(shown Remedy, f func(*Evidence) Remedy) func(*Evidence) Remedy {
	return func(e *Evidence) Remedy {
		if e.Pasted {
			return shown
		}
		return f(e)
	}
}

// unlessPasted is [Proven], but [Likely] for a text.
func unlessPasted(e *Evidence) Certainty { return certainIf(!e.Pasted) }

// fromLiteLLM holds for a text of LiteLLM's, which names itself or Azure's
// branch of it.
func fromLiteLLM(m Match) Match {
	return Match{func(e *Evidence) bool {
		return m.Holds(e) && saysAny(e, "litellm", "AzureException")
	}, func() string { return m.Text() + " through LiteLLM" }, m.phrases}
}

// throughLiteLLM reports whether a pasted text came by way of LiteLLM, which may
// have sent something else than what its caller gave it.
func throughLiteLLM(e *Evidence) bool { return e.Pasted && saysAny(e, "litellm", "AzureException") }

// clientName is who sends what is wrong, with the version whose rules decided.
func clientName(e *Evidence) string {
	if e.Target == nil || e.Target.Client == nil {
		return "LiteLLM"
	}
	c := e.Target.Client
	name := "LiteLLM"
	switch c.Client {
	case litellm.OpenAI:
		name = "openai-python"
	case litellm.DSPy:
		name = "LiteLLM (under DSPy)"
	}
	if c.Version == "" {
		return name + " (its newest version, since nothing states another)"
	}
	return name + " " + c.Version
}

// what is the parameter or variable at fault, with its state.
func (c *ClientCause) what() string {
	name := "the parameter " + c.Param
	switch {
	case strings.HasPrefix(c.From, "environment_variables."):
		name = "the key " + c.From
	case c.Var != "" && c.At.File != "" && !strings.HasSuffix(c.At.File, ".env"):
		name = "the key " + c.Param + ", filled by the variable " + c.Var
	case c.Var != "":
		name = "the variable " + c.Var
	case c.At.File != "":
		name = "the key " + c.Param
	}
	if c.State == EnvEmpty {
		name += " (set but empty)"
	}
	return name
}

// inEnvironment reports whether a variable is at fault that no file fills.
func (c *ClientCause) inEnvironment() bool { return c.Var != "" && c.At.File == "" }

// causedBy writes a cause's sentence: what the client does, and what came of it.
func causedBy(f func(e *Evidence, c *ClientCause) string) func(*Evidence) string {
	return func(e *Evidence) string {
		c := leading(e)
		if c == nil {
			return problemText(e)
		}
		s := f(e, c)
		if x := failed(e, ServiceModel); x != nil && x.Status != 0 {
			s += " The service answers with " + statusWords(x) + "."
		} else if e.Refuted != "" {
			s += " The token's own claims show it (" + e.Refuted + ")."
		} else if codes := codesOf(e); len(codes) > 0 {
			s += " Entra answers AADSTS" + strconv.Itoa(codes[0]) + "."
		} else if t := e.Target; c.Breaks && t.Client.Fails != "" {
			s += " It raises " + quoted(t.Client.Fails) + "."
		}
		return s + withSDK(e)
	}
}

// withSDK says which openai-python was assumed, where that decides; "" else.
func withSDK(e *Evidence) string {
	if e.Target == nil || e.Target.Client == nil || e.Target.Client.AssumedSDK == "" {
		return ""
	}
	return " For that, " + e.Target.Client.AssumedSDK + "."
}

// problemText is a problem's sentence for the ids of this family.
func problemText(e *Evidence) string { return problemOr("The client's settings are not usable.")(e) }

// dropSetting is the remedy for a value that should not be there: in a
// variable, in a .env file or in the configuration.
func dropSetting(why string) func(*Evidence) Remedy {
	return func(e *Evidence) Remedy {
		c := leading(e)
		if c == nil {
			return Remedy{Text: "Remove the setting. " + why, Kind: EditConfig}
		}
		why := why
		names, it := []string{c.Var}, "it"
		for _, next := range e.Target.Client.Behind {
			if c.inEnvironment() && next.inEnvironment() {
				names, it = append(names, next.Var), "them"
				continue
			}
			why = "Then remove " + next.what() + " as well, or it is sent next. " + why
		}
		switch {
		case c.Var != "" && strings.HasSuffix(c.At.File, ".env"):
			return Remedy{Text: "Delete the line " + c.Var + "= from " + c.At.File + ". " + why, Kind: UnsetVariable, Params: params("name", c.Var, "file", c.At.File)}
		case c.At.File != "":
			return Remedy{Text: "Remove the key " + c.Param + " from " + c.At.File + ". " + why, Kind: EditConfig, Params: params("file", c.At.File, "key", c.Param, "value", "")}
		case c.Var != "":
			r := Remedy{
				Text:     "Take " + andList(names) + " out of the environment of the step that runs the suite (delete " + it + " from env, or unset " + it + " in the command); an empty value is not enough. " + why,
				Commands: []string{"unset " + strings.Join(names, " ")}, Kind: UnsetVariable, Params: params("name", c.Var),
			}
			if len(names) > 1 {
				r.Params["names"] = strings.Join(names, ",")
			}
			return r
		}
		return Remedy{Text: "Do not pass " + c.Param + ". " + why, Kind: EditConfig, Params: params("key", c.Param, "value", "")}
	}
}

// upgrade is the remedy that a release brings. The releases that steal
// credentials are excluded by name.
func upgrade(pkg, version, otherwise string) func(*Evidence) Remedy {
	return func(*Evidence) Remedy {
		spec := pkg + ">=" + version
		if pkg == "litellm" {
			spec += ",!=1.82.7,!=1.82.8"
		}
		return Remedy{Text: "Use " + pkg + " " + version + " or later." + prefixed(" ", otherwise), Commands: []string{command("pip", "install", spec)},
			Kind: UpgradePackage, Params: params("package", pkg, "version", version)}
	}
}

// editConfig is the remedy that sets a key of the configuration.
func editConfig(text, key, value, snippet string) func(*Evidence) Remedy {
	return func(e *Evidence) Remedy {
		p := params("key", key, "value", value)
		if c := leading(e); c != nil && c.At.File != "" {
			p["file"] = c.At.File
		}
		return Remedy{Text: text, Snippet: snippet, Kind: EditConfig, Params: p}
	}
}

// setMissing is the remedy for a variable that has to be there.
func setMissing(name, what string) func(*Evidence) Remedy {
	return func(e *Evidence) Remedy {
		n := name
		if c := leading(e); c != nil && c.Var != "" {
			n = c.Var
		} else if e.Problem != nil && n == "" {
			n = e.Problem.Input
		}
		return Remedy{
			Text: "Set " + orElse(n, "the variable") + what + " on the job, or write it to GITHUB_ENV in an earlier step: a container action sees those. Variables that only the suite's own step will have belong in the input client-env.",
			Kind: SetVariable, Params: params("name", n),
		}
	}
}
