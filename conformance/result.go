package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aoai-preflight/aoai-preflight/preflight/litellm"
)

// A result is what an environment's combinations came to.
type result struct {
	environment
	release
	combinations int
	differing    int
	agree        [aspects]int
	sources      map[litellm.Source]int    // of what is sent; "raises" for what is not
	kinds        map[string][]*combination // combinations that differ, by how
}

func (r *result) add(c *combination, s *litellm.Sending, differences []difference) {
	r.combinations++
	if r.sources == nil {
		r.sources = map[litellm.Source]int{}
	}
	switch {
	case s.Fails != nil:
		r.sources["raises"]++
	case s.Source == "":
		r.sources["(another provider)"]++
	default:
		r.sources[s.Source]++
	}
	differ := [aspects]bool{}
	for _, d := range differences {
		differ[d.aspect] = true
	}
	for a := range aspects {
		if !differ[a] {
			r.agree[a]++
		}
	}
	if len(differences) == 0 {
		return
	}
	r.differing++
	if r.kinds == nil {
		r.kinds = map[string][]*combination{}
	}
	kind := kindOf(c, differences)
	r.kinds[kind] = append(r.kinds[kind], c)
}

// kindOf tells disagreements apart, so that each is explained once.
func kindOf(c *combination, differences []difference) string {
	parts := []string{string(c.Client), string(c.Op)}
	for _, d := range differences {
		parts = append(parts, fmt.Sprintf("%s|%.60s|%.60s", aspectNames[d.aspect], d.want, d.got))
	}
	return strings.Join(parts, " ")
}

// maxKinds is how many kinds of disagreement are explained; more is noise.
const maxKinds = 25

// explain prints the kinds of disagreement, each with the smallest combination
// that has it.
func (r *result) explain(o *options, t *trial) error {
	kinds := slices.SortedFunc(maps.Keys(r.kinds), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(r.kinds[b]), len(r.kinds[a])), strings.Compare(a, b))
	})
	for i, kind := range kinds {
		if i == maxKinds {
			o.printf("%s: and %d more kinds\n", r.name, len(kinds)-maxKinds)
			break
		}
		small, differences, err := t.shrink(r.kinds[kind][0])
		if err != nil {
			return err
		}
		var b strings.Builder
		fmt.Fprintf(&b, "\n%s: %d like\n  %s\n", r.name, len(r.kinds[kind]), small)
		for _, d := range differences {
			fmt.Fprintf(&b, "  %s\n", d)
		}
		fmt.Fprintf(&b, "  the client: %s\n  Resolve: %s\n", t.lab.show(t.seen), t.lab.showSaid(&t.said))
		o.printf("%s", b.String())
	}
	return nil
}

// shrink takes away from a combination whatever can go with the same
// disagreement.
func (t *trial) shrink(c *combination) (*combination, []difference, error) {
	differences, err := t.run(c)
	if err != nil || len(differences) == 0 {
		return c, differences, err
	}
	want := kindOf(c, differences)
	for again := true; again; {
		again = false
		for _, smaller := range c.smaller() {
			d, err := t.run(smaller)
			if err != nil {
				return nil, nil, err
			}
			if kindOf(smaller, d) == want {
				c, again = smaller, true
				break
			}
		}
	}
	differences, err = t.run(c) // so that t has this one's
	return c, differences, err
}

// smaller are the combinations with one thing less.
func (c *combination) smaller() []*combination {
	var all []*combination
	less := func(change func(*combination)) {
		d := c.clone()
		change(d)
		all = append(all, d)
	}
	for k := range c.Env {
		less(func(d *combination) { delete(d.Env, k) })
	}
	for k := range c.Params {
		less(func(d *combination) { delete(d.Params, k) })
	}
	for k := range c.Globals {
		less(func(d *combination) { delete(d.Globals, k) })
	}
	for k := range c.Headers {
		less(func(d *combination) { delete(d.Headers, k) })
	}
	for k := range c.Common {
		less(func(d *combination) { delete(d.Common, k) })
	}
	if c.Provider != "" {
		less(func(d *combination) { d.Provider = "" })
	}
	if c.Async {
		less(func(d *combination) { d.Async = false })
	}
	if c.Stream {
		less(func(d *combination) { d.Stream = false })
	}
	if c.Behaviour != "" {
		less(func(d *combination) { d.Behaviour = "" })
	}
	return all
}

// versions are the libraries of the result.
func (r *result) versions() string {
	var all []string
	for _, name := range []string{"litellm", "openai", "dspy", "azure-identity"} {
		if v := r.release.Versions[name]; v != "" {
			all = append(all, name+" "+v)
		}
	}
	return strings.Join(all, ", ")
}

// table is the table of agreement.
func table(results []*result) string {
	var b strings.Builder
	b.WriteString("| Environment | Libraries | Combinations | Header | Credential | URL | Outcome | Disagree |\n|---|---|---:|---:|---:|---:|---:|---:|\n")
	for _, r := range results {
		fmt.Fprintf(&b, "| %s | %s | %d |", r.name, r.versions(), r.combinations)
		for a := range aspects {
			fmt.Fprintf(&b, " %d |", r.agree[a])
		}
		fmt.Fprintf(&b, " %d |\n", r.differing)
	}
	return b.String()
}

// showSaid is what Resolve said, with symbols.
func (l *lab) showSaid(s *litellm.Sending) string {
	if s.Fails != nil {
		return fmt.Sprintf("raises %s: %s", s.Fails.Type, s.Fails.Text)
	}
	text := fmt.Sprintf("%s in %q to %s", s.Source, s.Header, s.URL)
	if s.Source.AcquiredToken() {
		text += "; token by " + l.wanted(s)
	} else {
		text += "; " + l.named(s.Credential.Text.Reveal())
	}
	for name := range s.Extra {
		text += "; header " + name
	}
	return text
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
