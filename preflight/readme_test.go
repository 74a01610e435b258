package preflight_test

import (
	"flag"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestReadmeShowsWhatIsPrinted keeps the README's picture of a failing job what
// the program prints in the lab's world no-role.
func TestReadmeShowsWhatIsPrinted(t *testing.T) {
	var annotation, summary string
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)))
		w := scenario(t, "no-role").World()
		o := perform(t, w, nil)
		for _, c := range commands(t, o.stdout) {
			if c[1] == "error" {
				_, title, _ := strings.Cut(c[2], "title=")
				annotation = "> ❌ **" + strings.ReplaceAll(title, "%3A", ":") + "**\n>\n> `" + c[3] + "`\n"
			}
		}
		summary = quote(o.summary)
	})
	const name = "../README.md"
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	text := replacePart(t, string(data), "demo:annotation", annotation)
	text = replacePart(t, text, "demo:summary", summary)
	if text == string(data) {
		return
	}
	if flag.Lookup("update").Value.String() != "true" {
		t.Fatal("the README shows something else than what is printed: go test ./preflight -update")
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// quote is Markdown as a quotation, in which it renders as it would alone.
func quote(markdown string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimRight(markdown, "\n") + "\n") {
		b.WriteString(strings.TrimRight("> "+line, " \n") + "\n")
	}
	return b.String()
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
