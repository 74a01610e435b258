package preflight_test

import (
	"flag"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestReadmeShowsWhatIsPrinted keeps the README's annotation, and the texts
// beside its pictures, what the program prints in the lab's worlds no-role and
// healthy. The pictures are made of these texts: scripts/pictures.
func TestReadmeShowsWhatIsPrinted(t *testing.T) {
	summaries := map[string]string{"healthy": "", "no-role": ""}
	var annotation string
	for world := range summaries {
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(time.Until(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)))
			o := perform(t, scenario(t, world).World(), nil)
			summaries[world] = o.summary
			for _, c := range commands(t, o.stdout) {
				if c[1] == "error" {
					_, title, _ := strings.Cut(c[2], "title=")
					annotation = "> ❌ **" + strings.ReplaceAll(title, "%3A", ":") + "**\n>\n> `" + c[3] + "`\n"
				}
			}
		})
	}
	shownIn(t, "../README.md", func(text string) string { return replacePart(t, text, "demo:annotation", annotation) })
	shownIn(t, "../docs/images/fail.md", func(string) string { return summaries["no-role"] })
	shownIn(t, "../docs/images/pass.md", func(string) string { return summaries["healthy"] })
}

// shownIn compares a file with what it should be made into, or makes it that.
func shownIn(t *testing.T, name string, change func(old string) string) {
	t.Helper()
	update := flag.Lookup("update").Value.String() == "true"
	data, err := os.ReadFile(name)
	if err != nil && !update {
		t.Fatal(err)
	}
	now := change(string(data))
	if now == string(data) {
		return
	}
	if !update {
		t.Fatalf("%s shows something else than what is printed: go test ./preflight -update -run Readme", name)
	}
	if err := os.WriteFile(name, []byte(now), 0o644); err != nil {
		t.Fatal(err)
	}
}

func replacePart(t *testing.T, text, name, content string) string {
	t.Helper()
	head, rest, ok := strings.Cut(text, "<!-- "+name+" -->\n")
	_, tail, ok2 := strings.Cut(rest, "<!-- /demo -->")
	if !ok || !ok2 {
		t.Fatalf("the README has no part %s", name)
	}
	return head + "<!-- " + name + " -->\n" + content + "<!-- /demo -->" + tail
}
