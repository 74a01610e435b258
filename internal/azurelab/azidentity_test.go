package azurelab

import (
	"context"
	"testing"
	"time"
)

// TestCredentials drives every credential of azidentity that a job can have
// through both doors, up to an answer of the model.
func TestCredentials(t *testing.T) {
	for _, name := range []string{
		"healthy", "client-secret", "client-certificate", "managed-identity", "managed-identity-system", "federated-identity", "workload-identity",
		"us-government", "china", "enterprise-server",
	} {
		s := scenario(t, name)
		for door, open := range doors {
			t.Run(name+"/"+door, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				if said := newJob(t, s.World(), open).check(ctx); said != "" {
					t.Error(said)
				}
			})
		}
	}
}
