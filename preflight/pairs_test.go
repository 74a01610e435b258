package preflight_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// faults are the worlds whose fault can be laid over another's, by the link of
// the chain that it breaks, in the order in which a run meets them. What
// changes the shape of the world (a gateway, a managed identity, another
// cloud) is not among them.
var faults = [][]string{
	{"no-tenant-id", "no-client-id", "client-id-malformed", "tenant-id-malformed", "endpoint-portal-link", "endpoint-with-path", "endpoint-http",
		"endpoint-no-scheme", "endpoint-look-alike", "bad-duration", "unknown-operation"},
	{"no-permission", "fork", "oidc-unreachable"},
	{"entra-unreachable", "tenant-not-found", "tenant-private-domain"},
	{"scope-without-default"},
	{"object-id-as-client-id", "app-disabled"},
	{"wrong-audience", "wrong-branch", "wrong-repository", "environment", "subject-case", "immutable-subject", "custom-template", "issuer-slash", "no-federated-credential"},
	{"conditional-access", "scope-is-endpoint"},
	{"scope-management"},
	{"no-such-host", "tls-inspection", "tls-expired", "model-unreachable", "proxy-refuses"},
	{"firewall", "private-endpoint"},
	{"resource-in-other-tenant"},
	{"no-role", "wrong-role"},
	{"no-such-deployment"},
}

// same are the facts that several of them change: two that change the same
// cannot be laid over each other.
var same = [][]string{
	{"no-tenant-id", "tenant-id-malformed", "tenant-not-found", "tenant-private-domain", "fork"}, // a fork's ids are empty for a reason of their own
	{"no-client-id", "client-id-malformed", "object-id-as-client-id", "fork"},
	{"endpoint-portal-link", "endpoint-with-path", "endpoint-http", "endpoint-no-scheme", "endpoint-look-alike", "no-such-host"},
	{"bad-duration", "oidc-unreachable", "entra-unreachable", "model-unreachable"},
	{"oidc-unreachable", "entra-unreachable", "tls-inspection", "tls-expired", "model-unreachable", "proxy-refuses"},
	{"scope-without-default", "scope-is-endpoint", "scope-management"},
	// The resource's tenant has a copy of the application, whose own fault would
	// be a third one.
	{"resource-in-other-tenant", "app-disabled", "wrong-branch", "wrong-repository", "environment", "subject-case", "immutable-subject", "custom-template", "issuer-slash", "no-federated-credential"},
}

func together(a, b string) bool {
	return !slices.ContainsFunc(same, func(names []string) bool { return slices.Contains(names, a) && slices.Contains(names, b) })
}

// TestPairs lays every two faults of different links over each other: the one
// that a run meets first is named first, and two remedies, each what the first
// finding says, make the world whole.
func TestPairs(t *testing.T) {
	t.Parallel()
	var played atomic.Int64
	t.Cleanup(func() {
		t.Logf("%d pairs", played.Load())
		if !t.Failed() && played.Load() < 300 {
			t.Errorf("only %d pairs were played", played.Load())
		}
	})
	for i, earlier := range faults {
		for _, later := range faults[i+1:] {
			for _, a := range earlier {
				for _, b := range later {
					if !together(a, b) {
						continue
					}
					first, second := scenario(t, a), scenario(t, b)
					t.Run(a+" over "+b, func(t *testing.T) {
						t.Parallel()
						synctest.Test(t, func(t *testing.T) {
							w := azurelab.Healthy()
							first.Break(w)
							second.Break(w)
							o := perform(t, w, nil)
							if got := o.outputs["diagnosis"]; got != first.Diagnosis {
								t.Fatalf("the first finding is %s, want %s", got, first.Diagnosis)
							}
							mend(t, w, o, 2)
							played.Add(1)
						})
					})
				}
			}
		}
	}
}
