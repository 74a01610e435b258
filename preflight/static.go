package preflight

import (
	"context"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// The credentials that only another client would use.

// A staticToken is an access token that somebody acquired before: the client
// sends it as it is, however old.
type staticToken struct{ token Secret }

// GetToken implements [azcore.TokenCredential].
func (s staticToken) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	expires := time.Now().Add(time.Hour) // nobody says; the claims do if there are any
	if c := decodeClaims(s.token.Reveal()); c != nil && c.ExpiresAt.After(time.Now().Add(10*time.Minute)) {
		expires = c.ExpiresAt
	}
	return azcore.AccessToken{Token: s.token.Reveal(), ExpiresOn: expires}, nil
}

// passwordCredential signs in as a user, as LiteLLM does when AZURE_USERNAME
// and AZURE_PASSWORD are set. The flow is deprecated, and what is checked is
// what the client does.
func passwordCredential(c *Config, id identity, opts azcore.ClientOptions) (azcore.TokenCredential, error) {
	tenant := c.TenantID
	if tenant == "" {
		tenant = "organizations"
	}
	return azidentity.NewUsernamePasswordCredential(tenant, c.ClientID, id.user.Reveal(), id.password.Reveal(),
		//lint:ignore SA1019 the client that is checked uses this flow
		&azidentity.UsernamePasswordCredentialOptions{ClientOptions: opts, DisableInstanceDiscovery: true})
}
