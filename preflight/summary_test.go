package preflight_test

import (
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// wrongLook says what in a summary would scroll sideways or stand too low.
// GitHub's column is about 950 pixels wide: 112 characters of code.
func wrongLook(summary string) (wrong []string) {
	fix, table, block := -1, -1, false
	for n, line := range strings.Split(summary, "\n") {
		switch {
		case strings.HasPrefix(line, "```"):
			block = !block
		case block:
			if utf8.RuneCountInString(line) > 112 && strings.Contains(strings.TrimSpace(strings.TrimSuffix(line, ` \`)), " ") {
				wrong = append(wrong, "a line of code is too long: "+line)
			}
		case strings.HasPrefix(line, "|") && strings.Count(line, "|") > 4:
			wrong = append(wrong, "a table has more than three columns: "+line)
		case strings.HasPrefix(line, "|") && table < 0:
			table = n
		case strings.HasPrefix(line, "**Fix:**") && fix < 0:
			fix = n
		}
	}
	if strings.Contains(summary, "preflight: fail") && (fix < 0 || fix > 10 || table >= 0 && table < fix) {
		wrong = append(wrong, "a failure's fix does not come first")
	}
	return wrong
}

// TestSummaryFits looks at the summary of every world.
func TestSummaryFits(t *testing.T) {
	t.Parallel()
	for _, s := range azurelab.Scenarios() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := perform(t, s.World(), nil)
				for _, w := range wrongLook(o.summary) {
					t.Error(w)
				}
				if chain := strings.Split(o.summary, "\n")[2]; !regexp.MustCompile(`^(✅|❌|⏭️)\x{a0}`).MatchString(chain) {
					t.Errorf("no chain below the verdict: %q", chain)
				}
			})
		})
	}
}

// TestSummaryOfManyModels: of 300 models the one that failed is seen at once.
func TestSummaryOfManyModels(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, config := manyModels()
		config = strings.Replace(config, "azure/chat-3", "azure/gone", 1)
		o := perform(t, w, func(env map[string]string) {
			env["INPUT_LITELLM-CONFIG"] = "config.yaml"
			checkOut(t, env, map[string]string{"config.yaml": config})
		})
		for _, w := range wrongLook(o.summary) {
			t.Error(w)
		}
		open, folded, ok := strings.Cut(o.summary, "<details><summary>✅ 299 of 300 calls went well</summary>\n\n| | Deployment | Answer |\n")
		if !ok || strings.Count(open, "\n| ❌ |") != 1 || strings.Contains(open, "| ✅ |") || strings.Count(folded, "\n| ✅ |") != 299 {
			t.Errorf("the summary:\n%.3000s", o.summary)
		}
	})
}

// TestSummaryOfManyFailures: of many that failed a few are seen, with the fix
// above and what else was found not far below; the rest is folded.
func TestSummaryOfManyFailures(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, config := manyModels()
		for i := range w.Resources {
			w.Resources[i].Roles = nil
		}
		o := perform(t, w, func(env map[string]string) {
			env["INPUT_LITELLM-CONFIG"] = "config.yaml"
			checkOut(t, env, map[string]string{"config.yaml": config})
		})
		for _, w := range wrongLook(o.summary) {
			t.Error(w)
		}
		open, folded, ok := strings.Cut(o.summary, "<details><summary>290 more of 300 calls that did not go well</summary>\n\n| | Deployment | Answer |\n")
		if !ok || strings.Count(open, "\n| ❌ |") != 10 || strings.Count(folded, "\n| ❌ |") != 290 || !strings.Contains(open, "\nWhere: `config.yaml`, line ") {
			t.Errorf("the summary:\n%.3000s", o.summary)
		}
	})
}

// TestSummarySays looks at what single worlds have to show.
func TestSummarySays(t *testing.T) {
	t.Parallel()
	const solid = "\u00a0"
	for _, c := range []struct{ world, has, hasNot string }{
		{"rate-limited", "⚠️" + solid + "**Azure" + solid + "OpenAI**", "❌"},
		{"short-lived-token", "⚠️" + solid + "**claims**", "❌"},
		{"fork-skipped", "**Fix:** Nothing to do: untrusted: skip", "```"},
		{"no-permission", "\nWhere: `.github/workflows/", ""},
		{"model-hangs", "| no answer", "| none"},
	} {
		t.Run(c.world, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				for _, s := range azurelab.Scenarios() {
					if s.Name != c.world {
						continue
					}
					o := perform(t, s.World(), nil)
					if !strings.Contains(o.summary, c.has) || c.hasNot != "" && strings.Contains(o.summary, c.hasNot) {
						t.Errorf("the summary:\n%s", o.summary)
					}
					return
				}
				t.Fatal("there is no such world")
			})
		})
	}
}
