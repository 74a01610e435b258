package preflight

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"
)

// lookUp asks our own resolver about a host whose connection failed. Behind a
// proxy only the proxy's resolver counts, and ours may know no public name at
// all: so the token authority, which exists, is asked for as well, and only a
// resolver that knows it is believed.
func lookUp(ctx context.Context, res Resolver, host, known string) NameCheck {
	if res == nil {
		return NameCheck{}
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	n := NameCheck{Asked: true}
	addrs, err := res.LookupHost(ctx, host)
	var dns *net.DNSError
	n.NotFound = errors.As(err, &dns) && dns.IsNotFound
	n.Addresses = addrs[:min(len(addrs), 4)]
	if n.NotFound {
		_, err := res.LookupHost(ctx, known)
		n.Works = err == nil
	} else {
		n.Works = err == nil
		if name, err := res.LookupCNAME(ctx, host); err == nil {
			n.Canonical = strings.TrimSuffix(name, ".")
		}
	}
	return n
}
