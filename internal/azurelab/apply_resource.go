package azurelab

import (
	"fmt"
	"slices"
	"strings"
)

// Repairs of the resource, of the gateway in front of it and of the way there.

// resourceOr finds a resource by name or host, or the one that the job means.
func (w *World) resourceOr(name string) (*Resource, error) {
	if name == "" {
		return &w.Resources[0], nil
	}
	if r := w.resource(name); r != nil {
		return r, nil
	}
	return nil, fmt.Errorf("no resource %s", name)
}

func (w *World) gatewayOr(host string) (*Gateway, error) {
	for i := range w.Gateways {
		if g := &w.Gateways[i]; host == "" || strings.EqualFold(g.Host, host) {
			return g, nil
		}
	}
	return nil, fmt.Errorf("no gateway %s", host)
}

func assignRole(w *World, p params) error {
	r, err := w.resourceOr(p["scope-resource"])
	if err != nil {
		return err
	}
	role := roleNamed(p["role"])
	if role == nil {
		return fmt.Errorf("no role %s", p["role"])
	}
	if !w.hasPrincipal(p["principal-id"]) {
		// The control plane answers PrincipalNotFound.
		return fmt.Errorf("no principal %s", p["principal-id"])
	}
	r.Roles = append(r.Roles, RoleAssignment{PrincipalID: p["principal-id"], RoleID: role.id})
	return nil
}

func (w *World) hasPrincipal(objectID string) bool {
	for _, t := range w.Tenants {
		if slices.ContainsFunc(t.Apps, func(a App) bool { return a.ObjectID == objectID }) {
			return true
		}
	}
	return slices.ContainsFunc(w.Managed, func(m ManagedIdentity) bool { return m.ObjectID == objectID }) ||
		slices.ContainsFunc(w.Gateways, func(g Gateway) bool { return g.Identity == objectID })
}

// createSubdomain gives a resource a name of its own. The remedy ends with the
// use of that name, since the region's endpoint takes no token even then.
func createSubdomain(w *World, p params) error {
	r, err := w.resourceOr(p["resource"])
	if err != nil {
		return err
	}
	r.CustomSubdomain = true
	r.Hosts = []string{r.Name + "." + r.Cloud.facts().openAI}
	w.Job.set("endpoint", r.Endpoint())
	return nil
}

// allowNetwork lets the runner's address in, and no other.
func allowNetwork(w *World, p params) error {
	r, err := w.resourceOr(p["resource"])
	if err != nil {
		return err
	}
	r.Network.PublicAccessDisabled = false
	r.Network.Firewall = true
	r.Network.Allowed = append(r.Network.Allowed, w.Runner.EgressIP)
	return nil
}

func enableKeys(w *World, p params) error {
	r, err := w.resourceOr(p["resource"])
	if err != nil {
		return err
	}
	r.KeyAuthDisabled = false
	return nil
}

func raiseQuota(w *World, p params) error {
	r := &w.Resources[0]
	if p["deployment"] == "" {
		for i := range r.Deployments {
			r.Deployments[i].RateLimit = nil
		}
		return nil
	}
	d := r.Deployment(p["deployment"])
	if d == nil {
		return fmt.Errorf("no deployment %s", p["deployment"])
	}
	d.RateLimit = nil
	return nil
}

// deployModel deploys a chat model under the name that was asked for.
func deployModel(w *World, p params) error {
	name := p["deployment"]
	if name == "" {
		name = "chat"
	}
	r := &w.Resources[0]
	if d := r.Deployment(name); d != nil {
		return fmt.Errorf("the deployment %s exists", name)
	}
	r.Deployments = append(r.Deployments, Deployment{Name: name, Model: "gpt-4.1-mini", Version: "2025-04-14", Operations: []Operation{Chat, Responses}})
	return nil
}

// repair removes the faults of some kinds on the way to a host, or to every
// host. It is an error when there is none: then the remedy missed the cause.
func (w *World) repair(host string, kinds ...FaultKind) error {
	before := len(w.Faults)
	w.Faults = slices.DeleteFunc(w.Faults, func(f Fault) bool {
		return slices.Contains(kinds, f.Kind) && (host == "" || f.concerns(w.site(canonicalHost(host)).service, host))
	})
	if len(w.Faults) == before {
		return fmt.Errorf("nothing of the kind is wrong with %s", host)
	}
	return nil
}

// trustCA makes the runner trust the certificates that host shows.
func trustCA(w *World, p params) error {
	return w.repair(p["host"], FaultTLSUntrusted, FaultTLSExpired, FaultTLSWrongHost)
}

// allowEgress opens the runner's firewall or proxy for host.
func allowEgress(w *World, p params) error {
	return w.repair(p["host"], FaultRefused, FaultConnectTimeout, FaultReset, FaultEOF, FaultHang, FaultProxy)
}

// fixGateway repairs whatever stands between the runner and the resource: an
// API Management instance, or a machine that answers in the resource's place.
func fixGateway(w *World, p params) error {
	g, err := w.gatewayOr(p["host"])
	if err != nil {
		return w.repair(p["host"], FaultLoginPage, FaultRedirect, FaultEmpty, FaultContentType)
	}
	g.RewriteFrom, g.RewriteTo, g.Audience, g.Spent = "", "", "", ""
	if r := w.resource(g.Backend); g.Identity != "" && r != nil {
		r.Roles = append(r.Roles, RoleAssignment{PrincipalID: g.Identity, RoleID: OpenAIUser})
	}
	return nil
}

// contactSupport has the service repaired by those who run it, or its refusal
// explained away.
func contactSupport(w *World, _ params) error {
	refused := false
	for i := range w.Tenants {
		refused = refused || w.Tenants[i].Refusal != nil
		w.Tenants[i].Refusal = nil
	}
	for i := range w.Resources {
		for j := range w.Resources[i].Deployments {
			d := &w.Resources[i].Deployments[j]
			refused = refused || d.Refusal != nil
			d.Refusal = nil
		}
	}
	err := w.repair("", FaultStatus, FaultEmpty, FaultTruncated, FaultResetBody, FaultDrip, FaultOversize, FaultHostile)
	if refused {
		return nil
	}
	return err
}
