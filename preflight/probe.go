package preflight

import (
	"context"
	"strings"
	"time"
)

// probe makes the second look that settles what a failure left open, where
// there is one and it costs no more than a few tokens.
func (r *run) probe(ctx context.Context, c *caller, j *job, e *Evidence) {
	t, x := j.target, last(e.Exchanges)
	if x == nil || room(ctx) < time.Second {
		return
	}
	switch {
	case x.Status == 0 && x.Fault != FaultBlocked && x.Fault != FaultTimeout,
		x.Status == 403 && x.Proxy == "":
		e.Names = lookUp(ctx, r.w.Resolver, x.Host, r.cfg.Authority)
	case t.doubtful(x):
		// The same call as every resource has taken it for years: if that gets
		// further, the version or the route of the first was the matter.
		again := *t
		again.Route, again.APIVersion, again.Address = RouteDeployments, defaultAPIVersion, ""
		rec := &recorder{}
		res, _ := c.call(ctx, j, &again, rec)
		if p := last(rec.list()); p != nil {
			if res.ok && !p.OK() {
				p.Status, p.Fault = 200, FaultNone // a complaint that proves access
			}
			e.Probe = p
		}
	}
}

// doubtful reports whether an answer leaves open if the path, the route or the
// version was wrong, and a call on the deployments route with a published
// version can tell.
func (t *Target) doubtful(x *Exchange) bool {
	if t.Address != "" && !strings.HasPrefix(x.Path, "/openai/deployments/") || t.Operation == Responses || (t.Route == RouteDeployments && t.APIVersion == defaultAPIVersion) || x.Code == "DeploymentNotFound" {
		return false
	}
	switch x.Status {
	case 404:
		return strings.Contains(x.Message, "Resource not found")
	case 400:
		return t.Route == RouteDeployments && strings.Contains(x.Message, "API version")
	}
	return false
}
