package azurelab

import (
	"context"
	"net"
	"strings"
	"sync"
	"time"
)

// A World is everything that a job can meet, as plain facts. The zero value is
// empty; start from [Healthy].
//
// By convention the first tenant, its first application, the first resource and
// the first gateway are the ones that the job means: where [World.Apply] has to
// look a value up, it looks there.
//
// Facts may be changed freely before the world is used. Once requests are under
// way they are changed with [World.Update].
type World struct {
	GitHub  GitHub
	Runner  Runner
	Tenants []Tenant
	Managed []ManagedIdentity
	IMDS    IMDS
	// AppService is where an app's processes ask for its identity, nil outside
	// of one. [Serve] opens it.
	AppService *AppService
	Cluster    *Cluster // the Kubernetes cluster that the runner is a pod of
	Resources  []Resource
	Gateways   []Gateway
	// Strangers are hosts that exist and are nobody's business: look-alikes,
	// targets of redirects. They take whatever they are sent.
	Strangers []string
	Job       Job
	Faults    []Fault

	Latency     time.Duration // of each request
	ConnLatency time.Duration // of each new connection, on top
	Skew        time.Duration // the services' clock minus ours

	mu      sync.Mutex
	log     []Request
	minted  []string         // secrets handed out, oldest first
	issued  map[string]Grant // of access tokens, by digest
	serial  int              // of the last identifier handed out
	secrets jobSecrets
}

// A Runner is the machine that the job runs on.
type Runner struct {
	SelfHosted bool
	EgressIP   string // the address that the services see
}

// Update changes facts while requests are under way.
func (w *World) Update(change func(*World)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(w)
}

// Service is the part of the world that a host belongs to.
type Service string

// The services.
const (
	ServiceGitHub   Service = "github"
	ServiceEntra    Service = "entra"
	ServiceIMDS     Service = "imds"
	ServiceApp      Service = "app-service"
	ServiceModel    Service = "model"
	ServiceGateway  Service = "gateway"
	ServiceStranger Service = "stranger"
	ServiceNone     Service = "" // no such host
)

// imdsAddress is where every Azure machine finds its metadata service.
const imdsAddress = "169.254.169.254"

// A site is who lives at a host name.
type site struct {
	service  Service
	cloud    Cloud     // of an Entra or regional host
	resource *Resource // of a resource's own host
	region   string    // of a regional host, which several resources share
	gateway  *Gateway
}

// site finds who lives at host. The service is [ServiceNone] when the name
// does not exist.
func (w *World) site(host string) site {
	if host == imdsAddress {
		return site{service: ServiceIMDS}
	}
	if host == appServiceHost && w.AppService != nil {
		return site{service: ServiceApp}
	}
	if host == w.GitHub.tokenHost() {
		return site{service: ServiceGitHub}
	}
	for i := range clouds {
		if clouds[i].hasAuthority(host) {
			return site{service: ServiceEntra, cloud: clouds[i].name}
		}
	}
	for i := range w.Gateways {
		if g := &w.Gateways[i]; strings.EqualFold(g.Host, host) {
			return site{service: ServiceGateway, gateway: g}
		}
	}
	for i := range w.Resources {
		r := &w.Resources[i]
		if r.hasHost(host) {
			return site{service: ServiceModel, resource: r, cloud: r.Cloud}
		}
		if host == r.regionalHost() {
			return site{service: ServiceModel, region: r.Region, cloud: r.Cloud}
		}
	}
	for _, s := range w.Strangers {
		if strings.EqualFold(s, host) {
			return site{service: ServiceStranger}
		}
	}
	return site{}
}

// dial says what happens to a new connection to host: nothing, or a fault of
// the network or of the TLS handshake.
func (w *World) dial(host string) (Service, Fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.site(host)
	if f, ok := w.takeFault(s.service, host, phaseConnect); ok {
		return s.service, f
	}
	switch {
	case s.service == ServiceNone:
		return s.service, Fault{Kind: FaultDNSNotFound}
	case s.service == ServiceIMDS && w.IMDS.Kind == IMDSAbsent:
		// Off Azure nothing answers the link-local address: the connection
		// attempt is dropped rather than refused.
		return s.service, Fault{Kind: FaultConnectTimeout}
	}
	return s.service, Fault{}
}

// LookupHost resolves a name as the runner's resolver does, so that a World can
// stand in for a [net.Resolver].
func (w *World) LookupHost(_ context.Context, host string) ([]string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	host = canonicalHost(host)
	s := w.site(host)
	if s.service == ServiceNone || w.hasFault(s.service, host, FaultDNSNotFound) {
		return nil, dnsNotFound(host)
	}
	return []string{address(host).String()}, nil
}

// LookupCNAME resolves a name to the end of its chain. The names of resources
// end in the region's front door, all others in themselves.
func (w *World) LookupCNAME(ctx context.Context, host string) (string, error) {
	if _, err := w.LookupHost(ctx, host); err != nil {
		return "", err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if r := w.site(canonicalHost(host)).resource; r != nil {
		return "cognitiveservices-" + r.Region + ".azure-api.net.", nil
	}
	return canonicalHost(host) + ".", nil
}

// address is a made-up public address of host, the same one each time. The
// block is reserved for documentation (RFC 5737).
func address(host string) net.IP {
	if ip := net.ParseIP(host); ip != nil {
		return ip
	}
	return net.IPv4(203, 0, 113, 1+digest(host)[0]%250)
}

// canonicalHost is a host as the world compares it: lower case, no port, no
// root dot.
func canonicalHost(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

// sleep waits for d or until ctx is done.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
