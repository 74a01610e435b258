package preflight

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// maxCredentialFile bounds a certificate and a federated token file.
const maxCredentialFile = 1 << 20

// An assertionSource hands out the assertion that was fetched as a step of its
// own, once, and fetches a fresh one for every later call: azidentity may ask
// again when a token is renewed, and GitHub's assertion lives only minutes.
type assertionSource struct {
	mu    sync.Mutex
	first Secret
	fresh func(context.Context) (Secret, *Claims, error)
}

func (a *assertionSource) get(ctx context.Context) (string, error) {
	a.mu.Lock()
	first := a.first
	a.first = Secret{}
	a.mu.Unlock()
	if !first.IsZero() {
		return first.Reveal(), nil
	}
	s, _, err := a.fresh(ctx)
	return s.Reveal(), err
}

// credential builds the azidentity credential of the run's method. One serves
// the whole run: its caches belong to it.
func (r *run) credential(ctx context.Context, assertion Secret) (azcore.TokenCredential, error) {
	opts := azcore.ClientOptions{
		// Always given: without it azidentity takes the authority from
		// AZURE_AUTHORITY_HOST, unchecked.
		Cloud:     cloud.Configuration{ActiveDirectoryAuthorityHost: "https://" + r.cfg.Authority + "/"},
		Transport: r.wire.client(ServiceEntra, r.tokenHost),
		Retry:     retryOptions(ctx, 15*time.Second),
	}
	// The authority is one of the built-in ones, so MSAL need not ask the
	// public cloud whether it exists: one round trip less.
	const known = true
	c := r.cfg
	switch r.id.method {
	case methodStatic:
		return staticToken{r.id.token}, nil
	case methodAssertion:
		return azidentity.NewClientAssertionCredential(c.TenantID, c.ClientID, func(context.Context) (string, error) { return r.id.token.Reveal(), nil },
			&azidentity.ClientAssertionCredentialOptions{ClientOptions: opts, DisableInstanceDiscovery: known})
	case methodPassword:
		return passwordCredential(c, r.id, opts)
	case MethodGitHubOIDC:
		source := &assertionSource{first: assertion, fresh: r.idToken}
		return azidentity.NewClientAssertionCredential(c.TenantID, c.ClientID, source.get,
			&azidentity.ClientAssertionCredentialOptions{ClientOptions: opts, DisableInstanceDiscovery: known})
	case MethodClientSecret:
		return azidentity.NewClientSecretCredential(c.TenantID, c.ClientID, r.id.secret.Reveal(),
			&azidentity.ClientSecretCredentialOptions{ClientOptions: opts, DisableInstanceDiscovery: known})
	case MethodClientCertificate:
		certs, key, err := azidentity.ParseCertificates([]byte(r.certificate.Reveal()), []byte(r.id.password.Reveal()))
		if err != nil {
			return nil, err
		}
		return azidentity.NewClientCertificateCredential(c.TenantID, c.ClientID, certs, key, &azidentity.ClientCertificateCredentialOptions{
			ClientOptions: opts, DisableInstanceDiscovery: known,
			SendCertificateChain: isTrue(r.w.getenv("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN")),
		})
	case MethodWorkloadIdentity:
		return azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{
			ClientOptions: opts, DisableInstanceDiscovery: known, TenantID: c.TenantID, ClientID: c.ClientID, TokenFilePath: r.id.tokenFile})
	case MethodManagedIdentity:
		// IMDS answering 503 costs 98 s with the defaults.
		opts.Retry = retryOptions(ctx, 5*time.Second)
		o := &azidentity.ManagedIdentityCredentialOptions{ClientOptions: opts}
		if c.ClientID != "" {
			o.ID = azidentity.ClientID(c.ClientID)
		}
		return azidentity.NewManagedIdentityCredential(o)
	case MethodDefault:
		chain, err := azidentity.NewDefaultAzureCredential(&azidentity.DefaultAzureCredentialOptions{
			ClientOptions: opts, DisableInstanceDiscovery: known, TenantID: c.TenantID})
		return stopping{chain}, err
	}
	return nil, errors.New("no credential for the identity " + string(r.id.method))
}

// acquire gets the access token. azcore's bearer policy asks with CAE enabled,
// for which azidentity keeps a client and a cache of its own: asking the same
// way here makes this the run's only acquisition.
func acquire(ctx context.Context, cred azcore.TokenCredential, scope string) (azcore.AccessToken, error) {
	return cred.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{scope}, EnableCAE: true})
}

// A keeping credential registers every token that it hands out: azcore asks for
// another one when the service challenges the first, or when it is old.
type keeping struct {
	azcore.TokenCredential
	vault *vault
}

// GetToken implements [azcore.TokenCredential].
func (k keeping) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	t, err := k.TokenCredential.GetToken(ctx, o)
	if err == nil && t.Token != "" {
		k.vault.keep(t.Token)
	}
	return t, err
}

// tokenHost says where assertions and secrets may go: the built-in authorities
// (and their regional forms), and the addresses of a managed identity's
// endpoint, which are this host's own.
func (r *run) tokenHost(u *url.URL) bool {
	host := strings.ToLower(u.Hostname())
	if metadataAddress(host) {
		return true
	}
	if u.Scheme != "https" || u.Port() != "" {
		return false
	}
	regional := func(authority string) bool { return under(host, authority) }
	return slices.Contains(authorities, host) || under(host, "login.microsoft.com") || slices.ContainsFunc(authorities, regional)
}

// metadataAddress reports the addresses at which a managed identity is served:
// link-local for a virtual machine, loopback for Container Apps, App Service and
// Arc. A private address, which a container in App Service may be told, could be
// anybody's in the network.
func metadataAddress(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && (ip.IsLoopback() || ip.IsLinkLocalUnicast())
}

// maxRetries bounds the retries of what may be no passing fault. A rate limit
// that names its wait is waited for until the deadline.
const maxRetries = 3

// retryOptions are the retries of one pipeline, or of one call: for the
// transient only, and never a sleep that the context would not survive.
func retryOptions(ctx context.Context, try time.Duration) policy.RetryOptions {
	const delay = 400 * time.Millisecond
	var tries atomic.Int32 // since the last answer that was no passing fault
	return policy.RetryOptions{
		MaxRetries:    1000, // ShouldRetry ends it
		RetryDelay:    delay,
		MaxRetryDelay: 366 * 24 * time.Hour, // of what a service asks for; ShouldRetry knows the deadline
		TryTimeout:    try,
		ShouldRetry: func(resp *http.Response, err error) bool {
			n := tries.Add(1)
			// azcore's own pause, at its longest: (2^n - 1) times the delay and
			// up to three tenths more.
			left := room(ctx) - time.Duration(1<<min(n, 8)-1)*delay*13/10
			if err != nil {
				fault, _ := classify(err, "")
				return fault.mayPass(int(n)) && left > 0
			}
			wait := waitAsked(resp)
			if wait > 0 && resp.StatusCode == http.StatusTooManyRequests {
				return room(ctx)-time.Second > wait
			}
			again := transientStatus(resp.StatusCode)
			if resp.Request != nil && metadataAddress(resp.Request.URL.Hostname()) {
				// IMDS answers 404 and 410 while it is being updated.
				// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#error-handling
				again = again || resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusGone
			}
			if !again {
				tries.Store(0)
			}
			return again && n <= maxRetries && left > 0 && room(ctx)-time.Second > wait
		},
	}
}

func isTrue(s string) bool { return s == "1" || strings.EqualFold(s, "true") }
