package preflight

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// One cause is one finding, however many targets have it.

// A gathering is what a finding about several targets was put together from.
type gathering struct {
	host    string   // where all targets share the failure, "" when it is the target's own
	hosts   []string // of all that were gathered, in their order
	causes  []string // the first is shown
	spared  int      // targets that were not called, since they share the failure
	follows bool     // the finding is a consequence of others
}

// add puts a finding in, gathering it with one that says the same of another
// target.
func (r *Report) add(f Finding) {
	if f.gathered.causes == nil {
		f.gathered.causes = []string{f.Cause}
		if f.gathered.host != "" {
			f.gathered.hosts = []string{f.gathered.host}
		}
	}
	for i := range r.Findings {
		if g := &r.Findings[i]; g.same(&f) {
			g.gather(&f)
			return
		}
	}
	f.Cause = f.whole()
	r.Findings = append(r.Findings, f)
}

// same reports whether two findings are one: of one cause or one remedy, or
// that of a resource where all of it is the same but the resource.
func (f *Finding) same(g *Finding) bool {
	switch {
	case f.ID != g.ID, f.elsewhere(g):
		return false
	case slices.Contains(f.gathered.causes, g.gathered.causes[0]):
		return true
	case len(f.Targets) == 0 || len(g.Targets) == 0:
		return false
	}
	return sameRemedy(f.Remedy, g.Remedy) || f.gathered.host != "" && g.gathered.host != "" && f.Severity == g.Severity &&
		f.Certainty == g.Certainty && f.Remedy.Kind == g.Remedy.Kind && f.Remedy.Text == g.Remedy.Text &&
		maps.Equal(atAny(f.Remedy.Params), atAny(g.Remedy.Params))
}

// elsewhere reports whether two findings are mended in different lines of a
// client's configuration. One failure that was seen once is one finding, and a
// notice is nothing to mend line by line.
func (f *Finding) elsewhere(g *Finding) bool {
	return f.Severity != SeverityNotice && f.gathered.spared+g.gathered.spared == 0 && f.Location != nil && g.Location != nil && *f.Location != *g.Location && slices.Contains(editing, f.Remedy.Kind)
}

// editing are the remedies that change a line.
var editing = []RemedyKind{EditConfig, UseModel, UseEndpoint, UseDeployment, UseOperation, UseAPIVersion, UseScope, UseTenant, UseClient, UseAudience}

func sameRemedy(a, b Remedy) bool {
	return a.Kind == b.Kind && a.Text == b.Text && slices.Equal(a.Commands, b.Commands)
}

// perResourceParams are the parameters of a remedy that name the resource.
var perResourceParams = []string{"scope-resource", "resource", "host", "endpoint"}

// atAny is what a remedy's parameters would be at any resource.
func atAny(params map[string]string) map[string]string {
	out := maps.Clone(params)
	for _, name := range perResourceParams {
		delete(out, name)
		delete(out, name+"s")
	}
	return out
}

// gather takes another finding's targets in, and from another resource what is
// to be done there.
func (f *Finding) gather(g *Finding) {
	const mostCommands, mostLines = 30, 8
	f.Targets = append(f.Targets, g.Targets...)
	f.gathered.spared += g.gathered.spared
	for _, c := range g.gathered.causes {
		f.gathered.causes = union(f.gathered.causes, c)
	}
	for _, host := range g.gathered.hosts {
		if slices.Contains(f.gathered.hosts, host) {
			continue
		}
		f.gathered.hosts = append(f.gathered.hosts, host)
		for _, c := range g.Remedy.Commands {
			if len(f.Remedy.Commands) < mostCommands {
				f.Remedy.Commands = union(f.Remedy.Commands, c)
			}
		}
		for _, line := range g.Evidence {
			if len(f.Evidence) < mostLines {
				f.Evidence = union(f.Evidence, line)
			}
		}
		f.Remedy.Params = maps.Clone(f.Remedy.Params)
		for _, name := range perResourceParams {
			one, other := f.Remedy.Params[name], cmp.Or(g.Remedy.Params[name+"s"], g.Remedy.Params[name])
			if one == "" || other == "" {
				continue
			}
			all := strings.Split(cmp.Or(f.Remedy.Params[name+"s"], one), ",")
			for _, v := range strings.Split(other, ",") {
				all = union(all, v)
			}
			if len(all) > 1 {
				f.Remedy.Params[name+"s"] = strings.Join(all, ",")
			}
		}
	}
	f.Cause = f.whole()
}

// union is list with v behind, unless it is there.
func union(list []string, v string) []string {
	if slices.Contains(list, v) {
		return list
	}
	return append(slices.Clip(list), v)
}

// whole is the cause, where else it was found, and for how many targets it is
// only concluded.
func (f *Finding) whole() string {
	const most = 5
	cause := f.gathered.causes[0]
	if others := f.gathered.hosts; len(others) > 1 {
		others = others[1:]
		cause += " The same at " + strings.Join(quotedAll(others[:min(len(others), most)]), ", ")
		if n := len(others) - most; n > 0 {
			cause += " and " + count(n, "more host")
		}
		cause += "."
	}
	if n := f.gathered.spared; n > 0 {
		were, they, them := "were", "they", "them"
		if n == 1 {
			were, they, them = "was", "it", "it"
		}
		cause += fmt.Sprintf(" %d of the %s %s not called, since %s would end the same; nothing else is known of %s yet.", n, count(len(f.Targets), "target"), were, they, them)
	}
	return cause
}
