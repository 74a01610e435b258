package preflight

import (
	"strconv"
	"time"
)

// Clocks: ours against the servers'.

// tolerated is the difference of two clocks that nobody needs to hear about.
const tolerated = 2 * time.Minute

// skew is how far our clock is ahead of the server's that refused us, 0 when
// that is not known or not worth mentioning.
func skew(e *Evidence) time.Duration {
	for i := len(e.Exchanges) - 1; i >= 0; i-- {
		x := &e.Exchanges[i]
		if date := x.ServerDate(); !date.IsZero() && !x.At.IsZero() {
			if d := x.At.Sub(date); d > tolerated || d < -tolerated {
				return d
			}
			return 0
		}
	}
	return 0
}

// issuerSkew is how far the clock of the assertion's issuer is ahead of Entra's
// (negative: behind), 0 when that is not known. In a run the assertion was
// issued moments before Entra saw it.
func issuerSkew(e *Evidence) time.Duration {
	x := failed(e, ServiceEntra)
	if e.Pasted || e.Setup.Method != MethodGitHubOIDC || e.Assertion == nil || e.Assertion.IssuedAt.IsZero() || x == nil || x.ServerDate().IsZero() {
		return 0
	}
	if d := e.Assertion.IssuedAt.Sub(x.ServerDate()); d > tolerated || d < -tolerated {
		return d
	}
	return 0
}

func skewClause(e *Evidence) string {
	switch d := skew(e); {
	case d > 0:
		return "; this machine's clock is " + span(d) + " ahead of the server's"
	case d < 0:
		return "; this machine's clock is " + span(-d) + " behind the server's"
	}
	return ""
}

// fixClock is the remedy for a machine whose clock is ahead by d.
func fixClock(d time.Duration) Remedy {
	return Remedy{
		Text:     "Set the clock of the machine by NTP: it is " + span(d.Abs()) + " off.",
		Commands: []string{"timedatectl status", "sudo timedatectl set-ntp true"},
		Kind:     FixClock,
		Params:   map[string]string{"skew-seconds": strconv.Itoa(int(d.Seconds()))},
	}
}
