package preflight

import (
	"slices"
	"strings"
	"time"
)

// What the access token itself says: before it is sent, and once more when the
// service refuses it, since a fault of the token is then the cause and the
// service's one text for all of them only the consequence.
var claimsDiagnoses = []*Diagnosis{
	{
		ID:    "claims-clock-skew",
		Stage: StageClaims,
		Area:  AreaRuntime,
		// The token works; it is the clients with a cache that go wrong.
		Severity: SeverityWarning,
		Title:    "This machine's clock is wrong, so a good token looks invalid",
		Setting:  SettingCredential,
		When:     when("a token that is valid by the server's date is not by this machine's clock", skewedToken),
		Cause: func(e *Evidence) string {
			return "The token is valid from " + stamp(e.Token.NotBefore) + " to " + stamp(e.Token.ExpiresAt) + ", and it is not by this machine's clock" + skewClause(e) + "."
		},
		Remedy: func(e *Evidence) Remedy {
			d := skew(e)
			switch {
			case d != 0:
			case !e.Issued.IsZero():
				d = e.Now.Sub(e.Issued)
			default:
				d = e.Now.Sub(e.Token.IssuedAt)
			}
			return fixClock(d)
		},
		About:  "The clients keep tokens until they expire by the local clock. With a wrong clock they throw good tokens away, or send expired ones, which the service refuses with a text that names no cause.",
		Verify: "`timedatectl status` shows a synchronised clock.",
		Docs:   docsToken,
		Source: assumed(docsToken),
	},
	{
		ID:      "claims-expired",
		Stage:   StageClaims,
		Area:    AreaAuth,
		Title:   "The access token has expired or is not valid yet",
		Setting: SettingCredential,
		When:    when("the token has expired, or is not valid yet, before it is sent or when the service refuses it", expiredToken),
		Cause: func(e *Evidence) string {
			now := moment(e)
			if d := wrongDate(e); d != 0 {
				return wrongDateCause(e, d)
			}
			if now.Before(e.Token.NotBefore) {
				return "The access token is valid only from " + stamp(e.Token.NotBefore) + ", " + span(e.Token.NotBefore.Sub(now)) + " after it was sent."
			}
			return "The access token expired at " + stamp(e.Token.ExpiresAt) + ", " + span(now.Sub(e.Token.ExpiresAt)) + " before it was used."
		},
		Remedy: func(e *Evidence) Remedy {
			if d := wrongDate(e); d != 0 {
				return fixServerClock(e, d)
			}
			return useOIDC(e, "Acquire the token when it is needed, with a credential that renews it, instead of passing on a token from an earlier step or a variable.")
		},
		About: "A token that was fetched in advance, stored in a variable or cached for too long has expired. The service's 401 does not say which of its four causes it was; the token's exp does. " +
			"A token that is valid by every other clock has met a service, or a gateway in front of it, whose clock is wrong.",
		Verify: "The token's exp lies after the end of the suite.",
		Docs:   docsToken,
		Source: documented(docsToken),
	},
	{
		ID:      "claims-wrong-audience",
		Stage:   StageClaims,
		Area:    AreaDeployment,
		Title:   "The access token is for a different audience from the endpoint's",
		Setting: SettingScope,
		When: either(
			when("the token's aud is none that the data plane takes", foreignTokenAudience),
			when("the service names audiences that a token of the usual scope does not have", unusualAudience)),
		Cause:   audienceCause,
		Remedy:  useListedScope,
		Certain: func(e *Evidence) Certainty { return certainIf(e.Token != nil) },
		Others:  []string{"aoai-token-rejected", "claims-expired", "aoai-auth-header-missing"},
		Settle:  "the aud of the decoded token beside the audiences in the brackets",
		About: "The scope decides the token's aud: https://cognitiveservices.azure.com/.default for Azure OpenAI, https://ai.azure.com/.default for a Foundry project, and .us or .cn in the other clouds. " +
			"A token for Azure's management, for Graph or for the resource's own host is refused. The brackets in the service's text list what this endpoint takes.",
		Verify: "The report's identity shows the audience, and it is one of those in the brackets.",
		Docs:   docsToken,
		Source: observed("https://github.com/Azure-Samples/azure-search-openai-demo/issues/458"),
	},
	{
		ID:      "claims-unverified",
		Stage:   StageClaims,
		Area:    AreaAuth,
		Title:   "The access token lacks a claim that was expected",
		Setting: SettingCredential,
		When:    when("an expectation is set, and the token has no such claim", func(e *Evidence) bool { return unsent(e) && unshown(e) != "" }),
		Cause: func(e *Evidence) string {
			return "The input " + unshown(e) + " is set, and the access token has no claim to compare it with, so the expectation cannot be met."
		},
		Remedy: func(e *Evidence) Remedy {
			return Remedy{Text: "Leave " + orElse(unshown(e), "the input expect-…") + " empty, or use an identity whose token shows the claim.", Kind: SetInput, Params: params("input", unshown(e))}
		},
		About:  "A token is opaque to its bearer by contract: a claim may be missing, or the token unreadable. An expectation that cannot be checked counts as not met.",
		Verify: "The report's identity shows the claim.",
		Docs:   docsToken,
		Source: documented(docsToken),
	},
	{
		ID:      "claims-wrong-tenant",
		Stage:   StageClaims,
		Area:    AreaAuth,
		Title:   "The access token comes from a different tenant from the intended one",
		Setting: SettingTenant,
		When: when("the token's tid is not the tenant that was configured or expected", func(e *Evidence) bool {
			return unsentOrRefused(e) && differs(e.Token, func(c *Claims) string { return c.TenantID }, wantedTenant(e))
		}),
		Cause: func(e *Evidence) string {
			return "The access token was issued by the tenant " + quoted(e.Token.TenantID) + ", and " + quoted(wantedTenant(e)) + " was meant."
		},
		Remedy: func(e *Evidence) Remedy {
			r := setTenant(e)
			r.Text = "Use the tenant of the resource's subscription, and make sure that no other credential of the chain answers first: name the identity in the input identity."
			if e.Setup.Method != MethodDefault && e.Setup.ExpectTenantID != "" {
				r.Text = "Set tenant-id to " + arg(wantedTenant(e), "<tenant-id>") + ", or correct expect-tenant-id, whichever is wrong."
				r.Commands, r.Snippet = nil, "with:\n  tenant-id: "+arg(wantedTenant(e), "<tenant-id>")+"\n"
			}
			r.Kind, r.Params = UseTenant, params("tenant-id", wantedTenant(e))
			return r
		},
		About:  "The chain picked a credential of another tenant, or the expectation names one. The resource takes tokens of its own tenant only.",
		Verify: "The token's tid is the tenant of the resource's subscription.",
		Docs:   docsToken,
		Source: documented(docsToken),
	},
	{
		ID:      "claims-unexpected-principal",
		Stage:   StageClaims,
		Area:    AreaAuth,
		Title:   "The access token belongs to a different principal from the intended one",
		Setting: SettingClient,
		When:    when("the token's application, object or kind is not the one that was configured or expected", unexpectedPrincipal),
		Cause:   principalCause,
		Remedy: func(e *Evidence) Remedy {
			r := useOIDC(e, "Name one identity instead of letting a chain choose: the input identity here, AZURE_TOKEN_CREDENTIALS for the client libraries. Also unset the variables of the credential that answered.")
			if e.Setup.Method != MethodDefault {
				r = meetExpectation(e, r)
			}
			r.Kind, r.Params = UseClient, nil
			if id := orElse(e.Setup.ExpectClientID, e.Setup.ClientID); e.Token == nil || !strings.EqualFold(id, e.Token.AppID) {
				r.Params = params("client-id", id)
			}
			return r
		},
		About:  "DefaultAzureCredential and its kind take the first credential that answers: a runner's managed identity, a user's login, a leftover variable. Roles that were granted to the identity that was meant do not help it.",
		Verify: "The report's identity shows the client id and object id that are meant.",
		Docs:   docsChain,
		Source: documented(docsChain),
	},
	{
		ID:      "claims-no-oid",
		Stage:   StageClaims,
		Area:    AreaAuth,
		Title:   "The access token names no object, so no role can match it",
		Setting: SettingCredential,
		When: either(
			says("at least one of the claims 'puid' or 'altsecid' or 'oid' should be present"),
			when("the token has no oid, and the service refuses it", func(e *Evidence) bool {
				return refused(e) && e.Token != nil && e.Token.ObjectID == "" && e.Token.AppID != ""
			})),
		Cause: func(e *Evidence) string {
			return "The access token of the application " + applicationOf(e) + " holds no oid claim: the application has no service principal in the tenant."
		},
		Remedy: func(e *Evidence) Remedy {
			r := findApplication(e)
			r.Text = "Create the service principal of the application in the tenant, and grant it the role."
			r.Commands = r.Commands[1:]
			return r
		},
		Certain: func(e *Evidence) Certainty { return certainIf(e.Pasted) },
		Others:  []string{"aoai-rbac-missing-data-action"},
		Settle:  "whether the application has a service principal in the tenant",
		About:   "An app registration alone is no principal. Without a service principal in the tenant a token can be issued that names no object, and no role assignment can match it.",
		Verify:  "The token's oid is the object id of the service principal.",
		Docs:    docsCodes,
		Source:  documented(docsCodes),
	},
	{
		ID:       "claims-lifetime-too-short",
		Stage:    StageClaims,
		Area:     AreaAuth,
		Severity: SeverityWarning,
		Title:    "The access token expires sooner than the suite needs",
		Setting:  SettingCredential,
		When: when("the token expires sooner than min-token-lifetime asks for", func(e *Evidence) bool {
			return unsent(e) && e.Setup.MinTokenLifetime > 0 && !expiry(e).IsZero() && lifetime(e) < e.Setup.MinTokenLifetime
		}),
		Cause: func(e *Evidence) string {
			return "The access token expires at " + stamp(expiry(e)) + ", in " + span(lifetime(e)) + ", and min-token-lifetime asks for " + span(e.Setup.MinTokenLifetime) + "."
		},
		Remedy: func(e *Evidence) Remedy {
			return Remedy{
				Text:   "Let the suite use a credential that renews its token instead of one token for the whole run; or lower min-token-lifetime. Entra issues tokens for 60 to 90 minutes unless a policy says otherwise.",
				Kind:   SetInput,
				Params: map[string]string{"input": "min-token-lifetime"},
			}
		},
		About:  "A suite that holds on to one token fails when it expires. Clients that renew the token are not concerned.",
		Verify: "The token's remaining lifetime in the report is longer than the suite takes.",
		Docs:   docsToken,
		Source: documented(docsToken),
	},
}

// unsent reports whether the token has not gone anywhere yet. A target says
// nothing of that: a client's credential is its target's.
func unsent(e *Evidence) bool {
	return e.Problem == nil && len(e.Exchanges) == 0 && e.Text == "" && e.Model == "" && !e.Unnamed
}

func unsentOrRefused(e *Evidence) bool { return e.Token != nil && (unsent(e) || refused(e)) }

// moment is when the token was used: by the server's date where there is one,
// and before it was sent by its issuer's.
func moment(e *Evidence) time.Time {
	if x := failed(e, ServiceModel); x != nil {
		if d := x.ServerDate(); !d.IsZero() {
			return d
		}
	}
	if unsent(e) && !e.Issued.IsZero() {
		return e.Issued
	}
	return e.Now
}

func lifetime(e *Evidence) time.Duration { return max(expiry(e).Sub(moment(e)), 0) }

// expiry is when the token expires: by its own claim, or where it is opaque by
// what its issuer said beside it.
func expiry(e *Evidence) time.Time {
	if e.Token != nil && !e.Token.ExpiresAt.IsZero() {
		return e.Token.ExpiresAt
	}
	return e.ExpiresOn
}

// invalidAt reports whether the token is outside its validity at t. Clocks may
// differ a little.
func invalidAt(c *Claims, t time.Time) bool {
	return !t.IsZero() && ((!c.ExpiresAt.IsZero() && !t.Before(c.ExpiresAt)) || (!c.NotBefore.IsZero() && t.Add(tolerated).Before(c.NotBefore)))
}

func expiredToken(e *Evidence) bool {
	return unsentOrRefused(e) && invalidAt(e.Token, moment(e))
}

// skewedToken: right after it was issued a token is valid by the server's
// clock. One that is not valid by ours shows that ours is wrong.
func skewedToken(e *Evidence) bool {
	if e.Token == nil || !(unsent(e) || refused(e)) || !invalidAt(e.Token, e.Now) {
		return false
	}
	if unsent(e) && !e.Issued.IsZero() {
		return !invalidAt(e.Token, e.Issued)
	}
	if d := skew(e); d != 0 {
		return !invalidAt(e.Token, e.Now.Add(-d))
	}
	// Nobody's date is known, but a token that we have just fetched and that
	// was issued in the future shows the same.
	return unsent(e) && e.Token.IssuedAt.After(e.Now.Add(tolerated))
}

// cognitiveServices is the application id of the service, which stands as the
// audience in tokens of the second version.
const cognitiveServices = "7d312290-28c8-473c-a0ed-8e53749b6d6d"

func foreignTokenAudience(e *Evidence) bool {
	if !unsentOrRefused(e) || len(e.Token.Audience) == 0 || e.Token.HasAudience(cognitiveServices) {
		return false
	}
	accepted := e.Setup.Audiences
	if listed := listedAudiences(e); len(listed) > 0 {
		accepted = listed
	}
	return len(accepted) > 0 && !slices.ContainsFunc(accepted, e.Token.HasAudience)
}

// unusualAudience reports whether a text without a token beside it names
// audiences that the scope which everyone copies does not give: another
// cloud's, or only Foundry's.
func unusualAudience(e *Evidence) bool {
	if e.Token != nil {
		return false
	}
	listed := listedAudiences(e)
	return len(listed) > 0 && !slices.ContainsFunc(listed, func(a string) bool {
		return strings.TrimRight(a, "/") == clouds[0].Audiences[0] || strings.HasPrefix(a, "urn:")
	})
}

var (
	bracketed   = lazy(`(?i)audience is incorrect\s*\(([^)]*)\)`)
	audienceURI = lazy(`https://[a-z]+(?:\.[a-z]+)*?\.(?:com|us|cn)|urn:[A-Za-z:.]+`)
)

// listedAudiences are those that the service's text puts into brackets.
func listedAudiences(e *Evidence) []string {
	return audienceURI().FindAllString(strings.Join(strings.Fields(find(e, bracketed())), ""), 8)
}

// meetExpectation is for a token of the very identity that was configured, where
// no chain chose: one of two inputs is wrong.
func meetExpectation(e *Evidence, otherwise Remedy) Remedy {
	switch s := e.Setup; {
	case e.Token == nil || e.Token.Kind == "user":
	case s.ExpectClientID != "" && !strings.EqualFold(s.ExpectClientID, e.Token.AppID):
		id := arg(s.ExpectClientID, "<client-id>")
		return Remedy{Text: "Set client-id to " + id + ", or correct expect-client-id, whichever is wrong.", Snippet: "with:\n  client-id: " + id + "\n"}
	case s.ExpectObjectID != "" && !strings.EqualFold(s.ExpectObjectID, e.Token.ObjectID):
		return Remedy{
			Text:     "Set client-id to that of the application or identity whose object id is expected, which the command prints, or correct expect-object-id, whichever is wrong.",
			Commands: []string{command("az", "ad", "sp", "show", "--id", arg(s.ExpectObjectID, "<object-id>"), "--query", "appId", "-o", "tsv")},
		}
	}
	return otherwise
}

// wantedTenant is the tenant that was meant: a domain cannot be compared.
func wantedTenant(e *Evidence) string {
	if t := orElse(e.Setup.ExpectTenantID, e.Setup.TenantID); guid().MatchString(t) {
		return t
	}
	return ""
}

// differs reports whether both values are known and not the same.
func differs(c *Claims, claim func(*Claims) string, want string) bool {
	return c != nil && want != "" && claim(c) != "" && !strings.EqualFold(claim(c), want)
}

func unexpectedPrincipal(e *Evidence) bool {
	if !unsentOrRefused(e) {
		return false
	}
	return differs(e.Token, func(c *Claims) string { return c.ObjectID }, e.Setup.ExpectObjectID) ||
		differs(e.Token, func(c *Claims) string { return c.AppID }, orElse(e.Setup.ExpectClientID, e.Setup.ClientID)) ||
		strangeUser(e)
}

// unshown is the input whose expectation the token has no claim for, "" when
// there is none.
func unshown(e *Evidence) string {
	t := e.Token
	if t == nil {
		t = &Claims{}
	}
	for _, x := range []struct{ input, want, claim string }{
		{"expect-tenant-id", e.Setup.ExpectTenantID, t.TenantID},
		{"expect-client-id", e.Setup.ExpectClientID, t.AppID},
		{"expect-object-id", e.Setup.ExpectObjectID, t.ObjectID},
	} {
		if x.want != "" && x.claim == "" {
			return x.input
		}
	}
	return ""
}

// strangeUser reports whether a user's token is used where only an application
// was meant: anywhere but in a chain on somebody's desk.
func strangeUser(e *Evidence) bool {
	return e.Token.Kind == "user" && (e.Job.Actions || e.Setup.Method != MethodDefault)
}

// The sentences and remedies of this file.

func audienceCause(e *Evidence) string {
	accepted := listedAudiences(e)
	if len(accepted) == 0 {
		accepted = e.Setup.Audiences
	}
	if e.Token != nil {
		return "The access token is for the audience " + quoted(strings.Join(e.Token.Audience, " ")) + ", and the endpoint takes " + strings.Join(quotedAll(accepted), " or ") + "."
	}
	return "The endpoint takes tokens for " + strings.Join(quotedAll(accepted), " or ") + ", so a token of the usual scope " + quoted(clouds[0].Scope) + " is for another audience."
}

func principalCause(e *Evidence) string {
	t := e.Token
	who := "the application " + quoted(t.AppID)
	switch {
	case t.ManagedIdentity != "":
		who += " (the managed identity " + quoted(t.ManagedIdentity) + ")"
	case t.User != "" || t.Kind == "user":
		who = "a user, through " + who
	}
	cause := "The access token is that of " + who + " with the object id " + quoted(t.ObjectID)
	switch {
	case differs(t, func(c *Claims) string { return c.ObjectID }, e.Setup.ExpectObjectID):
		return cause + ", and the object id " + quoted(e.Setup.ExpectObjectID) + " was expected."
	case differs(t, func(c *Claims) string { return c.AppID }, orElse(e.Setup.ExpectClientID, e.Setup.ClientID)):
		return cause + ", and the client id " + quoted(orElse(e.Setup.ExpectClientID, e.Setup.ClientID)) + " was meant."
	}
	return cause + ", where an application was meant."
}

// useListedScope asks for a scope of the first audience that the endpoint
// names.
func useListedScope(e *Evidence) Remedy {
	r := useScope(e)
	listed := listedAudiences(e)
	if len(listed) == 0 {
		listed = e.Setup.Audiences
	}
	for _, a := range listed {
		if strings.HasPrefix(a, "https://") && arg(a, "") != "" {
			scope := strings.TrimRight(a, "/") + "/.default"
			r.Text = "Ask for the scope " + scope + ", or leave the input scope empty and let it follow from the endpoint's cloud."
			r.Snippet = "with:\n  scope: " + scope + "\n"
			r.Params = map[string]string{"scope": scope}
			return r
		}
	}
	return r
}
