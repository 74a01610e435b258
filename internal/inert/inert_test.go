package inert

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aoai-preflight/aoai-preflight/internal/actionsrunner"
)

func TestLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"plain", "Access denied.", "Access denied."},
		{"newlines and tabs", "a\r\n\tb\n\nc ", "a b c"},
		{"separators", "a\u2028b\u2029c\u0085d", "a b c d"},
		{"colour", "\x1b[31mred\x1b[0m", "[31mred [0m"},
		{"old command", "x ##[error]boo", "x ##\u200b[error]boo"},
		{"new command", "  ::error::boo", "\u200b::error::boo"},
		{"command behind a newline", "a\n::error::boo", "a ::error::boo"},
		{"hidden characters that would hide a command", "#\u200b#[error]", "##\u200b[error]"},
		{"bidirectional", "abc\u202edef", "abcdef"},
		{"invalid", "a\xff\xfeb", "ab"},
		{"characters that no comparison of the runner's counts", "#\u2064#\ufe0f[error]\u034fa :\u180e:b", "##\u200b[error]a ::b"},
		{"a command behind one", "\u061c\U000e0101::error::boo", "\u200b::error::boo"},
	} {
		if got := Line(c.in); got != c.want {
			t.Errorf("%s: Line(%q) = %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

func TestMarkdownIsText(t *testing.T) {
	t.Parallel()
	in := "![x](https://evil.example/a.png) <img src=x> @octocat #12 `code` | cell\n# head"
	got := Markdown(in)
	// What is escaped is only text.
	got = regexp.MustCompile("\\\\[\\\\`*_\\[\\]|~$]").ReplaceAllString(got, "")
	for _, live := range []string{"![", "](", "`", "|", "<img", "://", "@octocat", " #1", "\n"} {
		if strings.Contains(got, live) {
			t.Errorf("Markdown(%q) = %q still holds %q", in, got, live)
		}
	}
}

// TestMarkdownIsNoBlock: what begins a list or is a link without any mark-up.
func TestMarkdownIsNoBlock(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"1. one": `1\. one`, "12) b": `12\) b`, "- a": `\- a`, "1.5": `1\.5`, ". a": ". a", "v1. a": "v1. a",
		"WwW.a.b": "WwW\u200b.a.b", "HTTP://a": "HTTP:\u200b//a", "gh-1": "gh\u200b-1", "//a": "//a", "a-b": "a-b",
	} {
		if got := Markdown(in); got != want {
			t.Errorf("Markdown(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestJSON: the values are the same, and nothing acts on the text.
func TestJSON(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"", "##[error]x", "a\u009bb\u202ec\u2028d", "####[[", "ü→\U0001f600", "\U000e0041x", `\##[`} {
		data, err := json.Marshal(map[string]string{"a": in})
		if err != nil {
			t.Fatal(err)
		}
		var out map[string]string
		got := JSON(data)
		if err := json.Unmarshal(got, &out); err != nil || out["a"] != in {
			t.Errorf("JSON(%s) = %s, which is %q, %v", data, got, out["a"], err)
		}
		if strings.Contains(string(got), "##[") || strings.ContainsAny(string(got), "\u009b\u202e\u2028") {
			t.Errorf("JSON(%s) = %s", data, got)
		}
	}
}

func TestCode(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":        "",
		"a":       "`a`",
		"a`b":     "`` a`b ``",
		"a|b":     "`a¦b`",
		"``x\ny|": "``` ``x y¦ ```",
	} {
		if got := Code(in); got != want {
			t.Errorf("Code(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestBlockCannotBeLeft(t *testing.T) {
	t.Parallel()
	got := Block("sh", "a\n```\n![x](y)")
	if !strings.HasPrefix(got, "````sh\n") || !strings.HasSuffix(got, "\n````\n") {
		t.Errorf("Block = %q", got)
	}
}

func TestClip(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{{"abc", 3, "abc"}, {"abcdef", 5, "ab…"}, {"äöüäöü", 8, "äö…"}, {"abcdef", 2, ""}} {
		if got := Clip(c.in, c.n); got != c.want || len(got) > c.n {
			t.Errorf("Clip(%q, %d) = %q, want %q", c.in, c.n, got, c.want)
		}
	}
}

// hostile are the seeds of what somebody might say.
var hostile = []string{
	"##[add-mask]x", " \u200b::error::x", "a\r\n::set-output name=a::b", "#\u2064#\ufe0f[error]x", "<img src=x>", "[a](https://a.example) ![b](c) <https://d>", "@octocat #12 GH-3 a@b.example",
	"WWW.a.example ftp://b", "`` ` ```", "a | b \\| c \\\\", "*a* _b_ ~~c~~ $d$ ~~~", "# a", "12) a", "> a", "====", "```\n# a\n```", "&lt;&#64;x&copy;", "</details>", "\x1b]8;;https://a\x07\u009b31m", "\u202ea\u061c",
	"\xff\xfe", "a\u2028b\u0085c", "- [x] a", "\\`", "a\\", "",
}

// FuzzLine: a line is one line of text, for a runner and a terminal.
func FuzzLine(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Line(s)
		checkText(t, got)
		if strings.Contains(got, "\n") || strings.Contains(got, "##[") || strings.HasPrefix(strings.TrimLeft(got, " \t"), "::") {
			t.Errorf("Line(%q) = %q", s, got)
		}
		if again := Line(got); again != got && !strings.Contains(got, zeroWidth) {
			t.Errorf("Line is not stable: %q, %q", got, again)
		}
		for _, n := range []int{1, 5, 40} {
			if c := Clip(got, n); len(c) > n || !utf8.ValidString(c) {
				t.Errorf("Clip(%q, %d) = %q", got, n, c)
			}
		}
		checkText(t, Lines(s))
	})
}

// FuzzMarkdown: what is escaped, shown as code or put into a block is text, in
// a paragraph, a list and a table.
func FuzzMarkdown(f *testing.F) {
	for i, s := range hostile {
		f.Add(s, hostile[(i+5)%len(hostile)])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		markdown := Markdown(a) + "\n\n- " + Markdown(b) + "\n\n| " + Markdown(a) + " | " + Code(b) + " |\n|---|---|\n| " + Code(a) + " | " + Markdown(b) + " " + Code(a) + " |\n\n" +
			Block("sh", a) + "\n" + Markdown(a) + " " + Code(b) + " " + Markdown(b) + "\n"
		for _, live := range actionsrunner.Live(markdown, func(s string) string { return s }) {
			t.Error(live)
		}
		checkText(t, markdown)
	})
}

// FuzzJSON: a value comes back as it was, and the text can be printed.
func FuzzJSON(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		data, err := json.MarshalIndent([]string{s, "##[" + s}, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		got := JSON(data)
		checkText(t, string(got))
		var before, after []string
		if json.Unmarshal(data, &before) != nil || json.Unmarshal(got, &after) != nil || !slices.Equal(before, after) {
			t.Errorf("%q is %q", before, after)
		}
	})
}

// checkText: a text holds no command and nothing that a terminal acts on.
func checkText(t *testing.T, s string) {
	t.Helper()
	for _, c := range actionsrunner.Commands(s) {
		t.Errorf("the runner would execute %q", c.Line)
	}
	if what := actionsrunner.Unprintable(s); what != "" {
		t.Errorf("%s in %q", what, s)
	}
}
