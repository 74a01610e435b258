package preflight

import "fmt"

// retired are the ids that no finding has any more, each with the id that took
// its place. An id is a promise (docs/stability.md): `explain` and its page go
// on answering. None has been retired so far.
var retired = map[string]string{}

// present is the diagnosis that an id stands for today. note says so where it
// is a retired one.
func present(id string, retired map[string]string) (d *Diagnosis, note string, ok bool) {
	if d, ok = Lookup(id); ok {
		return d, "", true
	}
	if d, ok = Lookup(retired[id]); ok {
		return d, fmt.Sprintf("%s has been retired: %s took its place.", id, d.ID), true
	}
	return nil, "", false
}

// retiredPage stands where a retired diagnosis's page stood.
func retiredPage(id, next string) []byte {
	return fmt.Appendf(nil, "<!-- Generated from the catalogue by go test ./preflight -update. -->\n\n# %s\n\nThis diagnosis has been retired: [%s](%s.md) took its place.\n", id, next, next)
}
