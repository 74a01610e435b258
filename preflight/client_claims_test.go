package preflight_test

import (
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// TestClaimsOfAnyClient: what is expected of the token is looked at whoever's
// client the check stands for.
func TestClaimsOfAnyClient(t *testing.T) {
	t.Parallel()
	const stranger = "00000000-1111-2222-3333-444444444444"
	for _, c := range []struct {
		name string
		env  map[string]string
		skew time.Duration
		want string
	}{
		{"nothing", nil, 0, passes},
		{"a lifetime", map[string]string{"INPUT_MIN-TOKEN-LIFETIME": "5h"}, 0, warning + "claims-lifetime-too-short"},
		{"an object", map[string]string{"INPUT_EXPECT-OBJECT-ID": stranger}, 0, "claims-unexpected-principal"},
		{"an application", map[string]string{"INPUT_EXPECT-CLIENT-ID": stranger}, 0, "claims-unexpected-principal"},
		{"a tenant", map[string]string{"INPUT_EXPECT-TENANT-ID": stranger}, 0, "claims-wrong-tenant"},
		{"the clock", nil, 2 * time.Hour, warning + "claims-clock-skew"},
	} {
		for name, client := range map[string]map[string]string{
			"azidentity": nil,
			"dspy":       {"INPUT_CLIENT": "dspy", "INPUT_LITELLM-VERSION": "1.81.12", "INPUT_API-VERSION": "2024-10-21"},
			"openai":     {"INPUT_CLIENT": "openai", "INPUT_API-VERSION": "2024-10-21"},
		} {
			t.Run(name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := azurelab.Healthy()
					w.Skew = c.skew
					o := perform(t, w, func(env map[string]string) {
						maps.Copy(env, client)
						maps.Copy(env, c.env)
					})
					if got := o.told(); got != c.want {
						t.Errorf("the run ended in %q, want %q\n%s", got, c.want, shown(o.stdout))
					}
					checkAgreement(t, o)
					checkLeaks(t, w, o)
				})
			})
		}
	}
}
