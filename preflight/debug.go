package preflight

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// debugLog prints every exchange of a run whose debug logging is on, nil when it
// is not. What it prints is what evidence holds: scrubbed, bounded, no body of a
// request or of a success, no credential.
// https://docs.github.com/actions/monitoring-and-troubleshooting-workflows/troubleshooting-workflows/enabling-debug-logging
func debugLog(w World) func(*Exchange) {
	if w.getenv("RUNNER_DEBUG") != "1" {
		return nil
	}
	var mu sync.Mutex // targets are called at once
	return func(x *Exchange) {
		mu.Lock()
		defer mu.Unlock()
		say(w.Stderr, "debug: %s", debugLine(x))
	}
}

// debugLine is an exchange in one line.
func debugLine(x *Exchange) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", x.Method, x.URL())
	if x.APIVersion != "" {
		fmt.Fprintf(&b, "?api-version=%s", x.APIVersion)
	}
	fmt.Fprintf(&b, " sent %s", orElse(string(x.Sent), "nothing"))
	if x.Proxy != "" {
		fmt.Fprintf(&b, " through %s", x.Proxy)
	}
	fmt.Fprintf(&b, " → %d in %s", x.Status, x.Took.Round(time.Millisecond))
	for _, part := range []string{string(x.Fault), x.Step, x.Detail, x.Code, x.Message} {
		if part != "" {
			fmt.Fprintf(&b, ", %s", part)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(x.Header)) {
		fmt.Fprintf(&b, "; %s: %s", name, x.Header[name])
	}
	return b.String()
}
