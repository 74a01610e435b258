package preflight

import (
	"net/url"
	"slices"
	"strings"
)

// What a failed call says of other calls. Only what the service decides before
// it looks at the deployment is shared, and only where it is the service that
// decides: behind a gateway every path may lead elsewhere.

// scopesOf are what a call has in common with others, from the wide to the
// narrow.
func scopesOf(r *run, t *Target, f form, headers string) []scope {
	u, err := url.Parse(t.url(f))
	if err != nil {
		return nil
	}
	host := scope{host: strings.ToLower(u.Host)}
	credential := host
	credential.who, credential.headers, credential.surface = r, headers, surface(u.Path)
	action := credential
	action.action = string(t.Operation) + " " + f.path
	return []scope{host, credential, action}
}

// surface is the part of a service's paths that take the same credentials: the
// v1 route takes a key as a bearer, a Foundry project takes another audience.
func surface(path string) string {
	for _, prefix := range []string{"/openai/v1/", "/openai/"} {
		if strings.HasPrefix(path, prefix) {
			return prefix
		}
	}
	return path
}

// unreached are the faults of a request that never left.
var unreached = []Fault{FaultDNSNotFound, FaultDNS, FaultRefused, FaultConnect, FaultProxy, FaultTLSTrust, FaultTLSHost, FaultTLSExpired, FaultTLS}

// sharedBy is the widest of a call's scopes that its failure holds for, nil
// when others may fare better.
func sharedBy(e *Evidence, scopes []scope) *scope {
	x := failed(e, ServiceModel)
	if x == nil || len(scopes) < 3 {
		return nil
	}
	switch {
	case x.Status == 0:
		if slices.Contains(unreached, x.Fault) {
			return &scopes[0]
		}
	case x.Fault != FaultNone || cloudOf(x.Host) == nil:
	case holdsFor(e, ReachHost):
		return &scopes[0]
	case holdsFor(e, ReachCredential):
		return &scopes[1]
	case holdsFor(e, ReachAction):
		return &scopes[2]
	}
	return nil
}

// holdsFor reports whether a diagnosis of the reach would hold, were it the
// first to be asked: a client's own cause may stand before it.
func holdsFor(e *Evidence, reach Reach) bool {
	return slices.ContainsFunc(Catalogue, func(d *Diagnosis) bool { return d.Reach == reach && d.When.Holds(e) })
}
