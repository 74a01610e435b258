package main

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
	"github.com/aoai-preflight/aoai-preflight/preflight/litellm"
)

// An aspect is one of the things that are compared.
type aspect int

// The aspects.
const (
	inHeader aspect = iota
	inCredential
	inURL
	inOutcome
	aspects // how many there are
)

var aspectNames = [aspects]string{"header", "credential", "URL", "outcome"}

// A difference is a disagreement about one aspect.
type difference struct {
	aspect    aspect
	want, got string // what Resolve said, what the client did
}

func (d difference) String() string {
	return fmt.Sprintf("%s: Resolve says %s, the client %s", aspectNames[d.aspect], d.want, d.got)
}

// compare sets what Resolve said against what the client did.
func (l *lab) compare(c *combination, s *litellm.Sending, o *observation) []difference {
	if s.Fails != nil {
		return l.compareFailure(s, o)
	}
	if s.Source.AcquiredToken() && s.Source != litellm.FromProvider {
		if d, done := l.compareAcquired(c, s, o); done {
			return d
		}
	}
	if len(o.sent) == 0 && !o.OK && (hostless(s.URL) || refusedHere(o) || o.refused && exchanges(c)) {
		return nil // there is nowhere to send it, or what was prepared on the side was refused
	}
	if len(o.sent) == 0 {
		return []difference{{inOutcome, "a request goes to " + s.URL, fmt.Sprintf("sent nothing (%s: %.200s)", o.Error, l.veil(o.Text))}}
	}
	sent := o.sent[0]
	var all []difference
	differ := func(a aspect, want, got string) {
		if want != got {
			all = append(all, difference{a, want, got})
		}
	}
	if sent.Method != http.MethodConnect {
		want := l.presented(c, s)
		differ(inHeader, headerOf(want), header(sent))
		differ(inCredential, credentialOf(want), l.credential(sent))
	}
	differ(inURL, l.expectedAddress(s, sent), address(sent)+modelIn(s, sent))
	if last := o.sent[len(o.sent)-1]; o.OK && last.Status != http.StatusOK {
		differ(inOutcome, fmt.Sprintf("the answer is %d", last.Status), "worked")
	}
	return all
}

// hostless reports whether a URL names no host, since the base was empty.
func hostless(text string) bool {
	u, err := url.Parse(text)
	return err != nil || u.Host == ""
}

// compareFailure is for a client that is said to raise before it sends.
func (l *lab) compareFailure(s *litellm.Sending, o *observation) []difference {
	want := fmt.Sprintf("%s: %s", s.Fails.Type, s.Fails.Text)
	switch {
	case !o.OK && len(o.sent) == 0 && (o.refused || s.Fails.Type == "APIConnectionError" || refusedHere(o)):
		// A service refused the token before the client came to that, which
		// Resolve cannot know; or nothing can be sent, in whatever words.
	case o.OK || len(o.sent) > 0:
		return []difference{{inOutcome, "raises " + want, "does: " + l.show(o)}}
	case s.Fails.Text != "" && !strings.Contains(o.Text, s.Fails.Text):
		return []difference{{inOutcome, "raises " + want, fmt.Sprintf("raises %s: %.300s", o.Error, l.veil(o.Text))}}
	}
	return nil
}

// compareAcquired is for tokens that the client has to ask for. It reports
// whether there is nothing more to compare, since none was issued.
func (l *lab) compareAcquired(c *combination, s *litellm.Sending, o *observation) ([]difference, bool) {
	want := l.wanted(s)
	if len(o.asked) == 0 {
		if !o.OK && len(o.sent) == 0 && (o.refused || refusedHere(o)) {
			return nil, true // what it takes to ask was refused
		}
		return []difference{{inCredential, "asks for a token by " + want, "did not ask; " + l.show(o)}}, true
	}
	last := o.used()
	var all []difference
	got := l.asked(s, last)
	if o.refused && len(o.sent) == 0 && !o.OK && (got != want || last.Asked.Type != grantOf[s.Source]) && exchanges(c) {
		return nil, true // of the exchange, or of the token that was to be its assertion
	}
	if got != want {
		all = append(all, difference{inCredential, "asks for a token by " + want, got})
	}
	if o.refused {
		if len(o.sent) > 0 || o.OK {
			all = append(all, difference{inOutcome, "no token, no request", l.show(o)})
		}
		return all, true
	}
	return all, len(all) > 0
}

// localRefusals begin what azure-identity says when it has nothing to ask with:
// files are not there, or are no certificate. Resolve does not look into files.
var localRefusals = []string{
	"DefaultAzureCredential failed to retrieve a token", "No such file or directory", "EnvironmentCredential authentication unavailable",
	"WorkloadIdentityCredential authentication unavailable", "Azure CLI not found on path", "An invalid scope was provided", "Password was given but private key is not encrypted",
}

func refusedHere(o *observation) bool {
	return slices.ContainsFunc(localRefusals, func(t string) bool { return strings.Contains(o.Text, t) })
}

// exchanges reports whether a combination has LiteLLM exchange an assertion,
// which it does before it looks at other credentials.
func exchanges(c *combination) bool {
	t, _ := c.Params["azure_ad_token"].(string)
	return strings.HasPrefix(t, "oidc/") || strings.HasPrefix(c.Env["AZURE_AD_TOKEN"], "oidc/")
}

// grantOf is how a source of tokens asks for them.
var grantOf = map[litellm.Source]string{
	litellm.FromClientSecret:     azurelab.GrantSecret,
	litellm.FromCertificate:      azurelab.GrantCertificate,
	litellm.FromPassword:         azurelab.GrantPassword,
	litellm.FromManagedIdentity:  azurelab.GrantManagedIdentity,
	litellm.FromOIDC:             azurelab.GrantFederated,
	litellm.FromWorkloadIdentity: azurelab.GrantFederated,
}

// wanted is the grant that Resolve says, in the words of [lab.asked].
func (l *lab) wanted(s *litellm.Sending) string {
	e := func(name string) string {
		if v, ok := s.Entra[name]; ok && !v.Empty() {
			return l.named(v.Text.Reveal())
		}
		return "-"
	}
	switch s.Source {
	case litellm.FromClientSecret:
		return fmt.Sprintf("%s tenant %s client %s scope %s secret %s", azurelab.GrantSecret, e("tenant_id"), e("client_id"), l.named(s.Scope), e("client_secret"))
	case litellm.FromCertificate:
		return fmt.Sprintf("%s tenant %s client %s scope %s", azurelab.GrantCertificate, e("tenant_id"), e("client_id"), l.named(s.Scope))
	case litellm.FromPassword:
		return fmt.Sprintf("%s client %s user %s scope %s password %s", azurelab.GrantPassword, e("client_id"), e("username"), l.named(s.Scope), e("password"))
	case litellm.FromManagedIdentity:
		return fmt.Sprintf("%s client %s scope %s", azurelab.GrantManagedIdentity, e("client_id"), l.named(s.Scope))
	case litellm.FromOIDC:
		return fmt.Sprintf("%s tenant %s client %s scope %s", azurelab.GrantFederated, e("tenant_id"), e("client_id"), l.named(s.Scope))
	case litellm.FromWorkloadIdentity:
		return fmt.Sprintf("%s tenant %s client %s scope %s", azurelab.GrantFederated, e("tenant_id"), e("client_id"), l.named(s.Scope))
	}
	return "something, scope " + l.named(s.Scope)
}

// asked is a request for a token, with as much of it as Resolve knows for the
// source.
func (l *lab) asked(s *litellm.Sending, r azurelab.Request) string {
	e := func(v string) string {
		if v == "" {
			return "-"
		}
		return l.named(v)
	}
	g := r.Asked
	scope := g.Scope
	if g.Type == azurelab.GrantManagedIdentity {
		scope += "/.default"
	}
	switch s.Source {
	case litellm.FromDefault, litellm.FromNamed:
		return "something, scope " + l.named(scope)
	}
	switch g.Type {
	case azurelab.GrantSecret:
		return fmt.Sprintf("%s tenant %s client %s scope %s secret %s", g.Type, e(g.TenantID), e(g.ClientID), l.named(scope), l.symbol(r.Digest, nil))
	case azurelab.GrantPassword:
		return fmt.Sprintf("%s client %s user %s scope %s password %s", g.Type, e(g.ClientID), e(g.User), l.named(scope), l.symbol(r.Digest, nil))
	case azurelab.GrantManagedIdentity:
		return fmt.Sprintf("%s client %s scope %s", g.Type, e(g.ClientID), l.named(scope))
	}
	return fmt.Sprintf("%s tenant %s client %s scope %s", g.Type, e(g.TenantID), e(g.ClientID), l.named(scope))
}

// presented is what the headers for credentials should hold, in the words of
// [lab.symbol].
func (l *lab) presented(c *combination, s *litellm.Sending) map[string][]string {
	all := map[string][]string{}
	if s.Header != "" {
		all[strings.ToLower(s.Header)] = []string{l.sent(c, s)}
	}
	if s.AlsoBearer {
		all["authorization"] = []string{l.sent(c, s)}
	}
	for given, v := range s.Extra {
		if name := strings.ToLower(given); (name == "api-key" || name == "x-api-key" || name == "authorization") && !slices.Contains(s.Beside, given) {
			all[name] = []string{l.given(v)}
		}
	}
	for _, given := range s.Beside {
		name := strings.ToLower(given)
		all[name] = append(all[name], l.given(s.Extra[given]))
	}
	return all
}

// given is a header's value, in the words of [lab.symbol].
func (l *lab) given(v litellm.Value) string {
	return l.symbol(azurelab.Digest(strings.TrimPrefix(v.Text.Reveal(), "Bearer ")), nil)
}

// sent is the credential that Resolve says, in the words of [lab.symbol].
func (l *lab) sent(c *combination, s *litellm.Sending) string {
	switch {
	case s.Source == litellm.FromProvider:
		return c.Provider
	case s.Source.AcquiredToken():
		return "issued"
	}
	if s.Source == litellm.FromNone {
		return "None" // Python's, as a text
	}
	return l.symbol(azurelab.Digest(s.Credential.Text.Reveal()), nil)
}

// expectedAddress is the URL that Resolve says, in the words of [address].
func (l *lab) expectedAddress(s *litellm.Sending, r azurelab.Request) string {
	u, err := url.Parse(s.URL)
	if err != nil {
		return "no URL: " + s.URL
	}
	host := strings.ToLower(u.Host)
	text := host + cmp.Or(u.Path, "/")
	if r.Method == http.MethodConnect {
		text = host + " (not reached)"
	} else if q := u.Query(); len(q) > 0 {
		var query []string
		for _, k := range slices.Sorted(maps.Keys(q)) {
			if k == "api-version" {
				k += "=" + q.Get(k)
			}
			query = append(query, k)
		}
		text += "?" + strings.Join(query, "&")
	}
	if s.InBody {
		text += " model " + s.Deployment
	}
	return text
}

// modelIn is the body's model, where the deployment is said to travel in it.
func modelIn(s *litellm.Sending, r azurelab.Request) string {
	if !s.InBody {
		return ""
	}
	return " model " + r.BodyModel
}
