package litellm

import "strings"

// findCauses notes what is worth a finding, causes before consequences.
func (r *resolver) findCauses() {
	r.causesOfModel()
	r.causesOfBase()
	r.causesOfVersion()
	r.causesOfRefresh()
	r.causesOfChoice()
	r.causesOfEntra()
	r.causesOfNone()
	if r.Client == DSPy {
		r.cause(Cause{ID: DSPyCache, Detail: "DSPy keeps answers on disk, and answers from there without any credential"})
	}
}

func (r *resolver) cause(c Cause) { r.out.Causes = append(r.out.Causes, c) }

// nameOf is what a value is called where it is set: the key of a configuration,
// the variable, or else the parameter.
func (r *resolver) nameOf(v Value) string {
	if v.At != (Place{}) {
		for name, p := range r.Params {
			if p.At == v.At && p.From == v.From {
				return name
			}
		}
		for name, p := range r.Globals {
			if p.At == v.At && p.From == v.From {
				return "litellm_settings." + name
			}
		}
	}
	if v.Var != "" {
		return v.Var
	}
	return strings.TrimPrefix(strings.TrimPrefix(v.From, "litellm_params."), "variable ")
}

// causesOfModel is what the model's name, its prefix and its kind do.
func (r *resolver) causesOfModel() {
	model := Value{Set: true, From: "litellm_params.model", At: r.At}
	if r.Client == OpenAI {
		return
	}
	if r.Client == DSPy && r.Kind == Completion {
		detail := "model_type \"text\" makes DSPy call OpenAI's own service"
		if r.unknownType {
			detail = "this release of DSPy takes model_type \"responses\" for \"text\", and calls OpenAI's own service"
		}
		r.cause(Cause{ID: TextModelType, Value: model, Param: "model_type", Breaks: r.wantsAzure(), Certain: !r.unknownType, Detail: detail})
		return
	}
	switch r.out.Provider {
	case "azure", "azure_ai", "azure_text":
	case "", "openai", "text-completion-openai":
		if strings.HasPrefix(r.Model, "azure/") {
			return // the prefix is there, and the name means another maker
		}
		if r.out.Fails != nil && r.out.Provider == "" || r.wantsAzure() {
			r.cause(Cause{ID: PrefixMissing, Value: model, Param: "model", Breaks: true, Certain: true,
				Detail: "without azure/ before the deployment's name LiteLLM takes another provider"})
		}
		return
	default:
		return
	}
	switch r.Kind {
	case Realtime, Rerank, Batch, Video, OCR:
		r.cause(Cause{ID: NotCheckable, Value: model, Param: "model", Certain: true, Detail: "a call of this kind is not made here"})
	}
	if strings.Contains(r.Model, "*") {
		r.cause(Cause{ID: NotCheckable, Value: model, Param: "model", Certain: true, Detail: "a wildcard names no deployment"})
	}
	if r.keyOnly && r.out.Source == FromNone {
		r.cause(Cause{ID: KeyOnly, Value: model, Param: "api_key", Breaks: true, Detail: "this kind of call sends keys only, and there is none"})
	}
}

// wantsAzure reports whether something about the call means Azure although its
// provider does not.
func (r *resolver) wantsAzure() bool {
	if r.Client == DSPy && strings.HasPrefix(r.Model, "azure/") {
		return true
	}
	if r.Provider || r.param("azure_ad_token").Set || r.param("api_version").Set {
		return true
	}
	for _, v := range []Value{r.param("api_base"), r.param("base_url"), r.global("api_base")} {
		if h := hostOf(v.Text.Reveal()); strings.Contains(h, "azure") && !strings.Contains(v.Text.Reveal(), "/openai/v1") {
			return true
		}
	}
	return false
}

// causesOfBase is what api_base does.
func (r *resolver) causesOfBase() {
	if !r.out.Azure {
		return
	}
	base := r.out.BaseFrom
	if base.Empty() {
		name := "api_base"
		if r.Client == OpenAI {
			name = "azure_endpoint"
		}
		r.cause(Cause{ID: BaseMissing, Value: base, Param: name, Breaks: true, Detail: "no address is configured where this client looks for one"})
		return
	}
	text := base.Text.Reveal()
	p := strings.TrimRight(pathOf(text), "/")
	detail := ""
	switch {
	case r.out.Provider == "azure_ai":
		if strings.HasSuffix(p, "/chat/completions") && strings.Contains(r.out.URL, "/chat/completions/chat/completions") {
			detail = "it is a whole request's address"
		}
	case strings.Contains(r.out.URL, "/openai/v1/openai/"), strings.Contains(r.out.URL, "/openai/openai/"):
		detail = "it ends in a path that the client adds itself"
	case strings.Contains(r.out.URL, "//openai/"):
		detail = "it ends in a slash, and the path is added as it is"
	case strings.HasSuffix(p, "/openai/v1") && strings.Contains(r.out.URL, "/deployments/"):
		detail = "it ends in /openai/v1, and the api-version is a dated one"
	case strings.Contains(p, "/deployments/") && strings.HasSuffix(p, operation(r.Kind)) && !strings.Contains(r.out.URL, "/responses"):
		detail = "it is a whole request's address, and the client adds the operation once more"
	case strings.Contains(text, "?") && r.Kind != Responses && !strings.Contains(r.out.URL, "/responses"):
		detail = "it has a query, and the client adds a path behind it"
	}
	if detail != "" {
		r.cause(Cause{ID: BasePath, Value: base, Param: r.nameOf(base), Detail: detail, Breaks: true})
	}
}

// causesOfVersion is what api_version does.
func (r *resolver) causesOfVersion() {
	v := r.out.VersionOf
	if !r.out.Azure || !v.Set {
		return
	}
	switch text := v.Text.Reveal(); {
	case v.Type == Date:
		r.cause(Cause{ID: VersionInvalid, Value: v, Param: r.nameOf(v), Breaks: r.Client == Proxy, Detail: "YAML reads it as a date, so that LiteLLM gets no text"})
	case strings.Contains(text, "api-version="), strings.Contains(text, "?"):
		r.cause(Cause{ID: VersionInvalid, Value: v, Param: r.nameOf(v), Breaks: true, Detail: "it holds api-version= itself"})
	}
}

// causesOfChoice is what was sent instead of what was meant.
func (r *resolver) causesOfChoice() {
	if !r.out.Azure || !r.asked {
		return
	}
	if f := r.out.Fails; f != nil && f.Type == "MutuallyExclusiveAuthError" {
		r.cause(Cause{ID: TwoCredentials, Value: r.firstSet(), Param: r.nameOf(r.firstSet()), Breaks: true,
			Detail: "this openai-python refuses more than one credential at once"})
	}
	if r.Provider && r.hasReason(FromProvider, droppedProvider) {
		r.cause(Cause{ID: ProviderDropped, Param: "azure_ad_token_provider", Value: unset("azure_ad_token_provider"),
			Breaks: r.out.Source == FromNone, Detail: "this release leaves it out"})
	}
	if r.hasReasonAny("the path of o-series names takes keys only") {
		r.cause(Cause{ID: OSeriesDropsToken, Param: "model", Value: Value{Set: true, From: "litellm_params.model", At: r.At},
			Breaks: r.out.Source == FromNone, Detail: "the deployment's name holds o1 or o3, and this release then sends keys only"})
	}
	if r.hasReasonAny("this release hands the v1 client keys only") {
		r.cause(Cause{ID: V1DropsToken, Param: r.nameOf(r.out.VersionOf), Value: r.out.VersionOf, Breaks: r.out.Source == FromNone,
			Detail: "with this api_version this release drops tokens and providers"})
	}
	lost := r.lost()
	switch r.out.Source {
	case FromKey:
		if lost || r.out.Credential.Empty() {
			r.cause(Cause{ID: KeyShadowsToken, Value: r.out.Credential, Param: r.nameOf(r.out.Credential), Breaks: r.out.Credential.Empty(),
				Certain: r.Client == Proxy && decide("litellm", chatClient, r.Versions.LiteLLM) == "all", Detail: keyDetail(r.out.Credential, lost)})
		}
	case FromToken:
		c := r.out.Credential
		if r.Provider || len(r.out.Shadowed) > 0 || c.Empty() {
			r.cause(Cause{ID: StaticTokenShadows, Value: c, Param: r.nameOf(c), Breaks: c.Empty(), Detail: "a token that nobody renews is sent"})
		}
	case FromPassword:
		r.cause(Cause{ID: UserSignIn, Value: r.out.Credential, Param: r.nameOf(r.out.Credential), Certain: false,
			Detail: "a user's name and password are sent to Entra, which a second factor or a policy refuses"})
	}
	if name, v, ok := r.ownCredential(); ok {
		whose := "extra_headers"
		if r.common {
			whose = "headers"
		}
		detail := whose + " replaces what the client would send"
		if len(r.out.Beside) > 0 {
			name, v = r.out.Beside[0], r.out.Extra[r.out.Beside[0]]
			detail = whose + " names the header in other letters than the client, so that both go along, one beside the other"
		}
		r.cause(Cause{ID: HeaderOverridden, Value: v, Param: whose + "." + name, Detail: detail})
	}
}

func keyDetail(v Value, lost bool) string {
	switch {
	case v.Empty() && v.Var != "":
		return "it is set, but empty, which is what an undefined secret becomes"
	case v.Empty():
		return "it is set, but empty"
	case lost:
		return "a key is sent, and the token is not"
	}
	return ""
}

// lost reports whether a source of tokens is configured that is not sent.
func (r *resolver) lost() bool {
	if r.refresh.why != "" {
		return true
	}
	for _, s := range r.out.Shadowed {
		if s.Source != FromKey {
			return true
		}
	}
	return false
}

// firstSet is the first credential with a place or a variable, for the finding
// to point at.
func (r *resolver) firstSet() Value {
	for _, c := range r.sources {
		if c.value.Set {
			return c.value
		}
	}
	return Value{}
}

func (r *resolver) hasReason(s Source, why string) bool {
	for _, c := range r.sources {
		if c.source == s && c.why == why {
			return true
		}
	}
	return false
}

func (r *resolver) hasReasonAny(why string) bool {
	for _, c := range r.sources {
		if c.why == why {
			return true
		}
	}
	return false
}

// causesOfEntra is what a source that asks Entra brings with it.
func (r *resolver) causesOfEntra() {
	if !r.out.Source.AcquiredToken() || r.out.Source == FromProvider {
		if c := r.brokenOIDC(); c != nil {
			r.cause(*c)
		}
		return
	}
	switch r.out.Source {
	case FromOIDC:
		for _, n := range []string{"tenant_id", "client_id"} {
			if v := r.out.Entra[n]; v.Empty() {
				r.cause(Cause{ID: OIDCIncomplete, Value: v, Param: n, Breaks: true, Detail: "oidc/… needs a tenant and a client"})
			}
		}
		r.cause(Cause{ID: OIDCOutlived, Value: r.out.Credential, Param: r.nameOf(r.out.Credential),
			Detail: "LiteLLM keeps the exchanged token in its client, which can outlive it"})
	case FromClientSecret, FromPassword:
		if mixed(r.out.Entra) {
			r.cause(Cause{ID: MixedPrincipal, Value: r.out.Credential, Param: r.nameOf(r.out.Credential),
				Detail: "some fields come from the configuration and some from the environment"})
		}
	case FromManagedIdentity:
		if v := r.variable("AZURE_CLIENT_ID"); !r.refresh.class.Set {
			r.cause(Cause{ID: ManagedByAccident, Value: v, Param: "AZURE_CLIENT_ID",
				Detail: "AZURE_CLIENT_ID without a secret means a managed identity to LiteLLM"})
		}
	}
	if v := r.out.ScopeFrom; v.Set && v.Text.Reveal() != defaultScope {
		r.cause(Cause{ID: ScopeOverridden, Value: v, Param: r.nameOf(v), Breaks: v.Empty(), Detail: "a token for another audience is asked for"})
	} else if host := r.variable("AZURE_AUTHORITY_HOST"); !v.Set && !host.Empty() && !strings.Contains(host.Text.Reveal(), "login.microsoftonline.com") {
		r.cause(Cause{ID: SovereignScope, Value: host, Param: "AZURE_AUTHORITY_HOST", Detail: "the scope stays the public cloud's unless azure_scope says otherwise"})
	}
}

// brokenOIDC is the cause where oidc/… failed, or went along unexchanged.
func (r *resolver) brokenOIDC() *Cause {
	for _, s := range r.sources {
		failed := s.source == FromOIDC && r.out.Fails != nil && !r.out.Credential.Set
		bare := s.source == FromToken && same(s.value, r.out.Credential) && strings.HasPrefix(s.value.Text.Reveal(), "oidc/")
		if failed || bare {
			return &Cause{ID: OIDCIncomplete, Value: s.value, Param: r.nameOf(s.value), Breaks: true, Detail: "oidc/… cannot be exchanged as it is"}
		}
	}
	return nil
}

// mixed reports whether a principal's fields come from both parameters and
// variables.
func mixed(fields map[string]Value) bool {
	files, env := false, false
	for _, v := range fields {
		if v.Var != "" && v.At == (Place{}) {
			env = true
		} else {
			files = true
		}
	}
	return files && env
}

// causesOfRefresh is what the flag enable_azure_ad_token_refresh does or fails
// to do.
func (r *resolver) causesOfRefresh() {
	if !r.out.Azure || r.Client == OpenAI {
		return
	}
	if flag := r.global("enable_azure_ad_token_refresh"); flag.Type != Boolean && !flag.Empty() {
		r.cause(Cause{ID: RefreshOff, Value: flag, Param: "enable_azure_ad_token_refresh", Breaks: r.out.Source == FromNone,
			Detail: "it is no boolean, and LiteLLM then takes it for off"})
	}
	if named := r.variable("AZURE_CREDENTIAL"); r.refresh.class.Set || (r.refresh.swallowed != "" && named.Set) {
		detail := r.refresh.swallowed
		if detail == "" {
			detail = "it names the only credential that LiteLLM tries"
		}
		r.cause(Cause{ID: NamedCredential, Value: named, Param: "AZURE_CREDENTIAL", Breaks: r.refresh.picked == nil, Detail: detail})
	}
}

// causesOfNone is what remains to be said when nothing is sent, and no cause
// before it says why.
func (r *resolver) causesOfNone() {
	f := r.out.Fails
	if !r.out.Azure || !r.asked || r.keyOnly || r.out.Source != FromNone || f != nil && f.Type != "OpenAIError" && f.Type != "TypeError" {
		return
	}
	if _, _, own := r.ownCredential(); own && f == nil {
		return
	}
	for _, c := range r.out.Causes {
		if c.Breaks {
			return
		}
	}
	r.cause(Cause{ID: NoCredential, Value: unset("api_key"), Param: "api_key", Breaks: true, Detail: "nothing that this client would send is configured"})
	if r.Client != OpenAI && !r.refreshOn() {
		r.cause(Cause{ID: RefreshOff, Value: r.global("enable_azure_ad_token_refresh"), Param: "enable_azure_ad_token_refresh",
			Detail: "it is off, and without it LiteLLM looks for no identity of its own"})
	}
}
