package preflight

import (
	"strconv"
	"time"
)

// Clocks: ours against the servers'.

// tolerated is the difference of two clocks that nobody needs to hear about.
const tolerated = 2 * time.Minute

// skew is how far our clock is ahead of the server's that refused us, or of the
// issuer's of a token that has not been sent yet, 0 when that is not known or
// not worth mentioning.
func skew(e *Evidence) time.Duration {
	if unsent(e) && !e.Issued.IsZero() {
		return notable(e.Now.Sub(e.Issued))
	}
	for i := len(e.Exchanges) - 1; i >= 0; i-- {
		x := &e.Exchanges[i]
		if date := x.ServerDate(); !date.IsZero() && !x.At.IsZero() {
			return notable(x.At.Sub(date))
		}
	}
	return 0
}

// notable is d, or 0 when nobody needs to hear about it.
func notable(d time.Duration) time.Duration {
	if d.Abs() > tolerated {
		return d
	}
	return 0
}

// issuerDate is the date of the answer that brought a token, the last of the
// exchanges: zero when it did not come by one, or had no date.
func issuerDate(exchanges []Exchange) time.Time {
	if x := last(exchanges); x != nil && x.OK() {
		return x.ServerDate()
	}
	return time.Time{}
}

// issuerSkew is how far the clock of the assertion's issuer is ahead of Entra's
// (negative: behind), 0 when that is not known. In a run the assertion was
// issued moments before Entra saw it.
func issuerSkew(e *Evidence) time.Duration {
	x := failed(e, ServiceEntra)
	if e.Pasted || e.Setup.Method != MethodGitHubOIDC || e.Assertion == nil || e.Assertion.IssuedAt.IsZero() || x == nil || x.ServerDate().IsZero() {
		return 0
	}
	return notable(e.Assertion.IssuedAt.Sub(x.ServerDate()))
}

// wrongDate is how far the date of the service that refused the token is ahead
// of our clock, 0 when it is not that clock which is wrong: the token is valid
// by ours, and by its issuer's as far as that is known.
func wrongDate(e *Evidence) time.Duration {
	if e.Token == nil || !refused(e) || invalidAt(e.Token, e.Now) || invalidAt(e.Token, e.Issued) {
		return 0
	}
	return -skew(e)
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

// wrongDateCause is about a token that only the service's clock, ahead of the
// others by d, has outside its validity.
func wrongDateCause(e *Evidence, d time.Duration) string {
	others := "this machine's clock"
	if !e.Issued.IsZero() {
		others += " and its issuer's"
	}
	way := "ahead"
	if d < 0 {
		way = "behind"
	}
	return "The access token is valid from " + stamp(e.Token.NotBefore) + " to " + stamp(e.Token.ExpiresAt) + ", and it is by " + others +
		"; it is not by the clock of what answers at " + hostOr(e) + ", whose date is " + span(d.Abs()) + " " + way + "."
}

// fixServerClock is the remedy for a service whose clock is ahead by d, of a
// machine that may not be ours.
func fixServerClock(e *Evidence, d time.Duration) Remedy {
	return Remedy{
		Text: "Set the clock of what answers at " + orElse(hostOf(e), "the endpoint") + " by NTP, a gateway or proxy perhaps: its date is " + span(d.Abs()) + " off. " +
			"See that this machine's clock is right as well, since nothing but the two tells.",
		Commands: []string{command("curl", "-sSI", "https://"+arg(hostOf(e), "<host>")+"/"), "timedatectl status"},
		Kind:     FixClock,
		Params:   params("host", hostOf(e), "skew-seconds", strconv.Itoa(int(d.Seconds()))),
	}
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
