package preflight

import (
	"context"
	"fmt"
	"testing"
)

// TestTimeouts: what a request waited for when its time was over says whether a
// connection was there to wait on.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	for step, want := range map[string]Fault{
		stepDNS: FaultDNS, stepTCP: FaultConnect, stepProxy: FaultConnect,
		stepTLS: FaultTimeout, stepHeaders: FaultTimeout, stepBody: FaultTimeout, "": FaultTimeout,
	} {
		got, detail := classify(fmt.Errorf("asking: %w", context.DeadlineExceeded), step)
		if got != want || detail == "" || !got.transient() {
			t.Errorf("waiting for %s: %s, %q; want %s", step, got, detail, want)
		}
	}
}
