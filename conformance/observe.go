package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// An observation is what one call did, in the words of an [expectation].
type observation struct {
	outcome
	asked    []azurelab.Request // for tokens, at Entra and the metadata service
	sent     []azurelab.Request // to a model, a gateway or anywhere else
	refused  bool               // the last request for a token, or for an ID token, was
	assisted int                // requests for an ID token
}

// observe runs a combination with the real client.
func (l *lab) observe(d *driver, c *combination) (*observation, error) {
	l.behave(c.Behaviour)
	line, err := l.filled(c)
	if err != nil {
		return nil, err
	}
	_, before := l.requestsSince(0)
	o := &observation{}
	if o.outcome, err = d.call(line); err != nil {
		return nil, err
	}
	requests, _ := l.requestsSince(before)
	for _, r := range requests {
		switch r.Service {
		case azurelab.ServiceGitHub:
			o.assisted++
			o.refused = r.Status != http.StatusOK
		case azurelab.ServiceEntra, azurelab.ServiceIMDS:
			switch {
			case r.Asked != nil:
				o.asked = append(o.asked, r)
				o.refused = r.Status != http.StatusOK
			case r.Method == http.MethodPost, r.Service == azurelab.ServiceIMDS && r.Status == http.StatusBadRequest && r.Path == imdsToken && slices.Contains(r.Query, "resource"):
				o.refused = true // at an address that is nobody's, //TENANT/…; or without a resource
			}
		default:
			if r.Host != tokenizerHost {
				o.sent = append(o.sent, r)
			}
		}
	}
	return o, nil
}

// used is the request for the token that was sent, else the last one: LiteLLM
// asks for tokens on the side that it then does not send.
func (o *observation) used() azurelab.Request {
	if len(o.sent) > 0 && o.sent[0].Issued != nil {
		for _, r := range o.asked {
			if *r.Asked == *o.sent[0].Issued {
				return r
			}
		}
	}
	return o.asked[len(o.asked)-1]
}

// tokenizerHost is where LiteLLM looks for the tables to count tokens with, now
// and then and without a credential: no part of the call.
const tokenizerHost = "openaipublic.blob.core.windows.net"

// imdsToken is where managed identities are asked for tokens.
const imdsToken = "/metadata/identity/oauth2/token"

// header is which headers for credentials a request had.
func header(r azurelab.Request) string { return headerOf(r.Presented) }

// headerOf is the names of headers, each as often as it is there.
func headerOf(presented map[string][]string) string {
	var all []string
	for _, name := range sortedKeys(presented) {
		for range presented[name] {
			all = append(all, name)
		}
	}
	return orNone(all)
}

// credential is what a request proved itself with: a symbol, or for an acquired
// token how and for whom it was issued.
func (l *lab) credential(r azurelab.Request) string {
	presented := map[string][]string{}
	for name, digests := range r.Presented {
		for _, digest := range digests {
			presented[name] = append(presented[name], l.symbol(digest, r.Issued))
		}
	}
	return credentialOf(presented)
}

// credentialOf is what the headers hold. The order of two of one name is the
// client's own matter.
func credentialOf(presented map[string][]string) string {
	var all []string
	for _, name := range sortedKeys(presented) {
		all = append(all, slices.Sorted(slices.Values(presented[name]))...)
	}
	return orNone(all)
}

func orNone(all []string) string {
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(all, " and ")
}

func (l *lab) symbol(digest string, g *azurelab.Grant) string {
	if s, ok := l.name[digest]; ok {
		return s
	}
	if g != nil {
		return "issued" // to whom, the request for it has told
	}
	return "unknown " + digest
}

// grant is a grant with symbols.
func (l *lab) grant(g azurelab.Grant) string {
	parts := []string{g.Type}
	for _, p := range []string{g.TenantID, g.ClientID, g.User, g.Scope} {
		if p != "" {
			parts = append(parts, l.named(p))
		}
	}
	return strings.Join(parts, " ")
}

func (l *lab) named(text string) string {
	if s, ok := l.name[azurelab.Digest(text)]; ok {
		return s
	}
	return text
}

// url is where a request went, as far as the log has it.
func address(r azurelab.Request) string {
	u := r.Host + r.Path
	if r.Method == http.MethodConnect {
		return r.Host + " (not reached)"
	}
	query := slices.Clone(r.Query)
	for i, k := range query {
		if k == "api-version" {
			query[i] = "api-version=" + r.APIVersion
		}
	}
	if len(query) > 0 {
		u += "?" + strings.Join(query, "&")
	}
	return u
}

// String is the observation in a line or two.
func (l *lab) show(o *observation) string {
	var b strings.Builder
	for _, r := range o.asked {
		fmt.Fprintf(&b, "token asked for by %s: %d; ", l.grant(*r.Asked), r.Status)
	}
	for _, r := range o.sent {
		fmt.Fprintf(&b, "sent %s %s to %s: %d; ", header(r), l.credential(r), address(r), r.Status)
	}
	if o.OK {
		b.WriteString("it worked")
	} else {
		text := l.veil(o.Text)
		if len(text) > 300 {
			text = text[:300] + "…"
		}
		fmt.Fprintf(&b, "%s: %s", o.Error, strings.ReplaceAll(text, "\n", " "))
	}
	return b.String()
}
