package preflight_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
	"github.com/aoai-preflight/aoai-preflight/preflight"
)

// TestClock sets the machine's clock off against everybody else's. The token
// works whatever our clock says; the clients that cache it by our clock do not.
func TestClock(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		skew time.Duration // theirs minus ours
		want string
	}{
		{90 * time.Second, passes},
		{-90 * time.Second, passes},
		{30 * time.Minute, warning + "claims-clock-skew"}, // the token is not valid yet by our clock
		{-30 * time.Minute, passes},                       // it still is
		{time.Hour, warning + "claims-clock-skew"},
		{-2 * time.Hour, warning + "claims-clock-skew"},
		{26 * time.Hour, warning + "claims-clock-skew"},
		{-26 * time.Hour, warning + "claims-clock-skew"},
	} {
		t.Run(fmt.Sprint(c.skew), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := azurelab.Healthy()
				w.Skew = c.skew
				o := perform(t, w, nil)
				if got := o.told(); got != c.want {
					t.Errorf("the run ended in %q, want %q\n%s", got, c.want, shown(o.stdout))
				}
				checkAgreement(t, o)
				checkAnnotations(t, o)
				checkLeaks(t, w, o)
			})
		})
	}
}

// TestServiceClock: a token that only the service's clock has outside its
// validity is not the one to mend.
func TestServiceClock(t *testing.T) {
	t.Parallel()
	for skew, word := range map[time.Duration]string{3 * time.Hour: "3 hours ahead", -3 * time.Hour: "3 hours behind"} {
		t.Run(word, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := azurelab.Healthy()
				w.Faults = []azurelab.Fault{{Service: azurelab.ServiceModel, Kind: azurelab.FaultSkew, Skew: skew}}
				o := perform(t, w, nil)
				if o.told() != "claims-expired" {
					t.Fatalf("the run ended in %q\n%s", o.told(), shown(o.stdout))
				}
				f := o.report.Findings[0]
				if !strings.Contains(f.Cause, "clock") || !strings.Contains(f.Cause, word) || f.Remedy.Kind != preflight.FixClock {
					t.Errorf("neither the cause nor the remedy is the service's clock: %s\n%+v", f.Cause, f.Remedy)
				}
				if f.Remedy.Params["skew-seconds"] != fmt.Sprint(int(skew.Seconds())) {
					t.Errorf("the clock is %v s ahead", f.Remedy.Params)
				}
			})
		})
	}
}
