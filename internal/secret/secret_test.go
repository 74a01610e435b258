package secret

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// value is what no printed form may show.
const value = "correct-horse-battery" // not a credential of anything

func TestTextNeverPrints(t *testing.T) {
	t.Parallel()
	type holder struct {
		Shown  Text
		hidden Text
		list   []Text
	}
	s := New(value)
	h := holder{s, s, []Text{s}}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, v := range []any{s, &s, h, &h, map[string]Text{"a": s}, []any{s}} {
			if got := fmt.Sprintf(format, v); strings.Contains(got, value) || strings.Contains(got, fmt.Sprintf("%x", value)) {
				t.Errorf("Sprintf(%q, %T) shows the value: %s", format, v, got)
			}
		}
	}
	data, err := json.Marshal(h)
	if err != nil || strings.Contains(string(data), value) {
		t.Errorf("JSON: %s, %v", data, err)
	}
	if s.Reveal() != value || s.IsZero() || !(Text{}).IsZero() || !New("").IsZero() || (Text{}).Reveal() != "" {
		t.Error("the value is lost")
	}
}
