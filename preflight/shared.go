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

// The diagnoses that hold for every deployment of a resource: for whoever
// calls, for all calls with the credential, for all of one data action. Data
// roles are assigned at the resource or above, never at a deployment.
var (
	ofHost       = []string{"net-public-access-disabled", "net-firewall-denied"}
	ofCredential = []string{"net-vnet-wrong-endpoint", "aoai-tenant-mismatch", "aoai-no-custom-subdomain", "aoai-key-auth-disabled", "aoai-key-invalid", "aoai-token-rejected", "aoai-auth-header-missing"}
	ofAction     = []string{"aoai-rbac-missing-data-action"}
)

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
	case holdsAny(e, ofHost):
		return &scopes[0]
	case holdsAny(e, ofCredential):
		return &scopes[1]
	case holdsAny(e, ofAction):
		return &scopes[2]
	}
	return nil
}

// holdsAny reports whether one of the diagnoses would hold, were it the first
// to be asked: a client's own cause may stand before it.
func holdsAny(e *Evidence, ids []string) bool {
	return slices.ContainsFunc(ids, func(id string) bool {
		d, ok := Lookup(id)
		return ok && d.When.Holds(e)
	})
}
