package litellm

import (
	"strings"
	"testing"
)

func TestVersionOrder(t *testing.T) {
	t.Parallel()
	// PEP 440's own examples of order, and the releases that decide here.
	ordered := []string{
		"0.9", "1.dev0", "1.0.dev456", "1.0a1", "1.0a2.dev456", "1.0a12.dev456", "1.0a12", "1.0b1.dev456", "1.0b2",
		"1.0b2.post345.dev456", "1.0b2.post345", "1.0rc1.dev456", "1.0rc1", "1.0", "1.0.post456.dev34", "1.0.post456",
		"1.0.1", "1.0.15", "1.1.dev1", "1.63.7", "1.63.11", "1.67.0", "1.67.0.post1", "1.68.2", "1.69.0.dev1", "1.69.0rc1", "1.69.0",
		"1.81.12rc1", "1.81.12", "1.100.0", "2024.1", "1!0.1",
	}
	for i, a := range ordered {
		v, ok := ParseVersion(a)
		if !ok || v.String() != a || v.IsZero() {
			t.Fatalf("ParseVersion(%q) = %v, %v", a, v, ok)
		}
		for j, b := range ordered {
			want := min(max(i-j, -1), 1)
			if got := v.Compare(mustVersion(b)); got != want {
				t.Errorf("%s against %s: %d, want %d", a, b, got, want)
			}
		}
	}
}

func TestVersionSpellings(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"1.63.7", "v1.63.7", " 1.63.7 ", "V1.63.7", "1.63.7.0", "01.063.7", "1.63.7+cu121", "1.63.7+local.1-x", "0!1.63.7"},
		{"1.67.0.post1", "1.67.post1", "1.67.0-1", "1.67.0.r1", "1.67.0-rev1", "1.67.0post1", "1.67.0_post_1"},
		{"1.81.12rc1", "1.81.12.rc1", "1.81.12-RC.1", "1.81.12c1", "1.81.12pre1", "1.81.12-preview_1"},
		{"1.0a0", "1.0alpha", "1.0.a", "1.0-alpha.0"},
		{"1.0b2.post3.dev4", "1.0-beta2_post3-dev4"},
	} {
		for _, s := range same {
			v, ok := ParseVersion(s)
			if !ok || v.Compare(mustVersion(same[0])) != 0 {
				t.Errorf("%q is not %q (%v)", s, same[0], ok)
			}
		}
	}
	for _, s := range []string{
		"", " ", "v", "latest", "1.", ".1", "1..2", "1.x", "1.63.*", "1.0+", "1.0+a..b", "1.0+a.", "1.0 beta", "1!", "!1", "1.0-", "1.0rc1rc2",
		"1.0dev1post1", "main", "1.0é", "1.0\x00", "1." + strings.Repeat("9", 200),
	} {
		if v, ok := ParseVersion(s); ok || !v.IsZero() {
			t.Errorf("ParseVersion(%q) = %v, %v", s, v, ok)
		}
	}
}

func TestUnknownVersionIsTheNewest(t *testing.T) {
	t.Parallel()
	var unknown Version
	known := mustVersion("9999!9999")
	if unknown.Compare(known) <= 0 || known.Compare(unknown) >= 0 || unknown.Compare(unknown) != 0 || unknown.Before(known) || !known.Before(unknown) || unknown.String() != "" {
		t.Error("the unknown version does not come after all others")
	}
}
