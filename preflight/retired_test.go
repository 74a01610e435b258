package preflight

import (
	"strings"
	"testing"
)

// TestRetired: a retired id is no current one, and leads to one in one step.
func TestRetired(t *testing.T) {
	t.Parallel()
	for id, next := range retired {
		if _, ok := Lookup(id); ok || !idForm.MatchString(id) {
			t.Errorf("%s is retired, and a current id or none at all", id)
		}
		if _, ok := Lookup(next); !ok {
			t.Errorf("%s leads to %s, which there is not", id, next)
		}
	}
}

func TestPresent(t *testing.T) {
	t.Parallel()
	table := map[string]string{"aoai-old": "aoai-key-invalid", "aoai-lost": "aoai-nowhere"}
	for _, c := range []struct{ id, is, note string }{
		{"aoai-key-invalid", "aoai-key-invalid", ""},
		{"aoai-old", "aoai-key-invalid", "aoai-old has been retired: aoai-key-invalid took its place."},
		{"aoai-lost", "", ""},
		{"aoai-nowhere", "", ""},
		{"", "", ""},
	} {
		d, note, ok := present(c.id, table)
		if ok != (c.is != "") || note != c.note || ok && d.ID != c.is {
			t.Errorf("%s: %v, %q, %t", c.id, d, note, ok)
		}
	}
	if page := string(retiredPage("aoai-old", "aoai-key-invalid")); !strings.Contains(page, "# aoai-old\n") || !strings.Contains(page, "](aoai-key-invalid.md)") {
		t.Errorf("the page:\n%s", page)
	}
}
